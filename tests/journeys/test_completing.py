"""A worker that is killed between its handler's commit and its own report: one effect, one end."""

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.house.source import ROOT
from tests.journeys.crowd import HERE, until
from tests.journeys.paying_app import TABLE, transaction
from tidemill import State, Tidemill
from tidemill.core.identity import new_id
from tidemill.core.job import NewJob, Snapshot
from tidemill.core.retry import RetryPolicy
from tidemill.loops.failpoint import VARIABLE

JOBS = 40

pytestmark = pytest.mark.timeout(120)


@contextmanager
def worker(url: str, failpoints: str = "") -> Iterator[subprocess.Popen[bytes]]:
    """A worker process of the paying application, killed in the end."""
    path = os.pathsep.join([str(HERE), str(ROOT)])
    process = subprocess.Popen(
        [sys.executable, "-m", "paying_app"],
        env=os.environ | {"TIDEMILL_URL": url, "PYTHONPATH": path, VARIABLE: failpoints},
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def payments(url: str) -> Counter[str]:
    with transaction(url) as connection:
        return Counter(job for (job,) in connection.execute("SELECT job FROM paid").fetchall())


@pytest.fixture
def store(crowd_url: str) -> Iterator[Tidemill]:
    with transaction(crowd_url) as connection:
        connection.execute(TABLE)
        connection.execute("DELETE FROM paid")
    with Tidemill(crowd_url) as store:
        yield store


@pytest.mark.parametrize("place", ["run.after", "run.before", "settle.inside"])
def test_one_effect_for_each_job_whenever_its_worker_is_killed(
    store: Tidemill, crowd_url: str, place: str
) -> None:
    retry = RetryPolicy(attempts=5, shape="fixed", base=50, jitter=False)
    jobs = [NewJob(id=new_id(), task="pay", retry=retry) for _ in range(JOBS)]
    store.open().jobs.insert(jobs).wait()

    def found() -> list[Snapshot]:
        return [job for job in store.open().reader.get([job.id for job in jobs]).wait() if job]

    with worker(crowd_url, f"{place}=kill@10") as victim:
        assert victim.wait(30) == -signal.SIGKILL, "it never came to that place"
    ended = {job.id for job in found() if job.state is State.COMPLETED}
    assert set(payments(crowd_url)) == ended, "an effect without an end, or an end without one"
    with worker(crowd_url):
        until(
            lambda: all(job.state is State.COMPLETED for job in found()),
            seconds=40,
            what="every job is completed",
        )
    assert payments(crowd_url) == Counter(job.id for job in jobs)
