"""Hints reach those who listen: what has come, what is to stop, that the log has grown."""

import queue

import pytest

from tidemill.core.change import Cancel, Retry, RunNow
from tidemill.core.errors import UnknownParent
from tidemill.core.graph import Edge
from tidemill.core.record import EVENTS, NewEntry
from tidemill.core.rules import KeyRules, QueueRules, Rules, TaskRules, TenantRules
from tidemill.core.signal import RESYNC, Signal
from tidemill.core.state import State
from tidemill.core.unique import UniqueClaim
from tidemill.engines.protocol import Engine
from tidemill.testing.clock import START, ManualClock
from tidemill.testing.conformance.steps import (
    SECOND,
    bring,
    change,
    claim,
    claim_one,
    insert,
    rule,
    settle,
    start_worker,
)
from tidemill.testing.sample import a_job

LAST = Signal("control", frozenset({"the last word"}))


def _fail(signal: Signal) -> None:
    raise RuntimeError(signal.kind)


class Ear:
    """A listener that can wait for what it is to hear."""

    def __init__(self, engine: Engine) -> None:
        """Begin to listen."""
        self._heard: queue.SimpleQueue[Signal] = queue.SimpleQueue()
        self.close = engine.signals.listen(self._heard.put)

    def hears(self, kind: str, *names: str) -> bool:
        """Whether it comes to hear a hint of this kind that means these, in 10 s at most.

        A hint without names means all, and so does one to look again for oneself.
        """
        try:
            while True:
                signal = self._heard.get(timeout=10)
                if signal == RESYNC or (
                    signal.kind == kind and (not signal.names or signal.names >= {*names})
                ):
                    return True
        except queue.Empty:
            return False

    def heard_nothing(self) -> bool:
        """Whether nothing at all has been heard so far."""
        return self._heard.empty()

    def kinds_before_last(self) -> set[str]:
        """The kinds of hints up to the last word, which must come."""
        kinds: set[str] = set()
        while (signal := self._heard.get(timeout=10)) != LAST:
            kinds.add(signal.kind)
        return kinds


class TestSignalling:
    """`signals.send` and `listen`, and who is told of what."""

    @pytest.mark.parametrize(
        "signal",
        [Signal("work", frozenset({"email", "default"})), Signal("event"), LAST],
        ids=lambda signal: signal.kind,
    )
    def test_every_listener_hears_what_is_sent(self, engine: Engine, signal: Signal) -> None:
        ears = [Ear(engine) for _ in range(3)]
        engine.signals.send(signal)
        assert all(ear.hears(signal.kind, *signal.names) for ear in ears)

    def test_who_no_longer_listens_hears_nothing(self, engine: Engine) -> None:
        gone, there = Ear(engine), Ear(engine)
        gone.close()
        engine.signals.send(LAST)
        assert there.hears(LAST.kind, *LAST.names)
        assert gone.heard_nothing()

    def test_a_listener_that_fails_harms_nobody(self, engine: Engine) -> None:
        engine.signals.listen(_fail)
        ear = Ear(engine)
        insert(engine, job := a_job(queue="email"))
        assert ear.hears("work", "email")
        assert claim_one(engine, start_worker(engine)).id == job.id

    def test_new_jobs_wake_listeners_by_queue(self, engine: Engine) -> None:
        ear = Ear(engine)
        insert(engine, a_job(queue="email"), a_job(queue="print"))
        assert ear.hears("work", "email", "print")

    def test_refused_jobs_wake_nobody(self, engine: Engine) -> None:
        ear = Ear(engine)
        with pytest.raises(UnknownParent):
            insert(engine, a_job(), a_job(after=(Edge("nowhere"),)))
        engine.signals.send(LAST)
        assert "work" not in ear.kinds_before_last()

    def test_jobs_that_become_due_wake_listeners_by_queue(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        insert(engine, a_job(queue="email", due_at=START + SECOND))
        clock.advance("1s")
        ear = Ear(engine)
        engine.jobs.promote(10).wait()
        assert ear.hears("work", "email")

    def test_a_job_whose_last_parent_is_done_wakes_listeners_by_queue(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        insert(engine, parent := a_job(), a_job(queue="email", after=(Edge(parent.id),)))
        held = claim_one(engine, start_worker(engine))
        ear = Ear(engine)
        settle(engine, clock, held)
        assert ear.hears("work", "email")

    def test_a_job_that_a_duplicate_makes_due_wakes_listeners_by_queue(
        self, engine: Engine
    ) -> None:
        key = UniqueClaim("k", on_duplicate="debounce")
        insert(engine, a_job(queue="email", unique=key, due_at=START + SECOND))
        ear = Ear(engine)
        insert(engine, a_job(queue="email", unique=key))
        assert ear.hears("work", "email")

    @pytest.mark.parametrize(
        "rules",
        [
            QueueRules(queue="email"),
            TaskRules(task="mail.send"),
            KeyRules(key="k", most=9),
            TenantRules(tenant="acme", most=9),
        ],
        ids=lambda rules: type(rules).__name__,
    )
    def test_rules_that_may_let_jobs_start_wake_listeners(
        self, engine: Engine, rules: Rules
    ) -> None:
        ear = Ear(engine)
        rule(engine, rules)
        assert ear.hears("work", "email")

    @pytest.mark.parametrize("state", [State.SCHEDULED, State.RETRYING, State.FAILED])
    def test_a_job_that_a_person_makes_due_wakes_listeners_by_queue(
        self, engine: Engine, clock: ManualClock, state: State
    ) -> None:
        job = bring(engine, clock, state, queue="email")
        ear = Ear(engine)
        change(engine, Retry() if state.finished else RunNow(), job.id)
        assert ear.hears("work", "email")

    def test_a_running_job_that_is_to_stop_is_named(self, engine: Engine) -> None:
        insert(engine, job := a_job())
        claim(engine, start_worker(engine))
        ear = Ear(engine)
        change(engine, Cancel(), job.id)
        assert ear.hears("control", job.id)

    def test_the_growth_of_the_event_log_is_told(self, engine: Engine) -> None:
        ear = Ear(engine)
        engine.records.append(EVENTS, [NewEntry("invoice.paid", b"{}")]).wait()
        assert ear.hears("event")

    def test_the_growth_of_another_log_is_not(self, engine: Engine) -> None:
        ear = Ear(engine)
        engine.records.append("diary", [NewEntry("note", b"{}")]).wait()
        engine.signals.send(LAST)
        assert "event" not in ear.kinds_before_last()


class TestSignallingAfterTheFact:
    """A hint is given when what it hints at can be found, never before."""

    def test_who_hears_of_work_finds_it(self, engine: Engine) -> None:
        job = a_job()
        found: queue.SimpleQueue[bool] = queue.SimpleQueue()

        def look(signal: Signal) -> None:
            if signal.kind == "work":
                found.put(engine.reader.get([job.id]).wait()[0] is not None)

        leave = engine.signals.listen(look)
        insert(engine, job)
        leave()
        assert found.get(timeout=10), "told of a job that could not be found yet"

    def test_who_hears_of_an_event_finds_it(self, engine: Engine) -> None:
        found: queue.SimpleQueue[bool] = queue.SimpleQueue()

        def look(signal: Signal) -> None:
            if signal.kind == "event":
                found.put(bool(engine.records.read(EVENTS).wait()))

        leave = engine.signals.listen(look)
        engine.records.append(EVENTS, [NewEntry("order.paid", b"{}")]).wait()
        leave()
        assert found.get(timeout=10), "told of an event that could not be read yet"
