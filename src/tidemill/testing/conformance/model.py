"""Any engine behaves like the memory engine, whatever is asked of it and in whatever order.

Hypothesis draws sequences of verbs; each is put to both engines, on one clock, and the answers
must be equal, errors included; so must everything that can be read afterwards. To run it on an
engine of your own:

    class MyModel(EngineModel):
        def make_engine(self, clock: Clock, folder: Path) -> Engine:
            return MyEngine(folder / "jobs", clock)

    TestMyEngine = MyModel.TestCase
"""

import math
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tidemill.core.change import (
    Cancel,
    Change,
    Changed,
    Delete,
    Move,
    Postpone,
    PutBack,
    Reprioritise,
    Retry,
    RunNow,
    Which,
)
from tidemill.core.earlier import Earlier
from tidemill.core.errors import TidemillError
from tidemill.core.graph import Edge
from tidemill.core.job import Claim, NewJob, Progress
from tidemill.core.lease import WORKER, Lease
from tidemill.core.limits import KeyLimit, KeyRate, Rate
from tidemill.core.note import Note
from tidemill.core.outcome import Snoozed
from tidemill.core.query import Bucket, JobFilter, StatisticsQuery
from tidemill.core.record import AUDIT, EVENTS, Entry, NewEntry, job_log
from tidemill.core.retention import Keep
from tidemill.core.rules import Rules
from tidemill.core.verdict import judge
from tidemill.core.want import Claimed, Promoted, Want
from tidemill.engines import open_engine
from tidemill.engines.protocol import Engine
from tidemill.loops.call import Call, Then
from tidemill.loops.clock import Clock
from tidemill.testing.clock import ManualClock
from tidemill.testing.conformance.draws import (
    AUDITS,
    KEYS,
    POLICY,
    QUEUES,
    SOON,
    STEPS,
    TASKS,
    TENANTS,
    filters,
    outcomes,
    rules,
    uniques,
)
from tidemill.testing.sample import comparable

T = TypeVar("T")


class Twin:
    """Two engines that are asked the same."""

    def __init__(self, engine: Engine, model: Engine) -> None:
        """Open both."""
        self._engines = (engine, model)
        for each in self._engines:
            each.open().wait()

    def ask(self, question: Callable[[Engine], Call[T]]) -> T | None:
        """Put a question to both; their answers, or their errors, must be equal."""
        answers = [self._answer(engine, question) for engine in self._engines]
        assert answers[0] == answers[1], f"engine: {answers[0]}\n model: {answers[1]}"
        return None if isinstance(answers[0], type) else answers[0]

    def close(self) -> None:
        """Close both."""
        for each in self._engines:
            each.close().wait()

    @staticmethod
    def _answer(engine: Engine, question: Callable[[Engine], Call[T]]) -> Any:
        try:
            return comparable(question(engine).wait())
        except TidemillError as error:
            return type(error)


def _statistics(engine: Engine, query: StatisticsQuery) -> Call[tuple[Bucket, ...]]:
    return engine.reader.statistics(query)


def _counts(engine: Engine, tenant: str | None) -> Call[Any]:
    return Then(engine.reader.counts(tenant), lambda found: tuple(sorted(found, key=str)))


def _without_positions(lines: tuple[Entry, ...]) -> list[Entry]:
    """The lines of a log; which positions are left out is the engine's own business."""
    return [msgspec.structs.replace(line, position=0) for line in lines]


def _told(lines: tuple[Entry, ...]) -> list[tuple[Any, ...]]:
    """What the event log says, whatever the order of the jobs of one step."""
    told = []
    for line in lines:
        data = msgspec.json.decode(line.data)
        facts = sorted(map(str, data["jobs"])) if "jobs" in data else [str(data)]
        told.append((line.at, line.topic, line.tenant, facts))
    return sorted(told)


class EngineModel(RuleBasedStateMachine):
    """Verbs in any order, put to an engine and to the memory engine; see the module."""

    def make_engine(self, clock: Clock, folder: Path) -> Engine:
        """The engine under test, not yet opened, over an empty folder; for you to say."""
        raise NotImplementedError

    def __init__(self) -> None:
        super().__init__()
        self.clock = ManualClock()
        self.folder = tempfile.TemporaryDirectory()
        engine = self.make_engine(self.clock, Path(self.folder.name))
        self.engines = (engine, open_engine("memory://", clock=self.clock))
        self.twin = Twin(*self.engines)
        self.jobs: list[str] = []
        self.leases: list[Lease] = []
        self.claims: list[tuple[Claim, Claim]] = []
        self.earlier: list[tuple[tuple[Earlier, ...], tuple[Earlier, ...]]] = []

    def teardown(self) -> None:
        self.twin.close()
        self.folder.cleanup()

    @initialize()
    def start_a_worker(self) -> None:
        self.take_a_lease(60_000)

    @rule(length=st.sampled_from([1_000, 60_000]))
    def take_a_lease(self, length: int) -> None:
        name = f"{WORKER}{len(self.leases)}"
        lease = self.twin.ask(lambda e: e.leases.take(name, "model", length))
        if lease is not None:
            self.leases.append(lease)

    @rule(number=st.integers(0, 20), give_back=st.booleans())
    def renew_or_give_back(self, number: int, *, give_back: bool) -> None:
        lease = self.leases[number % len(self.leases)]
        if give_back:
            self.twin.ask(lambda e: e.leases.give_back(lease))
        else:
            self.twin.ask(lambda e: e.jobs.renew(lease, 60_000, b"{}"))

    @rule(data=st.data(), count=st.integers(1, 3))
    def insert(self, data: st.DataObject, count: int) -> None:
        new = [self._new_job(data, len(self.jobs) + n) for n in range(count)]
        are_new = len({job.id for job in new}.difference(self.jobs)) == count
        fresh = are_new and data.draw(st.booleans())
        audit = data.draw(AUDITS)
        self.twin.ask(lambda e: e.jobs.insert(new, fresh_ids=fresh, audit=audit))
        self.jobs.extend(job.id for job in new)

    def _new_job(self, data: st.DataObject, number: int) -> NewJob:
        now = self.clock.now()
        known = st.sampled_from(self.jobs or ["nobody"])
        key = st.sampled_from(KEYS)
        return NewJob(
            id=f"job-{number}" if data.draw(st.integers(0, 9)) else data.draw(known),
            task=data.draw(st.sampled_from(TASKS)),
            queue=data.draw(st.sampled_from(QUEUES)),
            tenant=data.draw(st.sampled_from(TENANTS)),
            priority=data.draw(st.integers(-1, 1)),
            args=f'{{"n":{number}}}'.encode(),
            due_at=data.draw(st.none() | SOON.map(lambda x: now + x)),
            expires_at=data.draw(st.none() | st.none() | SOON.map(lambda x: now + x)),
            retry=POLICY,
            unique=data.draw(st.none() | st.none() | uniques),
            limit=data.draw(st.none() | st.builds(KeyLimit, key, st.integers(1, 2))),
            rate=data.draw(st.none() | st.builds(KeyRate, key, st.just(Rate(2, 1_000)))),
            after=data.draw(
                st.just(())
                | st.lists(
                    st.builds(Edge, known, st.sampled_from(["cancel", "run"])),
                    max_size=2,
                    unique_by=lambda edge: edge.parent,
                ).map(tuple)
            ),
            batch=data.draw(st.none() | st.none() | st.none() | known),
            tags=data.draw(st.sampled_from([(), ("red",), ("red", "blue")])),
        )

    @rule(
        number=st.integers(0, 20),
        limit=st.integers(1, 4),
        queues=st.sampled_from([None, QUEUES[:1]]),
        without=st.sampled_from([(), (), TASKS[:1]]),
        at_once=st.sampled_from([None, 0, 1]),
        apart=st.booleans(),
    )
    def claim(self, number: int, limit: int, **wishes: Any) -> None:
        want = Want(self.leases[number % len(self.leases)], limit, **wishes)
        held: list[tuple[Claim, ...]] = []

        def keep(claimed: Claimed) -> Claimed:
            held.append(claimed.jobs)
            return claimed

        def question(engine: Engine) -> Call[Claimed]:
            return Then(engine.jobs.claim(want), keep)

        self.twin.ask(question)
        if len(held) == len(self.engines):
            self.claims.extend(zip(held[0], held[1], strict=True))

    @rule(data=st.data(), count=st.integers(1, 3))
    def settle(self, data: st.DataObject, count: int) -> None:
        """Claims are drawn from all there ever were, so that stale ones are settled, too."""
        if not self.claims:
            return
        now = self.clock.now()
        picked = [data.draw(st.sampled_from(self.claims)) for _ in range(count)]
        ends = [
            data.draw(outcomes | st.builds(Snoozed, SOON.map(lambda x: now + x))) for _ in picked
        ]

        def question(engine: Engine) -> Call[Any]:
            mine = self.engines.index(engine)
            batch = [
                judge(pair[mine], end, now, 0.5) for pair, end in zip(picked, ends, strict=True)
            ]
            return engine.jobs.settle(batch)

        self.twin.ask(question)

    @rule(data=st.data())
    def annotate(self, data: st.DataObject) -> None:
        if not self.claims:
            return
        pair = data.draw(st.sampled_from(self.claims))
        line = NewEntry("info", b'{"message":"here"}')

        def question(engine: Engine) -> Call[Any]:
            claim = pair[self.engines.index(engine)]
            note = Note(claim, Progress(50, "half"), b"[1]", (line,))
            return engine.jobs.annotate([note])

        self.twin.ask(question)
        self.twin.ask(lambda e: e.records.read(job_log(pair[0].id)))

    @rule(length=st.sampled_from([1, 999, 1_000, 5_000, 120_000]))
    def let_time_pass(self, length: int) -> None:
        self.clock.advance(length / 1_000)

    @rule(length=st.sampled_from([-60_000, 90_000]))
    def set_the_wall_clock(self, length: int) -> None:
        self.clock.jump(length)

    @rule()
    def promote(self) -> None:
        moments: list[float] = []

        def question(engine: Engine) -> Call[Any]:
            def keep(promoted: Promoted) -> tuple[int, bool]:
                moments.append(promoted.next_at or math.inf)
                return promoted.count, promoted.more

            return Then(engine.jobs.promote(1_000), keep)

        self.twin.ask(question)
        assert moments[0] <= moments[1], "the engine would come back too late"

    @rule(new=rules, expected=st.sampled_from([None, None, 0, 1]), audit=AUDITS)
    def set_rules(self, new: Rules, expected: int | None, audit: tuple[NewEntry, ...]) -> None:
        self.twin.ask(lambda e: e.jobs.rule(new, expected=expected, audit=audit))

    @rule(data=st.data())
    def change(self, data: st.DataObject) -> None:
        now = self.clock.now()
        wishes: list[Change] = [Cancel("unwanted"), Retry(), RunNow(), Postpone(now + 5_000)]
        wishes += [Reprioritise(1), Move(QUEUES[1]), Delete()]
        wish = data.draw(st.sampled_from(wishes))
        by_filter = filters.map(lambda found: Which(filter=found))
        by_ids = st.lists(st.sampled_from(self.jobs or ["nobody"]), max_size=3, unique=True)
        tenant = data.draw(st.sampled_from([None, None, *TENANTS]))
        which = data.draw(by_filter | by_ids.map(lambda ids: Which(tuple(ids), tenant=tenant)))
        audit = data.draw(AUDITS)

        before: list[tuple[Earlier, ...]] = []

        def keep(done: Changed) -> tuple[str, ...]:
            before.append(done.earlier)
            return done.ids

        def question(engine: Engine) -> Call[Any]:
            # The cursor is the engine's own, so everything meant is done in one slice.
            return Then(engine.jobs.change(which, wish, limit=1_000, audit=audit), keep)

        self.twin.ask(question)
        if len(before) == len(self.engines) and before[0]:
            self.earlier.append((before[0], before[1]))

    @rule(data=st.data())
    def put_back(self, data: st.DataObject) -> None:
        """What was changed is drawn from all that ever was, so that much has happened since."""
        if not self.earlier:
            return
        pair = data.draw(st.sampled_from(self.earlier[::-1]))

        def question(engine: Engine) -> Call[Any]:
            to = pair[self.engines.index(engine)]
            which = Which(tuple(each.id for each in to))
            return Then(engine.jobs.change(which, PutBack(to)), lambda done: done.ids)

        self.twin.ask(question)

    @rule(age=st.sampled_from([0, 5_000, 60_000]))
    def prune(self, age: int) -> None:
        keep = Keep(
            completed=age,
            failed=age,
            cancelled=age,
            entries=age,
            audit=age,
            minutes=age,
            hours=age,
        )
        self.twin.ask(lambda e: e.jobs.prune(keep, 10_000))

    @invariant()
    def all_that_can_be_read_is_equal(self) -> None:
        self.twin.ask(lambda e: Then(e.reader.find(JobFilter(), limit=1_000), lambda p: p.jobs))
        self.twin.ask(lambda e: e.reader.get(self.jobs))
        for tenant in (None, *TENANTS):
            self.twin.ask(partial(_counts, tenant=tenant))
        self.twin.ask(lambda e: e.reader.rules())
        self.twin.ask(lambda e: e.reader.expired(1_000))
        self.twin.ask(lambda e: e.leases.find(WORKER))

    @invariant()
    def what_is_told_and_counted_is_equal(self) -> None:
        for step in STEPS:
            query = StatisticsQuery(step=step, from_at=0, before=self.clock.now() + 1)
            self.twin.ask(partial(_statistics, query=query))
        self.twin.ask(lambda e: Then(e.records.read(EVENTS, limit=1_000), _told))
        self.twin.ask(lambda e: Then(e.records.read(AUDIT, limit=1_000), _without_positions))
