"""Who has something done is kept with what was done, line behind line, and one tenant's apart."""

import msgspec
import pytest

from tidemill.core.change import Cancel, Which
from tidemill.core.errors import NotUnique, UnknownParent, VersionConflict, WrongTransaction
from tidemill.core.graph import Edge
from tidemill.core.identity import new_id
from tidemill.core.record import (
    AUDIT,
    CHAIN_BASE,
    EVENTS,
    ChainBase,
    Entry,
    NewEntry,
    Put,
    chained,
)
from tidemill.core.retention import DAY, Keep, Pruned
from tidemill.core.rules import QueueRules
from tidemill.core.state import State
from tidemill.core.unique import UniqueClaim
from tidemill.engines.protocol import Engine
from tidemill.testing.clock import ManualClock
from tidemill.testing.conformance.steps import insert, look, together
from tidemill.testing.sample import a_job

LINE = NewEntry("jobs.enqueue", b'{"by":"zoe"}', "acme", "user:zoe")


def said(engine: Engine) -> list[str]:
    """What the audit log says, in order."""
    return [line.topic for line in audit(engine)]


def audit(engine: Engine) -> tuple[Entry, ...]:
    """The audit log."""
    return engine.records.read(AUDIT, limit=10_000).wait()


def line(topic: str) -> NewEntry:
    """A line that says no more than that."""
    return NewEntry(topic, b"{}")


def is_whole(entries: tuple[Entry, ...], before: bytes = b"") -> bool:
    """Whether each line follows from the one before it."""
    for entry in entries:
        new = NewEntry(entry.topic, entry.data, entry.tenant, entry.source)
        before = chained(before, entry.at, new)
        if entry.digest != before:
            return False
    return True


class TestAuditing:
    """`audit=` of the verbs that people have done."""

    def test_a_line_comes_with_what_it_tells_of(self, engine: Engine) -> None:
        job = a_job()
        engine.jobs.insert([job], audit=[LINE]).wait()
        (kept,) = audit(engine)
        assert (kept.topic, kept.data, kept.tenant, kept.source) == (
            LINE.topic,
            LINE.data,
            LINE.tenant,
            LINE.source,
        )

    def test_every_verb_takes_lines_along(self, engine: Engine) -> None:
        (job,) = insert(engine, a_job())
        jobs, records = engine.jobs, engine.records
        jobs.insert([a_job()], audit=[line("plain")]).wait()
        jobs.insert([a_job(tags=("vip",))], audit=[line("tagged")]).wait()
        jobs.insert([a_job(), a_job(after=(Edge(job.id),))], audit=[line("after")]).wait()
        jobs.change(Which(ids=(job.id,)), Cancel(), audit=[line("change")]).wait()
        jobs.rule(QueueRules(queue="mail", paused=True), audit=[line("rule")]).wait()
        records.put(Put("user", "zoe", b"{}"), audit=[line("put")]).wait()
        records.delete("user", "zoe", audit=[line("delete")]).wait()
        records.append(EVENTS, [line("paid")], audit=[line("emit"), line("twice")]).wait()
        assert said(engine) == [
            "plain", "tagged", "after", "change", "rule", "put", "delete", "emit", "twice",
        ]  # fmt: skip
        assert is_whole(audit(engine))

    def test_what_is_refused_leaves_no_line(self, engine: Engine) -> None:
        held = UniqueClaim("key", on_duplicate="reject")
        insert(engine, a_job(unique=held))
        engine.records.put(Put("user", "zoe", b"{}")).wait()
        engine.jobs.rule(QueueRules(queue="mail")).wait()
        refused = [
            (NotUnique, engine.jobs.insert([a_job(unique=held)], audit=[LINE])),
            (UnknownParent, engine.jobs.insert([a_job(after=(Edge(new_id()),))], audit=[LINE])),
            (VersionConflict, engine.jobs.rule(QueueRules(queue="mail"), expected=7, audit=[LINE])),
            (VersionConflict, engine.records.put(Put("user", "zoe", b"{}", 7), audit=[LINE])),
            (VersionConflict, engine.records.delete("user", "zoe", 7, audit=[LINE])),
        ]
        for error, call in refused:
            with pytest.raises(error):
                call.wait()
        assert said(engine) == []

    def test_a_line_may_tell_of_nothing_done(self, engine: Engine) -> None:
        """That something was asked for is a fact, too."""
        engine.jobs.change(Which(ids=(new_id(),)), Cancel(), audit=[LINE]).wait()
        engine.records.delete("user", "nobody", audit=[LINE]).wait()
        assert len(said(engine)) == 2


class TestChain:
    """The chained log."""

    def test_each_line_follows_from_all_before_it(self, engine: Engine, clock: ManualClock) -> None:
        for number in range(50):
            clock.advance("1s")
            engine.records.append(AUDIT, [LINE, line(f"n{number}")]).wait()
        entries = audit(engine)
        assert len(entries) == 100
        assert is_whole(entries)
        assert not is_whole((*entries[:40], *entries[41:]))

    def test_other_logs_are_not_chained(self, engine: Engine) -> None:
        engine.records.append(EVENTS, [LINE]).wait()
        (entry,) = engine.records.read(EVENTS).wait()
        assert entry.digest == b""

    def test_the_last_position_is_answered(self, engine: Engine) -> None:
        last = engine.records.append(AUDIT, [LINE, LINE]).wait()
        assert audit(engine)[-1].position == last

    def test_lines_of_eight_threads_follow_one_on_the_other(self, engine: Engine) -> None:
        def write(number: int) -> None:
            for turn in range(10):
                told = [line(f"n{number}.{turn}")]
                if turn % 2:
                    engine.jobs.insert([a_job()], audit=told).wait()
                else:
                    engine.records.put(Put("user", f"{number}", b"{}"), audit=told).wait()

        together(8, write)
        assert len(said(engine)) == 80
        assert is_whole(audit(engine))

    def test_no_caller_holds_it(self, engine: Engine) -> None:
        with pytest.raises(WrongTransaction):
            engine.records.append(AUDIT, [LINE], tx=object()).wait()
        assert said(engine) == []

    def test_old_lines_go_from_the_beginning_and_the_rest_stays_whole(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        engine.records.append(AUDIT, [line("a"), line("b"), line("c")]).wait()
        clock.advance("10d")
        engine.records.append(AUDIT, [line("d")]).wait()
        before = audit(engine)
        keep = Keep(audit=5 * DAY)
        assert engine.jobs.prune(keep, 2).wait() == Pruned(0, 2, more=True)
        assert engine.jobs.prune(keep, 2).wait() == Pruned(0, 1)
        assert audit(engine) == before[3:]
        record = engine.records.get(*CHAIN_BASE).wait()
        assert record is not None
        base = msgspec.json.decode(record.doc, type=ChainBase)
        assert base == ChainBase(before[2].position, before[2].digest.hex())
        engine.records.append(AUDIT, [line("e")]).wait()
        assert is_whole(audit(engine), bytes.fromhex(base.digest))

    def test_a_chain_of_which_all_is_gone_goes_on(self, engine: Engine, clock: ManualClock) -> None:
        engine.records.append(AUDIT, [line("a")]).wait()
        (gone,) = audit(engine)
        clock.advance("10d")
        engine.jobs.prune(Keep(audit=5 * DAY), 100).wait()
        engine.records.append(AUDIT, [line("b")]).wait()
        assert said(engine) == ["b"]
        assert is_whole(audit(engine), gone.digest)

    def test_a_line_behind_a_younger_one_waits_for_it(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        """Where the clock was set back: what is deleted is the beginning, and nothing else."""
        clock.advance("10d")
        engine.records.append(AUDIT, [line("young")]).wait()
        clock.jump(-9 * DAY)
        engine.records.append(AUDIT, [line("old")]).wait()
        clock.advance("9d")
        assert engine.jobs.prune(Keep(audit=5 * DAY), 100).wait() == Pruned()
        assert said(engine) == ["young", "old"]


class TestTenantsApart:
    """What one tenant may see and change."""

    def test_lines_of_one_tenant_are_read(self, engine: Engine) -> None:
        lines = [
            NewEntry("paid", b"%d" % number, tenant)
            for number, tenant in enumerate(("acme", "", "umbra", "acme", "acme"))
        ]
        engine.records.append(EVENTS, lines).wait()

        def read(tenant: str | None, *, newest: bool = False, limit: int = 10) -> list[bytes]:
            found = engine.records.read(EVENTS, tenant=tenant, newest=newest, limit=limit).wait()
            return [entry.data for entry in found]

        assert read("acme") == [b"0", b"3", b"4"]
        assert read("acme", limit=2) == [b"0", b"3"]
        assert read("acme", newest=True, limit=2) == [b"4", b"3"]
        assert read("") == [b"1"]
        assert read("nobody") == []
        assert len(read(None)) == 5

    @pytest.mark.parametrize("newest", [False, True])
    def test_lines_are_read_up_to_a_position(self, engine: Engine, *, newest: bool) -> None:
        lines = [NewEntry("paid", b"%d" % number) for number in range(5)]
        end = engine.records.append(EVENTS, lines).wait()
        found = engine.records.read(EVENTS, after=end - 4, before=end, newest=newest).wait()
        order = [b"1", b"2", b"3"]
        assert [entry.data for entry in found] == (order[::-1] if newest else order)

    def test_jobs_of_one_tenant_are_counted(self, engine: Engine) -> None:
        for tenant in ("acme", "", "acme", "umbra"):
            insert(engine, a_job(tenant=tenant))

        def count(tenant: str | None) -> int:
            return sum(each.count for each in engine.reader.counts(tenant).wait())

        assert [count(tenant) for tenant in ("acme", "", "umbra", "nobody", None)] == [
            2, 1, 1, 0, 4,
        ]  # fmt: skip

    def test_jobs_of_another_tenant_are_not_changed(self, engine: Engine) -> None:
        mine, other = insert(engine, a_job(tenant="acme"), a_job(tenant="umbra"))
        which = Which(ids=(other.id, mine.id), tenant="acme")
        changed = engine.jobs.change(which, Cancel()).wait()
        assert changed.ids == (mine.id,)
        assert look(engine, mine.id).state is State.CANCELLED
        assert look(engine, other.id).state is State.WAITING
