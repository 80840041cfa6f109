"""Quotas: a tenant asks for as much as it may, on all servers together."""

import asyncio

import msgspec
import pytest

from tidemill import Tidemill
from tidemill.access.identity import Quota
from tidemill.access.quota import KIND, Asked, Quotas
from tidemill.access.tenants import Tenants
from tidemill.core.errors import OverQuota, PayloadTooLarge, TooManyRequests
from tidemill.testing.clock import ManualClock


def limit(app: Tidemill, **quota: int) -> Quotas:
    Tenants(app.client).create("acme", quota=Quota(**quota))
    return Quotas(app.client)


def test_who_has_no_quota_has_no_bounds(app: Tidemill) -> None:
    quotas = limit(app)
    for tenant in ("", "acme", "unknown"):
        quotas.admit(tenant, [1 << 20] * 10_000)


def test_a_job_may_be_so_large(app: Tidemill) -> None:
    quotas = limit(app, payload=100)
    quotas.admit("acme", [100, 3])
    quotas.admit("umbra", [101])
    with pytest.raises(PayloadTooLarge, match="101 bytes"):
        quotas.admit("acme", [1, 101])


def test_so_many_jobs_may_wait(app: Tidemill) -> None:
    quotas = limit(app, waiting=3)
    quotas.admit("acme", [1, 1])
    with pytest.raises(OverQuota, match="2 unfinished jobs of 3"):
        quotas.admit("acme", [1, 1])
    quotas.admit("acme", [1])
    with pytest.raises(OverQuota):
        quotas.admit("acme", [1])


def test_those_that_are_stored_already_count(app: Tidemill) -> None:
    for tenant in ("acme", "acme", "umbra"):
        app.enqueue("add", {"a": 1}, tenant=tenant)
    quotas = limit(app, waiting=3)
    with pytest.raises(OverQuota):
        quotas.admit("acme", [1, 1])
    quotas.admit("acme", [1])


def test_so_many_are_asked_for_in_a_minute_on_all_servers(
    app: Tidemill, clock: ManualClock
) -> None:
    one = limit(app, per_minute=5)
    other = Quotas(app.client)
    clock.advance(60 - clock.now() / 1_000 % 60)
    one.admit("acme", [1] * 3)
    clock.advance("10s")
    other.admit("acme", [1] * 2)
    for quotas in (one, other):
        with pytest.raises(TooManyRequests) as caught:
            quotas.admit("acme", [1])
        assert caught.value.wait == 50
    clock.advance("50s")
    other.admit("acme", [1] * 5)
    with pytest.raises(TooManyRequests):
        one.admit("acme", [1])


def asked(app: Tidemill, tenant: str = "acme") -> int:
    """How many jobs have been counted in this minute."""
    record = app.open().records.get(KIND, tenant).wait()
    return 0 if record is None else msgspec.json.decode(record.doc, type=Asked).count


async def test_many_who_ask_at_once_are_all_counted(app: Tidemill) -> None:
    quotas = limit(app, per_minute=1_000, waiting=1_000)
    await asyncio.gather(*(quotas.aadmit("acme", [1]) for _ in range(60)))
    assert asked(app) == 60


async def test_many_servers_that_ask_at_once_are_all_counted(app: Tidemill) -> None:
    limit(app, per_minute=1_000)
    servers = [Quotas(app.client, tries=100) for _ in range(8)]
    await asyncio.gather(*(server.aadmit("acme", [1]) for server in servers for _ in range(3)))
    assert asked(app) == 24


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
async def test_who_comes_between_too_many_servers_is_sent_away_for_a_while(app: Tidemill) -> None:
    limit(app, per_minute=1_000)
    servers = [Quotas(app.client, tries=1) for _ in range(30)]
    answers = await asyncio.gather(
        *(server.aadmit("acme", [1]) for server in servers), return_exceptions=True
    )
    refused = [each for each in answers if each is not None]
    assert {type(each) for each in refused} == {TooManyRequests}
    assert asked(app) == 30 - len(refused)
    assert {each.wait for each in refused if isinstance(each, TooManyRequests)} == {1}


def test_what_is_refused_is_not_counted(app: Tidemill, clock: ManualClock) -> None:
    quotas = limit(app, per_minute=1, waiting=3)
    quotas.admit("acme", [1])
    for _ in range(3):
        with pytest.raises(TooManyRequests):
            quotas.admit("acme", [1])
    clock.advance("1m")
    quotas.admit("acme", [1])


def test_of_several_tenants_none_is_counted_if_one_is_refused(app: Tidemill) -> None:
    quotas = limit(app, per_minute=2, waiting=3)
    Tenants(app.client).create("umbra", quota=Quota(per_minute=1))
    for sizes in ([1, 1], [1, 1, 1]):
        with pytest.raises(TooManyRequests, match="umbra"):
            quotas.admit_each({"acme": [1], "umbra": sizes})
    quotas.admit_each({"acme": [1, 1], "umbra": [1]})
    assert (asked(app), asked(app, "umbra")) == (2, 1)


async def test_so_many_run_at_once_and_why_says_so(app: Tidemill) -> None:
    Tenants(app.client).create("acme", quota=Quota(running=0))
    job = app.enqueue("add", {"a": 1}, tenant="acme")
    app.enqueue("add", {"a": 1}, tenant="umbra")
    await app.worker().run_until_idle()
    assert (job.state, len(list(app.jobs.find(states=["completed"])))) == ("waiting", 1)
    causes = {cause.kind: cause.text for cause in app.jobs.why(job)}
    assert causes["tenant_quota"] == "the tenant acme may run 0 at once, and runs 0"
    Tenants(app.client).change("acme", quota=Quota(running=1))
    await app.worker().run_until_idle()
    assert job.state == "completed"
    Tenants(app.client).change("acme", quota=Quota(running=0))
    Tenants(app.client).delete("acme")
    again = app.enqueue("add", {"a": 1}, tenant="acme")
    await app.worker().run_until_idle()
    assert again.state == "completed"
