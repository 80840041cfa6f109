"""Schedules of a tenant keep to its quota: a tick beyond it is skipped, and it is said why."""

import asyncio
from collections.abc import Iterator

import pytest

from tests.journeys.crowd import until
from tidemill import Tidemill
from tidemill.access.actor import Actor
from tidemill.access.audit import Scribe
from tidemill.access.identity import Quota
from tidemill.access.quota import Quotas
from tidemill.access.tenants import Tenants
from tidemill.schedules.store import Schedules
from tidemill.schedules.tick import Scheduler
from tidemill.testing.clock import ManualClock

SCRIBE = Scribe(actor=Actor(kind="user", name="zoe", tenant="acme"))


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def app(store_url: str, clock: ManualClock) -> Iterator[Tidemill]:
    with Tidemill(store_url, clock=clock) as app:

        @app.task(name="add")
        def add(a: int) -> int:
            return a

        yield app


def every_minute(app: Tidemill, name: str = "s", catchup: int = 1) -> Schedules:
    """The schedules of acme, one of which comes every minute."""
    ours = app.client.on_behalf("acme", SCRIBE)
    schedules = Schedules(ours)
    schedules.create(name, ours.bound("add", {"a": 1}, {}), every="1m", catchup=catchup)
    return schedules


async def tick(app: Tidemill, clock: ManualClock, minutes: int = 1) -> None:
    """Let time pass, and whoever looks at schedules look."""
    clock.advance(60 * minutes)
    quotas = Quotas(app.client)
    await Scheduler(app.open(), clock, quotas=quotas).run_once()


def jobs(app: Tidemill) -> int:
    return len(list(app.jobs.find(tenant="acme")))


@pytest.mark.parametrize(
    ("quota", "said"),
    [
        (Quota(waiting=1), "acme has 1 unfinished jobs of 1 that it may have"),
        (Quota(payload=1), "a job of 7 bytes is larger than the 1 that those of acme may have"),
    ],
)
async def test_a_tick_beyond_it_is_skipped_and_why_says_so(
    app: Tidemill, clock: ManualClock, quota: Quota, said: str
) -> None:
    Tenants(app.client).create("acme", quota=quota)
    schedules = every_minute(app)
    await tick(app, clock)
    await tick(app, clock)
    assert jobs(app) == (quota.waiting or 0)
    seen = schedules.get("s")
    assert (seen.skipped_at, seen.skipped_for) == (seen.last_at, said)
    (cause,) = [each for each in schedules.why("s") if each.kind == "schedule_quota"]
    assert cause.text == f"its last tick was skipped, for {said}"
    assert (cause.since, cause.note) == (seen.last_at, said)


async def test_a_minute_counts_them(app: Tidemill, clock: ManualClock) -> None:
    Tenants(app.client).create("acme", quota=Quota(per_minute=1))
    schedules = every_minute(app, "a")
    for name in ("b", "c"):
        every_minute(app, name)
    await tick(app, clock)
    assert jobs(app) == 1
    skipped = [each.name for each in schedules.find() if each.skipped_at is not None]
    assert len(skipped) == 2


async def test_of_several_that_are_due_the_latest_come(app: Tidemill, clock: ManualClock) -> None:
    Tenants(app.client).create("acme", quota=Quota(waiting=2))
    schedules = every_minute(app, catchup=10)
    await tick(app, clock, minutes=5)
    assert jobs(app) == 2
    seen = schedules.get("s")
    assert seen.last_at is not None
    assert seen.skipped_at == seen.last_at - 2 * 60_000
    assert "schedule_quota" not in [each.kind for each in schedules.why("s")]


async def test_it_goes_on_when_there_is_room(app: Tidemill, clock: ManualClock) -> None:
    Tenants(app.client).create("acme", quota=Quota(waiting=1))
    schedules = every_minute(app)
    await tick(app, clock, minutes=2)
    await tick(app, clock)
    app.jobs.cancel(tenant="acme")
    await tick(app, clock)
    assert jobs(app) == 2
    assert "schedule_quota" not in [each.kind for each in schedules.why("s")]


async def test_what_the_application_has_recur_is_not_counted(
    app: Tidemill, clock: ManualClock
) -> None:
    Tenants(app.client).create("acme", quota=Quota(waiting=1))
    app.schedules.create("s", app.client.bound("add", {"a": 1}, {"tenant": "acme"}), every="1m")
    await tick(app, clock)
    await tick(app, clock)
    assert jobs(app) == 2


async def test_a_worker_keeps_to_it(app: Tidemill, clock: ManualClock) -> None:
    Tenants(app.client).create("acme", quota=Quota(payload=1))
    schedules = every_minute(app)
    clock.advance("1m")
    roster = app.works.roster(app.open())
    roster.start()

    def seen() -> bool:
        return schedules.get("s").skipped_at is not None

    await asyncio.to_thread(until, seen, seconds=10, what="a skipped tick")
    await roster.stop()
