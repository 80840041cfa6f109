"""Incidents begin, last, open, are acknowledged and end; people are told of each turn once."""

import asyncio

import pytest

from tests.alerts.conftest import Look, deep
from tidemill import Tidemill
from tidemill.access.actor import Actor
from tidemill.access.audit import Scribe
from tidemill.alerts.delivery import TELL, Delivery
from tidemill.alerts.rule import AlertRule
from tidemill.alerts.store import AlertRules, Channels, Incidents
from tidemill.alerts.watch import Watch
from tidemill.core.errors import NotFound, StateError, VersionConflict
from tidemill.testing.clock import ManualClock


def fill(app: Tidemill, count: int = 2) -> None:
    for _ in range(count):
        app.enqueue("fine")


def told(app: Tidemill) -> list[str]:
    """The turns that people are to be told of, oldest first, each with its channel."""
    jobs = sorted(app.jobs.find(tasks=[TELL]), key=lambda job: job.id)
    return sorted(f"{job.seen.source}" for job in jobs if job.seen)


async def test_without_rules_nothing_is_looked_at(look: Look, incidents: Incidents) -> None:
    await look()
    assert await incidents.afind() == []


async def test_an_incident_opens_and_is_over_by_itself(
    app: Tidemill, rules: AlertRules, channels: Channels, incidents: Incidents, look: Look,
    clock: ManualClock,
) -> None:  # fmt: skip
    channels.create("ops", "mail", to=("ops@example.org",))
    rules.create(deep(queue="good", channels=("ops",)))
    fill(app)
    for _ in range(3):
        await look()
        clock.advance("10s")
    (open_,) = incidents.find("open")
    assert (open_.subject, open_.value, open_.text) == ("good", 2, "2 jobs wait in the queue good")
    assert len(told(app)) == 1
    app.jobs.cancel(queues=["good"])
    for _ in range(3):
        await look()
    (over,) = incidents.find()
    assert (over.stage, over.resolved_by) == ("resolved", "")
    assert told(app) == [f"incident:{open_.id}"] * 2
    fill(app)
    await look()
    assert len(incidents.find("open")) == 1
    assert len(told(app)) == 3


async def test_what_does_not_last_is_told_to_nobody(
    app: Tidemill, rules: AlertRules, incidents: Incidents, look: Look, clock: ManualClock
) -> None:
    rules.create(deep(hold=60_000))
    fill(app)
    await look()
    assert incidents.find() == []
    app.jobs.cancel(queues=["good"])
    await look()
    assert incidents.find("pending", "open", "resolved") == []
    fill(app)
    await look()
    clock.advance("1m")
    await look()
    assert len(incidents.find("open")) == 1


async def test_of_several_nodes_that_look_one_tells(
    app: Tidemill, rules: AlertRules, channels: Channels, incidents: Incidents,
    delivery: Delivery, clock: ManualClock,
) -> None:  # fmt: skip
    channels.create("ops", "mail", to=("ops@example.org",))
    rules.create(deep(channels=("ops",)))
    fill(app)
    engine = await app.aopen()
    await asyncio.gather(*(Watch(engine, clock, delivery).run_once() for _ in range(5)))
    assert len(incidents.find("open")) == 1
    assert len(told(app)) == 1


async def test_a_rule_that_is_off_or_gone_ends_what_it_found(
    app: Tidemill, rules: AlertRules, incidents: Incidents, look: Look
) -> None:
    rules.create(deep())
    fill(app)
    await look()
    rules.change("deep", {"enabled": False})
    await look()
    assert [each.stage for each in incidents.find()] == ["resolved"]
    rules.change("deep", {"enabled": True})
    await look()
    assert len(incidents.find("open")) == 1
    rules.delete("deep")
    await look()
    assert incidents.find("open") == []


async def test_somebody_says_something_of_it(
    app: Tidemill, rules: AlertRules, look: Look, clock: ManualClock
) -> None:
    rules.create(deep())
    fill(app)
    await look()
    zoe = Incidents(app.client.on_behalf(None, Scribe(actor=Actor(kind="user", name="zoe"))))
    (incident,) = zoe.find("open")
    seen = zoe.acknowledge(incident.id, "on it")
    assert (seen.acknowledged_by, seen.acknowledged_at) == ("user:zoe", clock.now())
    await look()
    assert zoe.get(incident.id).note == "on it"
    over = zoe.resolve(incident.id)
    assert (over.stage, over.resolved_by, over.note) == ("resolved", "user:zoe", "on it")
    for verb in (zoe.acknowledge, zoe.resolve):
        with pytest.raises(StateError):
            verb(incident.id)
    with pytest.raises(NotFound):
        zoe.get("nothing")


async def test_attempts_dead_letters_schedules_and_missing_workers_are_seen_in_the_store(
    app: Tidemill, rules: AlertRules, incidents: Incidents, look: Look, clock: ManualClock
) -> None:
    for _ in range(12):
        app.enqueue("broken")
    await app.worker().run_until_idle()
    app.schedules.create("often", app.client.bound("fine", {}, {}), every="1m")
    fill(app, 1)
    for name, when, above in (
        ("a", "failures", 11), ("b", "failure_rate", 0.9), ("c", "dead_letters", 11),
        ("d", "missed_schedule", 60), ("e", "no_worker", 0), ("f", "silent_worker", 60),
    ):  # fmt: skip
        rules.create(AlertRule(name=name, when=when, above=above, window=600_000))  # type: ignore[arg-type]  # a word of it
    clock.advance("3m")
    await look()
    found = {each.rule: each.subject for each in incidents.find("open")}
    assert found == {"a": "bad", "b": "bad", "c": "bad", "d": "often", "e": "good"}


def test_a_rule_is_kept_and_changed(rules: AlertRules, channels: Channels) -> None:
    with pytest.raises(NotFound):
        rules.create(deep(channels=("ops",)))
    channels.create("ops", "webhook", url="https://hooks.example.org/x")
    rules.create(deep(channels=("ops",)))
    with pytest.raises(VersionConflict):
        rules.create(deep())
    assert rules.change("deep", {"above": 5.0}, expected=1).value.above == 5
    with pytest.raises(VersionConflict):
        rules.change("deep", {"above": 6.0}, expected=1)
    assert [each.value.above for each in rules.find()] == [5]


def test_nobody_reaches_rules_channels_or_incidents_of_another_tenant(
    app: Tidemill, delivery: Delivery
) -> None:
    scribe = Scribe(actor=Actor(kind="user", name="zoe"))
    acme, umbra = (app.client.on_behalf(tenant, scribe) for tenant in ("acme", "umbra"))
    Channels(acme, delivery).create("ops", "mail", to=("ops@example.org",))
    AlertRules(acme).create(deep(channels=("ops",)))
    AlertRules(umbra).create(deep())
    assert [each.key for each in AlertRules(app.client).find()] == ["acme/deep", "umbra/deep"]
    assert [each.key for each in AlertRules(acme).find()] == ["acme/deep"]
    assert Channels(umbra, delivery).find() == []
    with pytest.raises(NotFound):
        AlertRules(umbra).change("deep", {"channels": ("ops",)})
    with pytest.raises(NotFound):
        Channels(umbra, delivery).delete("ops")


async def test_a_rule_of_a_tenant_looks_at_its_jobs_alone(
    app: Tidemill, rules: AlertRules, incidents: Incidents, look: Look
) -> None:
    rules.create(deep(tenant="acme"))
    fill(app, 5)
    await look()
    assert incidents.find("open") == []
    for _ in range(2):
        app.enqueue("fine", {}, tenant="acme")
    await look()
    assert [each.tenant for each in incidents.find("open")] == ["acme"]


async def test_a_flood_of_events_is_found_and_the_platforms_own_are_none(
    app: Tidemill, rules: AlertRules, incidents: Incidents, look: Look, clock: ManualClock
) -> None:
    rules.create(AlertRule(name="flood", when="event_flood", above=3, window=60_000))
    fill(app, 5)
    await app.worker().run_until_idle()
    for _ in range(3):
        await app.events.aemit("page.read")
    await look()
    assert await incidents.afind() == []
    await app.events.aemit("page.read")
    await look()
    (found,) = await incidents.afind()
    assert (found.subject, found.value, found.stage) == ("page.read", 4, "open")
    clock.advance("5m")
    await look()
    (found,) = await incidents.afind()
    assert found.stage == "resolved"
