"""What a server tells of itself, and how much of its quota a tenant uses."""

import pytest

from tests.api.conftest import Caller, People
from tidemill import Tidemill
from tidemill.access.tenants import Tenants
from tidemill.api import pages
from tidemill.api.shapes.access import use_out
from tidemill.core.query import QueueCounts
from tidemill.core.state import State
from tidemill.engines.release import release


async def test_whoever_is_known_is_told_the_release_and_the_build(people: People) -> None:
    told = await people("viewer", "acme").ok("GET", "/server")
    assert (told["release"], told["build"]) == (release(), pages.build())


async def test_what_jobs_are_kept_in_is_for_admins_of_the_instance(
    app: Tidemill, people: People, admin: Caller
) -> None:
    assert (await admin.ok("GET", "/server"))["engine"] == app.open().traits.name
    for role, tenant in (("operator", None), ("admin", "acme")):
        assert (await people(role, tenant).ok("GET", "/server"))["engine"] is None


async def test_a_tenant_s_live_jobs_are_counted_as_its_quota_counts(
    app: Tidemill, admin: Caller
) -> None:
    Tenants(app.client).create("acme")
    for delay in ("1h", "0s", "0s"):
        app.enqueue("add", {"a": 1}, tenant="acme", delay=delay)
    app.enqueue("add", {"a": 1}, tenant="globex")
    assert await admin.ok("GET", "/tenants/acme/use") == {"waiting": 3, "running": 0}


def test_what_runs_is_told_apart_from_what_has_yet_to_run() -> None:
    states = ((State.RUNNING, 2), (State.SCHEDULED, 3), (State.WAITING, 4))
    counts = [QueueCounts("sums", "add", state, count, 0) for state, count in states]
    assert use_out(counts) == {"waiting": 7, "running": 2}


@pytest.mark.parametrize("store_url", ["memory"], indirect=True)
async def test_a_tenant_that_nobody_has_made_known_has_no_use_to_tell(admin: Caller) -> None:
    answer = await admin("GET", "/tenants/nobody/use")
    assert answer.status_code == 404
