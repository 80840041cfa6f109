"""The weeks before: what schedules asked for and people did, as the store would tell it now.

Nothing of it is run. Jobs are stored, claimed and settled by a clock that is wound through those
weeks, so statistics, failures, attempts and logs are what they would be.
"""

import json
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final

import msgspec

from examples.demo.cast import USUAL, Deed
from tidemill import Tidemill
from tidemill.core.error_info import ErrorInfo
from tidemill.core.identity import new_id
from tidemill.core.instants import Instant, Millis
from tidemill.core.job import Claim, NewJob, Progress
from tidemill.core.lease import WORKER
from tidemill.core.note import Note
from tidemill.core.outcome import Done, Failed, Outcome
from tidemill.core.record import NewEntry
from tidemill.core.verdict import Settlement, judge
from tidemill.core.want import Want
from tidemill.engines.protocol import Engine
from tidemill.events.subscription import KIND as SUBSCRIPTION
from tidemill.schedules.schedule import KIND, Schedule, of_record, record_of
from tidemill.testing import ManualClock

HOUR: Final[Millis] = 3_600_000
DAY: Final[Millis] = 24 * HOUR
_LOT: Final = 1_000


class Past:
    """Tells a store what was."""

    def __init__(
        self, app: Tidemill, clock: ManualClock, deeds: Iterable[tuple[Sequence[str], Deed]]
    ) -> None:
        """Prepare.

        Args:
            app: knows every task, and goes by the clock.
            clock: stands where the weeks begin.
            deeds: what was done, and for which tenants.
        """
        self._app = app
        self._clock = clock
        self._deeds = list(deeds)
        self._by_task = {deed.task: deed for _, deed in self._deeds}
        self._dice = random.Random("tidemill")  # noqa: S311 - guards nothing
        self._engine: Engine = app.open()
        length = 400 * DAY
        lease = self._engine.leases.take(WORKER + new_id(), "tide-1", length).wait()
        assert lease is not None  # the store is this one's alone
        self._lease = lease

    def tell(self, until: Instant, say: Callable[[float], object] = lambda _: None) -> int:
        """Go through the weeks, hour by hour; answer how many jobs there were.

        Args:
            until: when they end.
            say: is told the share that has been gone through.
        """
        begin, told = self._clock.now(), 0
        schedules = self._schedules()
        while (now := self._clock.now()) + HOUR <= until:
            jobs = [*self._ticks(schedules, now), *self._asked(now)]
            for lot in range(0, len(jobs), _LOT):
                self._engine.jobs.insert(jobs[lot : lot + _LOT]).wait()
            told += len(jobs)
            self._work()
            self._clock.advance(f"{HOUR}ms")
            say((now - begin) / max(until - begin, 1))
        self._move_on(schedules, until)
        self._let_handlers_begin()
        self._engine.leases.give_back(self._lease).wait()
        return told

    def _let_handlers_begin(self) -> None:
        """Forget how far handlers of events have come: nobody is to hear of the weeks before."""
        for each in self._engine.records.find(SUBSCRIPTION).wait():
            self._engine.records.delete(SUBSCRIPTION, each.key).wait()

    def _schedules(self) -> list[Schedule]:
        found = self._engine.records.find(KIND).wait()
        return [of_record(record) for record in found]

    def _ticks(self, schedules: Sequence[Schedule], now: Instant) -> Iterator[NewJob]:
        """What schedules ask for in this hour; of those that do so often, a few times."""
        for schedule in schedules:
            tick = schedule.tick_after(now - 1)
            if tick is not None and tick < now + HOUR and not schedule.paused:
                yield msgspec.structs.replace(schedule.job_of(tick), due_at=None)

    def _asked(self, now: Instant) -> Iterator[NewJob]:
        """What people ask for in this hour: by day, mostly, and not on Sundays."""
        hour, day = (now // HOUR + 10) % 24, (now // DAY + 4) % 7
        busy = (0.2 if hour < 7 or hour > 19 else 1.6) * (0.3 if day == 0 else 1.1)
        client = self._app.client
        for tenants, deed in self._deeds:
            expected = deed.per_day / 24 * busy
            for _ in range(int(expected) + (self._dice.random() < expected % 1)):
                tenant = self._dice.choice(tenants)
                wishes: Any = {"tenant": tenant}
                bound = client.bound(deed.task, deed.arguments(self._dice), wishes)
                yield bound.new_job(tenant, self._clock)

    def _work(self) -> None:
        """Have all that is due done."""
        self._engine.jobs.promote(_LOT).wait()
        while claims := self._engine.jobs.claim(Want(self._lease, _LOT)).wait().jobs:
            begun = self._clock.now()
            if notes := [note for claim in claims for note in self._noted(claim, begun)]:
                self._engine.jobs.annotate(notes).wait()
            settled = [self._settled(claim, begun) for claim in claims]
            self._engine.jobs.settle(settled).wait()

    def _of(self, claim: Claim) -> Deed:
        return self._by_task.get(claim.task, USUAL)

    def _noted(self, claim: Claim, now: Instant) -> Iterator[Note]:
        deed = self._of(claim)
        if deed.says:
            line = json.dumps({"message": deed.says}).encode()
            entry = NewEntry("info", line, tenant=claim.tenant)
            yield Note(claim, Progress(100.0, deed.says, 1, 1, now), None, (entry,))

    def _settled(self, claim: Claim, begun: Instant) -> Settlement:
        least, most = self._of(claim).seconds
        took = int(1_000 * _dice_of(claim).uniform(least, most))
        return judge(claim, self._outcome(claim), begun + took, self._dice.random())

    def _outcome(self, claim: Claim) -> Outcome:
        deed, dice = self._of(claim), _dice_of(claim)
        dies, fails = dice.random() < deed.dies, dice.random() < deed.fails
        if dies or (fails and claim.attempt == 1):
            kind, message = deed.error
            place = f'  File "work.py", line 42, in {claim.task.rpartition(".")[2]}'
            trace = f"Traceback (most recent call last):\n{place}\n{kind}: {message}"
            return Failed(ErrorInfo(kind, message, trace))
        result = deed.result(dice)
        return Done(None if result is None else json.dumps(result).encode())

    def _move_on(self, schedules: Sequence[Schedule], now: Instant) -> None:
        """Have schedules stand where they would, so that nothing of this is made up for."""
        for schedule in schedules:
            if schedule.next_at is not None:
                moved = msgspec.structs.replace(schedule, next_at=schedule.tick_after(now))
                put = record_of(moved, expected=schedule.version)
                self._engine.records.put(put).wait()


def _dice_of(claim: Claim) -> random.Random:
    """The same for every attempt of a job."""
    return random.Random(claim.id)  # noqa: S311 - guards nothing
