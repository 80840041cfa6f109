"""Leases in a file outlive the machine's restart, and their holders do not."""

import sqlite3
from contextlib import closing
from pathlib import Path

from tidemill.core.lease import WORKER
from tidemill.core.retention import Keep
from tidemill.core.unique import UniqueClaim
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


def test_leases_of_the_dead_and_windows_that_have_passed_do_not_pile_up(tmp_path: Path) -> None:
    path, clock = tmp_path / "jobs.db", ManualClock()
    engine = opened(path, clock)
    alive = start_worker(engine, LONG)
    for _ in range(3):
        start_worker(engine, 30_000)
    insert(engine, *[a_job(unique=UniqueClaim(str(n), window=1_000)) for n in range(5)])
    clock.advance("1m")
    slices = [engine.jobs.prune(Keep(), 2).wait().more for _ in range(3)]
    assert slices == [True, True, False]
    assert [lease.fence for lease in engine.leases.find(WORKER).wait()] == [alive.fence]
    engine.close().wait()
    with closing(sqlite3.connect(path)) as link:
        assert link.execute("SELECT fence FROM lease").fetchall() == [(alive.fence,)]
        assert link.execute("SELECT count(*) FROM unique_window").fetchone() == (0,)


def test_who_opens_the_file_beside_others_ends_none_of_their_leases(tmp_path: Path) -> None:
    path, clock = tmp_path / "jobs.db", ManualClock()
    one = opened(path, clock)
    worker = start_worker(one)
    other = opened(path, clock)
    assert [lease.fence for lease in other.leases.find(WORKER).wait()] == [worker.fence]
    other.close().wait()
    one.close().wait()
