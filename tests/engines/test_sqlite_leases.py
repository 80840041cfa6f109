"""Leases in a file outlive the machine's restart, and their holders do not."""

from pathlib import Path

from tidemill.core.lease import WORKER
from tidemill.engines import open_engine
from tidemill.engines.protocol import Engine
from tidemill.testing.clock import START, ManualClock
from tidemill.testing.conformance.steps import LONG, claim_one, insert, start_worker
from tidemill.testing.sample import a_job


def opened(path: Path, clock: ManualClock) -> Engine:
    engine = open_engine(f"sqlite:///{path}", clock=clock)
    engine.open().wait()
    return engine


def test_what_was_held_before_the_machine_was_restarted_is_over(tmp_path: Path) -> None:
    path, clock = tmp_path / "jobs.db", ManualClock()
    clock.advance("10d")
    before = opened(path, clock)
    insert(before, a_job())
    worker = start_worker(before, LONG)
    claimed = claim_one(before, worker)
    before.leases.take("duty/prune", "me", LONG).wait()
    before.close().wait()

    restarted = ManualClock(START + 10 * 24 * 3_600_000)
    restarted.advance("1m")
    after = opened(path, restarted)
    assert after.leases.find("").wait() == ()
    assert after.reader.expired(10).wait() == (claimed,)
    mine = after.leases.take("duty/prune", "you", LONG).wait()
    assert mine is not None
    assert mine.fence > worker.fence
    after.close().wait()


def test_who_opens_the_file_beside_others_ends_none_of_their_leases(tmp_path: Path) -> None:
    path, clock = tmp_path / "jobs.db", ManualClock()
    one = opened(path, clock)
    worker = start_worker(one)
    other = opened(path, clock)
    assert [lease.fence for lease in other.leases.find(WORKER).wait()] == [worker.fence]
    other.close().wait()
    one.close().wait()
