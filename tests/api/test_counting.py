"""Where counting takes long many are told one count, but nobody what they have changed since."""

import pytest
from fastapi import FastAPI

from tests.api.conftest import Caller, People
from tidemill import Tidemill
from tidemill.access.actor import Actor
from tidemill.api.callers import Doors
from tidemill.api.counting import MOST, Counts
from tidemill.api.desk import Looked
from tidemill.api.remembered import Remembered
from tidemill.client.control import Jobs

pytestmark = pytest.mark.parametrize("store_url", ["memory"], indirect=True)


@pytest.fixture
def api(app: Tidemill, api: FastAPI) -> FastAPI:
    """One over a store in which looking takes so long that what was seen is told for a minute."""
    looked = Looked(Counts(lambda _: 60.0), Remembered(lambda _: 60.0))
    api.state.doors = Doors(app, looked=looked)
    return api


async def live(caller: Caller) -> int:
    """How many jobs there are, as each route that counts tells it."""
    sums = {
        sum(each["count"] for each in (await caller.ok("GET", "/statistics/live"))["live"]),
        sum((await caller.ok("GET", "/statistics"))["live"].values()),
        sum(sum(each["counts"].values()) for each in (await caller.ok("GET", "/queues"))["queues"]),
        sum(sum(each["counts"].values()) for each in (await caller.ok("GET", "/tasks"))["tasks"]),
    }
    assert len(sums) == 1
    return int(sums.pop())


async def test_many_are_told_one_count(app: Tidemill, people: People) -> None:
    first, second = people("viewer"), people("admin")
    app.enqueue("add", {"a": 1})
    assert await live(first) == 1
    app.enqueue("add", {"a": 2})
    assert await live(second) == 1


async def test_one_who_changes_something_is_told_what_is_so_since(
    app: Tidemill, people: People
) -> None:
    looks, steers = people("viewer"), people("operator")
    job = app.enqueue("add", {"a": 1})
    assert await live(looks) == await live(steers) == 1
    await steers.ok("POST", "/jobs", {"task": "add", "arguments": {"a": 2}})
    assert await live(looks) == 1
    assert await live(steers) == await live(looks) == 2
    await steers.ok("POST", f"/jobs/{job.id}/cancel")
    assert await live(steers) == 1
    await steers.ok("POST", "/jobs/cancel", {"filter": {"queues": ["sums"]}})
    assert await live(steers) == 0


async def test_one_who_may_change_nothing_makes_nobody_count(app: Tidemill, people: People) -> None:
    looks = people("viewer")
    job = app.enqueue("add", {"a": 1})
    assert await live(looks) == 1
    app.enqueue("add", {"a": 2})
    assert (await looks("POST", f"/jobs/{job.id}/cancel")).status_code == 403
    assert await live(looks) == 1


async def test_where_more_change_something_than_are_known_all_are_told_anew(app: Tidemill) -> None:
    counts, looks = Counts(lambda _: 60.0), Actor(kind="user", name="zoe")
    jobs = Jobs(app.client)
    assert await counts.get(looks, None, jobs) == ()
    counts.changed(looks)
    app.enqueue("add", {"a": 1})
    for number in range(MOST):
        counts.changed(Actor(kind="user", name=f"{number}"))
    (found,) = await counts.get(looks, None, jobs)
    assert found.count == 1


async def test_strangers_who_ask_how_we_are_are_told_one_count(
    app: Tidemill, people: People
) -> None:
    for _ in range(2):
        assert (await people.nobody().ok("GET", "/health"))["status"] == "ok"
        app.enqueue("add", {"a": 1})  # for which there is no worker


async def test_what_has_failed_is_looked_up_anew_when_it_is_retried_and_when_that_is_undone(
    app: Tidemill, admin: Caller
) -> None:
    job = app.enqueue("broken", {"secret": "s"})
    await app.worker().run_until_idle()

    async def count() -> int:
        return int((await admin.ok("GET", "/failures"))["count"])

    assert await count() == 1
    done = await admin.ok("POST", "/jobs/retry", {"ids": [job.id]})
    assert await count() == 0
    await admin.ok("POST", f"/operations/{done['operation']}/undo")
    assert await count() == 1
