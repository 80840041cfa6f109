"""What a running job says of itself is kept while its fence holds, and outlives its attempts."""

import pytest

from tidemill.core.errors import WrongTransaction
from tidemill.core.job import Claim, Progress
from tidemill.core.note import Note
from tidemill.core.outcome import Done, Interrupted, Outcome
from tidemill.core.record import Entry, NewEntry, job_log
from tidemill.core.verdict import Receipt
from tidemill.engines.protocol import Engine
from tidemill.testing.clock import START, ManualClock
from tidemill.testing.conformance.steps import (
    FAIL,
    GIVE_UP,
    TEN_SECONDS,
    claim_one,
    insert,
    look,
    settle,
    start_worker,
)
from tidemill.testing.sample import a_job

HALF = Progress(50.0, "Rendering", step=1, of=2, at=START)


def hold(engine: Engine) -> Claim:
    """A job that a new worker runs."""
    insert(engine, a_job(retry=TEN_SECONDS))
    return claim_one(engine, start_worker(engine))


def annotate(engine: Engine, *notes: Note) -> tuple[Receipt, ...]:
    """Hand notes in, in one call."""
    return engine.jobs.annotate(notes).wait()


class TestAnnotating:
    """`jobs.annotate`."""

    def test_progress_is_kept_as_it_was_said(self, engine: Engine) -> None:
        claimed = hold(engine)
        assert annotate(engine, Note(claimed, progress=HALF)) == (Receipt.APPLIED,)
        assert look(engine, claimed.id).progress == HALF

    def test_newer_progress_takes_the_place_of_older(self, engine: Engine) -> None:
        claimed = hold(engine)
        annotate(engine, Note(claimed, progress=HALF))
        annotate(engine, Note(claimed, progress=Progress(75.5)))
        assert look(engine, claimed.id).progress == Progress(75.5)

    def test_of_two_notes_of_one_call_the_later_stands(self, engine: Engine) -> None:
        claimed = hold(engine)
        notes = [Note(claimed, progress=Progress(share)) for share in (10.0, 20.0)]
        assert annotate(engine, *notes) == (Receipt.APPLIED, Receipt.APPLIED)
        assert look(engine, claimed.id).progress == Progress(20.0)

    def test_what_a_note_does_not_say_stays(self, engine: Engine) -> None:
        claimed = hold(engine)
        annotate(engine, Note(claimed, progress=HALF))
        annotate(engine, Note(claimed, checkpoint=b'{"row":7}'))
        annotate(engine, Note(claimed))
        annotate(engine, Note(claimed, lines=(NewEntry("info", b'"hello"'),)))
        annotate(engine, Note(claimed, progress=HALF))
        stored = look(engine, claimed.id)
        assert (stored.progress, stored.checkpoint) == (HALF, b'{"row":7}')

    @pytest.mark.parametrize("outcome", [FAIL, Interrupted()], ids=type)
    def test_a_checkpoint_is_handed_to_the_next_attempt(
        self, engine: Engine, clock: ManualClock, outcome: Outcome
    ) -> None:
        claimed = hold(engine)
        assert claimed.checkpoint is None
        annotate(engine, Note(claimed, checkpoint=b'{"row":7}'))
        annotate(engine, Note(claimed, checkpoint=b'{"row":8}'))
        settle(engine, clock, claimed, outcome)
        clock.advance("10s")
        engine.jobs.promote(10).wait()
        assert claim_one(engine, start_worker(engine)).checkpoint == b'{"row":8}'

    @pytest.mark.parametrize("outcome", [Done(), GIVE_UP, FAIL], ids=type)
    def test_progress_and_checkpoint_outlive_the_attempt(
        self, engine: Engine, clock: ManualClock, outcome: Outcome
    ) -> None:
        claimed = hold(engine)
        annotate(engine, Note(claimed, progress=HALF, checkpoint=b'{"row":7}'))
        settle(engine, clock, claimed, outcome)
        stored = look(engine, claimed.id)
        assert (stored.progress, stored.checkpoint) == (HALF, b'{"row":7}')

    def test_lines_go_to_the_log_of_the_job_in_order(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        claimed = hold(engine)
        said = [NewEntry("info", f'"line {n}"'.encode(), "acme", "worker 1") for n in range(3)]
        annotate(engine, Note(claimed, lines=tuple(said[:2])))
        clock.advance("1s")
        annotate(engine, Note(claimed, lines=tuple(said[2:])))
        lines = engine.records.read(job_log(claimed.id)).wait()
        assert lines == tuple(
            Entry(line.position, at, "info", "acme", "worker 1", new.data)
            for line, new, at in zip(lines, said, (START, START, START + 1_000), strict=True)
        )

    def test_each_job_has_a_log_of_its_own(self, engine: Engine) -> None:
        one, other = hold(engine), hold(engine)
        line = NewEntry("info", b'"hello"')
        annotate(engine, Note(one, lines=(line,)), Note(other, lines=(line, line)))
        assert len(engine.records.read(job_log(one.id)).wait()) == 1
        assert len(engine.records.read(job_log(other.id)).wait()) == 2

    @pytest.mark.parametrize("outcome", [Done(), GIVE_UP], ids=type)
    def test_a_job_that_has_finished_takes_the_lines_of_its_last_attempt(
        self, engine: Engine, clock: ManualClock, outcome: Outcome
    ) -> None:
        claimed = hold(engine)
        settle(engine, clock, claimed, outcome)
        note = Note(claimed, HALF, b"1", (NewEntry("info", b'"late"'),))
        assert annotate(engine, note) == (Receipt.ALREADY,)
        stored = look(engine, claimed.id)
        assert (stored.progress, stored.checkpoint) == (None, None)
        (line,) = engine.records.read(job_log(claimed.id)).wait()
        assert line.data == b'"late"'

    @pytest.mark.parametrize("outcome", [FAIL, Interrupted()], ids=type)
    def test_a_job_that_no_longer_runs_takes_no_notes(
        self, engine: Engine, clock: ManualClock, outcome: Outcome
    ) -> None:
        claimed = hold(engine)
        settle(engine, clock, claimed, outcome)
        note = Note(claimed, HALF, b"1", (NewEntry("info", b'"late"'),))
        assert annotate(engine, note) == (Receipt.FENCED,)
        stored = look(engine, claimed.id)
        assert (stored.progress, stored.checkpoint) == (None, None)
        assert engine.records.read(job_log(claimed.id)).wait() == ()

    def test_a_transaction_of_another_kind_is_refused(self, engine: Engine) -> None:
        claimed = hold(engine)
        with pytest.raises(WrongTransaction):
            engine.jobs.annotate([Note(claimed, progress=HALF)], tx=object()).wait()
        assert look(engine, claimed.id).progress is None

    def test_a_worker_that_lost_its_job_is_not_listened_to(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        stale = hold(engine)
        settle(engine, clock, stale, Interrupted())
        fresh = claim_one(engine, start_worker(engine))
        notes = Note(stale, progress=Progress(99.0)), Note(fresh, progress=HALF)
        assert annotate(engine, *notes) == (Receipt.FENCED, Receipt.APPLIED)
        assert look(engine, fresh.id).progress == HALF
