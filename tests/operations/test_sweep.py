"""A change of many jobs that a job finishes: from where it was left, and once for each job."""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from tidemill import Tidemill
from tidemill.access.actor import Actor
from tidemill.access.audit import Scribe
from tidemill.access.identity import Quota
from tidemill.access.quota import Quotas
from tidemill.access.tenants import Tenants
from tidemill.client.control import Jobs
from tidemill.core.change import (
    Cancel,
    Change,
    Changed,
    Delete,
    Move,
    Postpone,
    Reprioritise,
    Retry,
    Which,
)
from tidemill.core.errors import OverQuota
from tidemill.core.query import JobFilter
from tidemill.operations.sweep import SWEEP, Rest, Sweeps
from tidemill.testing.clock import ManualClock


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def app(store_url: str, clock: ManualClock) -> Iterator[Tidemill]:
    with Tidemill(store_url, clock=clock) as app:

        @app.task(name="add", queue="sums")
        def add(a: int) -> int:
            return a

        yield app


def fill(app: Tidemill, count: int, tenant: str = "") -> None:
    app.enqueue_many(
        app.client.bound("add", {"a": number}, {"delay": "1h", "tenant": tenant})
        for number in range(count)
    )


@pytest.mark.parametrize(
    "change",
    [Cancel("no need"), Delete(), Move("other"), Reprioritise(7), Postpone(2_000_000_000_000)],
)
async def test_the_rest_is_done_by_a_job(app: Tidemill, change: Change) -> None:
    fill(app, 1_200)
    which = Which(filter=app.jobs.filter({"queues": ["sums"]}))
    sweeps = Sweeps(app.client, Quotas(app.client), at_once=500)
    left = await sweeps.start(app.jobs, which, change, tenant="")
    assert left.changed == 500
    await app.worker().run_until_idle()
    assert app.jobs.get(left.job).result() == 1_200


class Looking(Jobs):
    """The jobs as they are for somebody whose slices find none yet."""

    async def achange(
        self, which: Which, change: Change, *, cursor: str | None = None, limit: int = 500
    ) -> Changed:
        assert (which.ids, change, limit) == ((), Cancel(), 500)
        at = 1 << 53 if cursor is None else int(cursor)
        return Changed((), str(at - 1))


async def test_slices_that_find_nothing_yet_are_not_taken_for_the_end(app: Tidemill) -> None:
    fill(app, 3)
    which = Which(filter=app.jobs.filter({"text": '"a"'}))
    sweeps = Sweeps(app.client, Quotas(app.client))
    left = await sweeps.start(Looking(app.client), which, Cancel(), tenant="")
    assert left.changed == 0
    await app.worker().run_until_idle()
    assert app.jobs.get(left.job).result() == 3


async def test_few_are_changed_at_once(app: Tidemill) -> None:
    fill(app, 300)
    which = Which(filter=app.jobs.filter({"queues": ["sums"]}))
    left = await Sweeps(app.client, Quotas(app.client)).start(app.jobs, which, Cancel(), tenant="")
    assert (left.changed, left.job) == (300, "")


async def test_of_one_tenant_no_others_are_touched(app: Tidemill) -> None:
    fill(app, 700, "acme")
    fill(app, 700, "umbra")
    scribe = Scribe(actor=Actor(kind="user", name="zoe", tenant="acme"))
    asker = Jobs(app.client.on_behalf("acme", scribe))
    which = Which(filter=asker.filter({"queues": ["sums"]}))
    left = await Sweeps(app.client, Quotas(app.client), at_once=500).start(
        asker, which, Cancel(), tenant="acme"
    )
    await app.worker().run_until_idle()
    job = app.jobs.get(left.job)
    assert job.result() == 700
    assert job.seen is not None
    assert job.seen.tenant == "acme"
    assert len(list(app.jobs.find(states=["scheduled"]))) == 700


async def test_one_that_is_cancelled_stops_where_it_is(app: Tidemill) -> None:
    fill(app, 1_200)
    which = Which(filter=app.jobs.filter({"queues": ["sums"]}))
    left = await Sweeps(app.client, Quotas(app.client), at_once=500).start(
        app.jobs, which, Cancel(), tenant=""
    )
    app.jobs.cancel(left.job)
    await app.worker().run_until_idle()
    assert len(list(app.jobs.find(states=["scheduled"]))) == 700


def forged(which: Which) -> dict[str, Any]:
    """The arguments of a sweep that nobody was asked for."""
    cursor = "0" if which.filter is None else str(1 << 53)
    rest = Rest(verb="jobs.cancel", change={"reason": ""}, which=which, cursor=cursor, changed=0)
    plain: dict[str, Any] = {"rest": msgspec.to_builtins(rest)}
    return plain


@pytest.mark.parametrize("by", ["filter", "ids"])
async def test_a_job_of_a_tenant_touches_no_others(app: Tidemill, by: str) -> None:
    fill(app, 3, "acme")
    fill(app, 3, "umbra")
    worker = app.worker()
    ids = tuple(job.id for job in app.jobs.find())
    which = Which(filter=JobFilter(queues=("sums",))) if by == "filter" else Which(ids=ids)
    job = app.enqueue(SWEEP, forged(which), tenant="acme")
    await worker.run_until_idle()
    assert job.result() == 3
    assert len(list(app.jobs.find(states=["scheduled"], tenant="umbra"))) == 3


@pytest.mark.parametrize("by", ["filter", "ids"])
async def test_nor_is_one_that_means_others_turned_upon_its_own(app: Tidemill, by: str) -> None:
    fill(app, 3, "acme")
    fill(app, 3, "umbra")
    worker = app.worker()
    ids = tuple(job.id for job in app.jobs.find())
    which = Which(ids=ids, tenant="umbra")
    if by == "filter":
        which = Which(filter=JobFilter(tenant="umbra"))
    job = app.enqueue(SWEEP, forged(which), tenant="acme")
    await worker.run_until_idle()
    assert job.state == "cancelled"
    assert len(list(app.jobs.find(states=["scheduled"]))) == 6


def dead(app: Tidemill, count: int, tenant: str = "acme") -> Which:
    """Jobs of a tenant that were cancelled."""
    fill(app, count, tenant)
    app.jobs.cancel(tenant=tenant)
    return Which(filter=app.jobs.filter({"tenant": tenant}))


def waiting(app: Tidemill) -> int:
    return len(list(app.jobs.find(queues=["sums"], states=["waiting"])))


async def test_retries_of_a_tenant_wait_for_room_in_its_quota(
    app: Tidemill, clock: ManualClock
) -> None:
    which = dead(app, 7)
    Tenants(app.client).create("acme", quota=Quota(waiting=3))
    sweeps = Sweeps(app.client, Quotas(app.client))
    left = await sweeps.start(app.jobs, which, Retry(), tenant="acme")
    assert (left.changed, waiting(app)) == (3, 3)
    with pytest.raises(OverQuota, match="of 3 that it may have"):
        await sweeps.start(app.jobs, which, Retry(), tenant="acme")
    job = app.jobs.get(left.job)
    for _ in range(60):
        await app.worker().run_until_idle()
        assert waiting(app) <= 3
        if job.state.finished:
            break
        clock.advance("11s")
    assert job.result() == 7


async def test_those_of_the_instance_are_not_counted(app: Tidemill) -> None:
    which = dead(app, 7)
    Tenants(app.client).create("acme", quota=Quota(waiting=3))
    sweeps = Sweeps(app.client, Quotas(app.client))
    assert (await sweeps.start(app.jobs, which, Retry(), tenant="")).changed == 7


async def test_room_that_a_slice_does_not_need_is_there_for_others(app: Tidemill) -> None:
    which = dead(app, 2)
    Tenants(app.client).create("acme", quota=Quota(waiting=10))
    quotas = Quotas(app.client)
    assert (
        await Sweeps(app.client, quotas).start(app.jobs, which, Retry(), tenant="acme")
    ).changed == 2
    quotas.admit("acme", [1] * 8)
    with pytest.raises(OverQuota):
        quotas.admit("acme", [1])
