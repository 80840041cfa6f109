"""What a server says of jobs is what the store would have said."""

import asyncio
from collections.abc import Iterator

import pytest

from tests.api.conftest import api, app, clock, served  # noqa: F401 - fixtures
from tidemill import Tidemill
from tidemill.access.keys import Keys
from tidemill.core.errors import InvalidOption, JobNotFound, NotAllowed, NotAuthenticated
from tidemill.core.job import Snapshot
from tidemill.remote.jobs import RemoteJobs
from tidemill.remote.remote import Remote

pytestmark = pytest.mark.parametrize("store_url", ["memory"], indirect=True)


@pytest.fixture
def far(app: Tidemill, served: str) -> Iterator[RemoteJobs]:  # noqa: F811 - the fixture
    with Remote(served, Keys(app.client, "t").create("t", role="admin").secret) as far:
        yield far.jobs


def plain(seen: Snapshot) -> dict[str, object]:
    """What a server tells of a job."""
    kept = ("policy", "fence", "headers", "checkpoint")
    return {name: getattr(seen, name) for name in seen.__struct_fields__ if name not in kept}


def test_a_job_is_the_same_from_afar(app: Tidemill, far: RemoteJobs) -> None:  # noqa: F811 - the fixture
    done, failed = app.enqueue("add", {"a": 1}), app.enqueue("broken", {"secret": "s"})
    asyncio.run(app.worker().run_until_idle())
    later = app.enqueue("add", {"a": 2}, delay="1h", tags=["x"], key="k", priority=3)
    assert failed.snapshot().error  # whose argument is called a secret, and is masked by its name
    for job in (done, later):
        assert plain(far.get(job.id).seen) == plain(job.snapshot())
    assert [each.id for each in far.find()] == [each.id for each in app.jobs.find()]
    assert far.why(later.id) == app.jobs.why(later.id)


def test_it_is_changed_from_afar(app: Tidemill, far: RemoteJobs) -> None:  # noqa: F811 - the fixture
    job = app.enqueue("add", {"a": 1}, queue="mail")
    assert far.move(job.id, queue="post") == 1
    assert far.cancel(queues=["post"], reason="lunch für später") == 1
    assert job.snapshot().reason == "lunch für später"


def test_what_is_wrong_there_is_the_same_error_here(far: RemoteJobs) -> None:
    with pytest.raises(JobNotFound, match="is not stored"):
        far.get("a?b=c&d")
    with pytest.raises(InvalidOption):
        list(far.find(states=["nonsense"]))


def test_a_key_that_opens_nothing(served: str) -> None:  # noqa: F811 - the fixture
    with pytest.raises(NotAuthenticated), Remote(served, "tm_nothing") as far:
        far.jobs.get("x")


def test_one_may_do_what_the_key_may(app: Tidemill, served: str) -> None:  # noqa: F811 - the fixture
    job = app.enqueue("add", {"a": 1})
    with Remote(served, Keys(app.client, "t").create("t", role="viewer").secret) as far:
        with pytest.raises(NotAllowed):
            far.jobs.cancel(job.id)
        assert far.jobs.get(job.id).seen.args == b'"***"'
