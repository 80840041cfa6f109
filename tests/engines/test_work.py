"""What a verb of the SQLite engine costs, counted in steps of SQLite's machine and not in time."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from tidemill.core.identity import new_id
from tidemill.core.limits import KeyLimit, KeyRate, Rate
from tidemill.core.want import Want
from tidemill.engines.protocol import Engine
from tidemill.engines.sqlite.driver import Link, StandardDriver, StandardLink
from tidemill.engines.sqlite.engine import SQLiteEngine
from tidemill.testing.clock import ManualClock
from tidemill.testing.conformance.steps import HOUR, claim, insert, start_worker
from tidemill.testing.sample import a_job

GRAIN = 10
"""Steps between two counts."""


class CountingDriver(StandardDriver):
    """Counts the steps that SQLite's machine takes on all its connections."""

    def __init__(self) -> None:
        self.steps = 0

    def connect(self, path: Path, *, create: bool = False) -> Link:
        where = f"{path.as_uri()}?mode={'rwc' if create else 'rw'}"
        connection = sqlite3.connect(where, uri=True, isolation_level=None, check_same_thread=False)
        connection.set_progress_handler(self._count, GRAIN)
        return StandardLink(connection)

    def _count(self) -> int:
        self.steps += GRAIN
        return 0


@pytest.fixture
def driver() -> CountingDriver:
    return CountingDriver()


@pytest.fixture
def engine(driver: CountingDriver, tmp_path: Path) -> Iterator[Engine]:
    engine = SQLiteEngine(tmp_path / "jobs.db", 10, driver, ManualClock())
    engine.open().wait()
    yield engine
    engine.close().wait()


def test_a_claim_does_not_grow_with_what_it_leaves_out(
    engine: Engine, driver: CountingDriver
) -> None:
    worker = start_worker(engine)
    costs = []
    for backlog in (10, 10_000):
        insert(engine, *(a_job(task="heavy") for _ in range(backlog)))
        insert(engine, a_job(task="light"))
        before = driver.steps
        (job,) = engine.jobs.claim(Want(worker, 1, None, ("heavy",))).wait().jobs
        assert job.task == "light"
        costs.append(driver.steps - before)
    assert costs[1] <= costs[0] * 1.5, costs


@pytest.mark.parametrize("kind", ["key", "rate"])
def test_a_promotion_does_not_grow_with_gates_to_which_nothing_happens(
    engine: Engine, driver: CountingDriver, kind: str
) -> None:
    worker = start_worker(engine)
    costs = []
    for gates in (10, 10_000):
        jobs = [
            a_job(limit=KeyLimit(f"{gates}/{n}", 1))
            if kind == "key"
            else a_job(rate=KeyRate(f"{gates}/{n}", Rate(1, HOUR)))
            for n in range(gates)
        ]
        insert(engine, *jobs, *(replace(job, id=new_id()) for job in jobs))
        while len(claim(engine, worker, limit=2 * gates)):
            pass
        engine.jobs.promote(100).wait()
        before = driver.steps
        assert engine.jobs.promote(100).wait().count == 0
        costs.append(driver.steps - before)
    assert costs[1] <= costs[0] * 1.5, costs
