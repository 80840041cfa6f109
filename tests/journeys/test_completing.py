"""A worker that is killed between its handler's commit and its own report: one effect, one end."""

import signal
from collections import Counter

import pytest

from tests.journeys.crowd import Crowd, until
from tests.journeys.paying_app import TABLE, transaction
from tidemill import State
from tidemill.core.identity import new_id
from tidemill.core.job import NewJob, Snapshot
from tidemill.core.retry import RetryPolicy

JOBS = 40

pytestmark = pytest.mark.timeout(120)


def payments(url: str) -> Counter[str]:
    with transaction(url) as connection:
        return Counter(job for (job,) in connection.execute("SELECT job FROM paid").fetchall())


@pytest.mark.parametrize("place", ["run.after", "run.before", "settle.inside"])
def test_one_effect_for_each_job_whenever_its_worker_is_killed(crowd: Crowd, place: str) -> None:
    with transaction(crowd.url) as connection:
        connection.execute(TABLE)
        connection.execute("DELETE FROM paid")
    store = crowd.app
    retry = RetryPolicy(attempts=5, shape="fixed", base=50, jitter=False)
    jobs = [NewJob(id=new_id(), task="pay", retry=retry) for _ in range(JOBS)]
    store.open().jobs.insert(jobs).wait()

    def found() -> list[Snapshot]:
        return [job for job in store.open().reader.get([job.id for job in jobs]).wait() if job]

    victim = crowd.run("paying_app", "victim", f"{place}=kill@10")
    assert victim.wait(30) == -signal.SIGKILL, "it never came to that place"
    ended = {job.id for job in found() if job.state is State.COMPLETED}
    assert set(payments(crowd.url)) == ended, "an effect without an end, or an end without one"
    crowd.run("paying_app", "heir")
    until(
        lambda: all(job.state is State.COMPLETED for job in found()),
        seconds=40,
        what="every job is completed",
    )
    assert payments(crowd.url) == Counter(job.id for job in jobs)
