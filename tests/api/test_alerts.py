"""`/alerts`, `/dead-letters`, and changes of very many jobs."""

from typing import Any

import pytest

from tests.api.conftest import Caller, People
from tidemill import Tidemill
from tidemill.alerts.watch import Watch
from tidemill.testing.clock import ManualClock

RULE = {"name": "deep", "when": "queue_depth", "above": 1, "channels": ["ops"], "window": "10m"}
CHANNEL = {"name": "ops", "by": "webhook", "url": "https://hooks.example.org/x"}


async def look(app: Tidemill, clock: ManualClock) -> None:
    await Watch(await app.aopen(), clock, app.works.delivery).run_once()


class TestAlerts:
    async def test_from_a_rule_to_the_end_of_an_incident(
        self, app: Tidemill, admin: Caller, clock: ManualClock
    ) -> None:
        made = await admin.ok("POST", "/alerts/channels", CHANNEL)
        assert made["secret"].startswith("whsec_")
        rule = await admin.ok("POST", "/alerts/rules", RULE)
        assert (rule["window"], rule["severity"], rule["version"]) == (600, "warning", 1)
        for _ in range(2):
            app.enqueue("add", {"a": 1})
        await look(app, clock)
        told = await admin.ok("GET", "/alerts/incidents")
        assert (told["open"], told["unacknowledged"]) == (1, 1)
        (incident,) = told["incidents"]
        path = f"/alerts/incidents/{incident['id']}"
        seen = await admin.ok("POST", f"{path}/acknowledge", {"note": "on it"})
        assert seen["note"] == "on it"
        told = await admin.ok("GET", "/alerts/incidents?stage=open")
        assert (told["open"], told["unacknowledged"]) == (1, 0)
        assert (await admin.ok("POST", f"{path}/resolve"))["stage"] == "resolved"
        assert (await admin("POST", f"{path}/resolve")).status_code == 409
        assert (await admin.ok("GET", path))["stage"] == "resolved"

    async def test_rules_and_channels_are_changed_as_they_were_seen(self, admin: Caller) -> None:
        await admin.ok("POST", "/alerts/channels", CHANNEL)
        assert (await admin("POST", "/alerts/channels", CHANNEL)).status_code == 409
        made = await admin("POST", "/alerts/rules", RULE)
        seen = {"If-Match": made.headers["etag"]}
        changed = await admin("PATCH", "/alerts/rules/deep", {"above": 5}, headers=seen)
        assert (changed.status_code, changed.json()["above"]) == (200, 5)
        again = await admin("PATCH", "/alerts/rules/deep", {"above": 6}, headers=seen)
        assert again.status_code == 412
        assert (await admin("DELETE", "/alerts/rules/deep")).status_code == 204
        assert (await admin("DELETE", "/alerts/channels/ops")).status_code == 204
        assert (await admin.ok("GET", "/alerts/rules"))["rules"] == []

    async def test_a_secret_is_shown_once(self, admin: Caller) -> None:
        made = await admin.ok("POST", "/alerts/channels", CHANNEL)
        for path in ("/alerts/channels", "/alerts/channels/ops", "/audit"):
            assert made["secret"] not in (await admin("GET", path)).text

    async def test_who_may_not_change_a_channel_sees_its_host_alone(
        self, admin: Caller, people: People
    ) -> None:
        made = await admin.ok("POST", "/alerts/channels", CHANNEL)
        assert made["url"] == CHANNEL["url"]
        assert (await admin.ok("GET", "/alerts/channels/ops"))["url"] == CHANNEL["url"]
        for role in ("viewer", "operator"):
            told = await people(role).ok("GET", "/alerts/channels/ops")
            assert told["url"] == "hooks.example.org"
            assert CHANNEL["url"] not in (await people(role)("GET", "/alerts/channels")).text

    async def test_no_tenant_is_told_of_workers(self, admin: Caller, people: People) -> None:
        rule = {**RULE, "when": "silent_worker", "channels": []}
        assert (await people("admin", "acme")("POST", "/alerts/rules", rule)).status_code == 422
        of_acme = {**rule, "tenant": "acme"}
        assert (await admin("POST", "/alerts/rules", of_acme)).status_code == 422
        await admin.ok("POST", "/alerts/rules", rule)

    async def test_a_channel_is_tried_out(self, admin: Caller) -> None:
        await admin.ok("POST", "/alerts/channels", CHANNEL)
        tried = await admin.ok("POST", "/alerts/channels/ops/test")
        assert (await admin.ok("GET", f"/jobs/{tried['job']}"))["task"] == "tidemill-tell"

    @pytest.mark.parametrize(
        ("path", "body"),
        [
            ("/alerts/rules", {**RULE, "when": "full_moon"}),
            ("/alerts/rules", {**RULE, "above": -1}),
            ("/alerts/rules", {**RULE, "window": "1ms"}),
            ("/alerts/rules", {**RULE, "enabled": False}),
            ("/alerts/channels", {**CHANNEL, "url": "https://127.0.0.1/"}),
            ("/alerts/channels", {**CHANNEL, "url": "http://example.org/"}),
            ("/alerts/channels", {**CHANNEL, "secret": "whsec_x"}),
            ("/alerts/channels", {"name": "m", "by": "mail", "to": ["a\r\nb@example.org"]}),
        ],
    )
    async def test_what_makes_no_sense_is_refused(
        self, admin: Caller, path: str, body: Any
    ) -> None:
        assert (await admin("POST", path, body)).status_code == 422

    async def test_a_tenant_has_its_own(self, people: People) -> None:
        acme, umbra = people("admin", "acme"), people("admin", "umbra")
        await acme.ok("POST", "/alerts/channels", CHANNEL)
        await acme.ok("POST", "/alerts/rules", RULE)
        assert (await umbra.ok("GET", "/alerts/rules"))["rules"] == []
        assert (await umbra("GET", "/alerts/rules/deep")).status_code == 404
        assert (await umbra("DELETE", "/alerts/channels/ops")).status_code == 404
        everybodys = await people().ok("GET", "/alerts/rules")
        assert [each["name"] for each in everybodys["rules"]] == ["acme/deep"]
        narrowed = await people()("GET", "/alerts/rules/deep", headers={"X-Tenant": "acme"})
        assert narrowed.json()["name"] == "deep"


class TestDeadLetters:
    @pytest.fixture
    async def dead(self, app: Tidemill) -> list[str]:
        ids = [app.enqueue("broken", {"secret": f"s{number}"}).id for number in range(3)]
        app.enqueue("add", {"a": 1})
        await app.worker().run_until_idle()
        return ids

    async def test_they_are_counted_listed_and_run_again(
        self, admin: Caller, dead: list[str]
    ) -> None:
        counted = await admin.ok("GET", "/dead-letters/queues")
        assert counted == {"queues": [{"queue": "default", "count": 3}], "more": False}
        listed = await admin.ok("GET", "/dead-letters?limit=2")
        assert [job["id"] for job in listed["jobs"]] == dead[:0:-1]
        one = await admin.ok("POST", "/dead-letters/redrive", {"ids": dead[:1]})
        rest = await admin.ok("POST", "/dead-letters/redrive", {"all": True})
        assert (one["changed"], rest["changed"]) == (1, 2)
        assert (await admin.ok("GET", "/dead-letters/queues"))["queues"] == []

    async def test_they_are_thrown_away(self, admin: Caller, dead: list[str]) -> None:
        other = {"filter": {"tasks": ["add"]}}
        assert (await admin.ok("POST", "/dead-letters/discard", other))["changed"] == 0
        done = next(job["id"] for job in (await admin.ok("GET", "/jobs?states=completed"))["jobs"])
        assert (await admin.ok("POST", "/dead-letters/discard", {"ids": [done]}))["changed"] == 0
        assert (await admin.ok("POST", "/dead-letters/discard", {"all": True}))["changed"] == 3
        assert (await admin("GET", f"/jobs/{dead[0]}")).status_code == 404

    @pytest.mark.parametrize(
        "body", [{}, {"all": False}, {"all": True, "ids": ["x"]}, {"ids": []}, {"everything": True}]
    )
    async def test_it_has_to_be_clear_which(self, admin: Caller, body: Any) -> None:
        for verb in ("redrive", "discard"):
            assert (await admin("POST", f"/dead-letters/{verb}", body)).status_code == 422


@pytest.mark.parametrize("store_url", ["memory"], indirect=True)
async def test_of_very_many_a_job_does_the_rest(app: Tidemill, people: People) -> None:
    caller = people("operator", "acme")
    jobs = [{"task": "add", "arguments": {"a": 1}, "delay": "1h"}] * 1_000
    for _ in range(11):
        await caller.ok("POST", "/jobs/batch", {"jobs": jobs})
    app.enqueue("add", {"a": 1}, delay="1h")
    answer = await caller("POST", "/jobs/cancel", {"filter": {"queues": ["sums"]}})
    told = answer.json()
    assert (answer.status_code, told["changed"]) == (202, 10_000)
    assert answer.headers["location"] == f"/api/v1/jobs/{told['job']}"
    await app.worker().run_until_idle()
    job = await caller.ok("GET", f"/jobs/{told['job']}")
    assert (job["state"], job["result"]) == ("completed", 11_000)
    assert len(list(app.jobs.find(states=["scheduled"]))) == 1


async def test_events_are_counted_and_cleaned(
    admin: Caller, app: Tidemill, clock: ManualClock
) -> None:
    for name in ("order.placed", "order.placed", "order.paid"):
        app.events.emit(name, source="shop")
    figures = await admin.ok("GET", "/events/statistics?pattern=order.*")
    assert (figures["count"], figures["whole"]) == (3, True)
    assert figures["names"][0] == {"name": "order.placed", "count": 2}
    assert figures["sources"] == [{"name": "shop", "count": 3}]
    assert sum(each["count"] for each in figures["minutes"]) == 3
    assert (await admin("POST", "/events/clean", {"older_than": "59m"})).status_code == 422
    clock.advance("2h")
    app.events.emit("order.placed")
    assert (await admin.ok("POST", "/events/clean", {"older_than": "1h"}))["deleted"] >= 3
    assert len((await admin.ok("GET", "/events?pattern=order.*"))["events"]) == 1


async def test_a_tenant_has_a_quota(people: People) -> None:
    quota = {"per_minute": 2, "payload": 20, "waiting": 100}
    await people().ok("POST", "/tenants", {"name": "acme", "quota": quota})
    caller, body = people("operator", "acme"), {"task": "add", "arguments": {"a": 1}}
    for _ in range(2):
        await caller.ok("POST", "/jobs", body)
    refused = await caller("POST", "/jobs", body)
    assert (refused.status_code, refused.json()["code"]) == (429, "access.too_many")
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    large = await caller("POST", "/jobs", {"task": "add", "arguments": {"a": 10**30}})
    assert large.status_code == 413
    outside = {**body, "tenant": "acme"}
    assert (await people()("POST", "/jobs", outside)).status_code == 429
