"""Who asks for one tenant sees and touches nothing else, and each change says who made it."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from tests.access.conftest import Ask
from tidemill import Tidemill, errors
from tidemill.access import audit
from tidemill.client.control import Jobs
from tidemill.client.events import Events
from tidemill.client.queues import Queues
from tidemill.client.steps import Walk
from tidemill.client.wishes import WishKeywords
from tidemill.core.change import Cancel, Which
from tidemill.core.instants import to_datetime
from tidemill.core.query import JobFilter
from tidemill.core.state import State
from tidemill.schedules.store import Schedules
from tidemill.schedules.tick import Scheduler
from tidemill.testing.clock import ManualClock


def lines(app: Tidemill) -> list[audit.AuditLine]:
    """The audit log, oldest first."""
    search = audit.Search()
    page = Walk(audit.find(app.open(), search, cursor=None, limit=100)).wait()
    return list(reversed(page.lines))


class TestOneTenant:
    def test_their_jobs_are_theirs(self, app: Tidemill, ask: Ask) -> None:
        mine = ask("acme").enqueue(app.client.bound("add", {"a": 1}, {}))
        assert app.jobs.get(mine.id).snapshot().tenant == "acme"

    def test_nobody_elses_job_is_there(self, app: Tidemill, ask: Ask) -> None:
        other = app.enqueue("add", {"a": 1}, tenant="umbra")
        jobs = Jobs(ask("acme"))
        with pytest.raises(errors.JobNotFound):
            jobs.get(other.id)
        assert list(jobs.find()) == []
        assert jobs.counts() == ()
        assert Jobs(ask()).get(other.id).id == other.id

    def test_nobody_elses_job_is_changed(self, app: Tidemill, ask: Ask) -> None:
        other = app.enqueue("add", {"a": 1}, tenant="umbra")
        mine = app.enqueue("add", {"a": 1}, tenant="acme")
        jobs = Jobs(ask("acme"))
        assert jobs.cancel(other.id) == 0
        assert jobs.cancel(tasks=["add"]) == 1
        everything = Which(filter=JobFilter(tenant="umbra"))
        assert jobs.change(everything, Cancel()).ids == ()
        assert (mine.state, other.state) == (State.CANCELLED, State.WAITING)

    def test_nobody_elses_job_is_followed(self, app: Tidemill, ask: Ask) -> None:
        other = app.enqueue("add", {"a": 1}, tenant="umbra")
        for wishes in (WishKeywords(after=other.id), WishKeywords(batch=other.id)):
            with pytest.raises(errors.UnknownParent):
                ask("acme").enqueue(app.client.bound("add", {"a": 1}, wishes))
        assert list(app.jobs.find(tenant="acme")) == []

    def test_their_own_job_is_followed(self, app: Tidemill, ask: Ask) -> None:
        client = ask("acme")
        first = app.client.bound("add", {"a": 1}, {})
        second = app.client.bound("add", {"a": 2}, {"after": first.id})
        client.enqueue_many([first, second])
        third = client.enqueue(app.client.bound("add", {"a": 3}, {"after": first.id}))
        assert third.state is State.BLOCKED

    def test_another_tenant_cannot_be_wished_for(self, app: Tidemill, ask: Ask) -> None:
        client = ask("acme")
        with pytest.raises(errors.InvalidOption):
            client.enqueue(app.client.bound("add", {"a": 1}, {"tenant": "umbra"}))
        with pytest.raises(errors.InvalidOption):
            Jobs(client).find(tenant="umbra")
        with pytest.raises(errors.InvalidOption):
            Events(client).emit("paid", tenant="umbra")
        assert list(app.jobs.find()) == []

    def test_nobody_elses_events_are_there(self, app: Tidemill, ask: Ask) -> None:
        app.events.emit("paid", 1, tenant="umbra")
        app.events.emit("paid", 2)
        events = Events(ask("acme"))
        events.emit("paid", 3)
        assert [event.payload for event in events.recent()] == [3]
        assert [event.payload for event in events.read()] == [3]


class TestSchedulesOfATenant:
    def test_two_tenants_may_name_theirs_alike(self, app: Tidemill, ask: Ask) -> None:
        for tenant in ("acme", "umbra", None):
            client = ask(tenant)
            call = client.bound("add", {"a": 1}, {})
            Schedules(client).create("nightly", call, pattern="0 2 * * *")
        assert [each.key for each in app.schedules.find()] == [
            "acme/nightly", "nightly", "umbra/nightly",
        ]  # fmt: skip
        mine = Schedules(ask("acme"))
        assert [each.name for each in mine.find()] == ["nightly"]
        mine.pause("nightly", note="stocktaking")
        assert [each.paused for each in app.schedules.find()] == [True, False, False]
        assert app.schedules.get("acme/nightly").job.tenant == "acme"

    def test_nobody_elses_is_there(self, app: Tidemill, ask: Ask) -> None:
        call = app.client.bound("add", {"a": 1}, {})
        app.schedules.create("daily", call, every="1d")
        Schedules(ask("umbra")).create("weekly", call, every="7d")
        mine = Schedules(ask("acme"))
        assert mine.find() == ()
        for name in ("daily", "weekly", "umbra/weekly", "../daily"):
            with pytest.raises(errors.NotFound):
                mine.run(name)
            assert mine.delete(name) is False
        assert len(app.schedules.find()) == 2

    def test_their_jobs_are_apart(self, app: Tidemill, ask: Ask, clock: ManualClock) -> None:
        for tenant in ("acme", "umbra"):
            client = ask(tenant)
            call = client.bound("add", {"a": 1}, {})
            Schedules(client).create("hourly", call, pattern="0 * * * *", overlap="skip")
        clock.advance("1h")
        asyncio.run(Scheduler(app.open(), clock).run_once())
        assert {(job.seen.tenant, job.seen.source) for job in app.jobs.find() if job.seen} == {
            ("acme", "schedule:acme/hourly"), ("umbra", "schedule:umbra/hourly"),
        }  # fmt: skip

    def test_each_change_says_who_made_it(self, app: Tidemill, ask: Ask) -> None:
        mine = Schedules(ask("acme"))
        mine.create("nightly", app.client.bound("add", {"a": 1}, {}), pattern="0 2 * * *")
        mine.edit("nightly", tz="Australia/Sydney")
        mine.pause("nightly")
        mine.resume("nightly")
        mine.run("nightly")
        mine.delete("nightly")
        verbs = ["create", "edit", "pause", "resume", "run", "delete"]
        assert [line.action for line in lines(app)] == [f"schedules.{verb}" for verb in verbs]
        assert {line.account.target for line in lines(app)} == {"acme/nightly"}


class TestWitness:
    def test_each_change_says_who_made_it(self, app: Tidemill, ask: Ask) -> None:
        client = ask(reason="month end")
        job = client.enqueue(app.client.bound("add", {"a": 41}, {}))
        Jobs(client).reprioritise(job.id, priority=9)
        Queues(client).pause("default", "stocktaking")
        Events(client).emit("paid", {"secret": 41})
        told = lines(app)
        assert [line.action for line in told] == [
            "jobs.enqueue", "jobs.reprioritise", "queues.pause", "events.emit",
        ]  # fmt: skip
        assert {line.actor for line in told} == {"user:zoe"}
        assert {line.account.reason for line in told} == {"month end"}
        assert {line.account.request for line in told} == {"r1"}
        assert [line.account.target for line in told] == [job.id, job.id, "default", "paid"]
        assert told[1].account.given == {"priority": 9}

    def test_what_jobs_are_given_is_not_told(self, app: Tidemill, ask: Ask) -> None:
        ask().enqueue(app.client.bound("add", {"a": 424_242}, {}))
        Events(ask()).emit("paid", {"secret": 424_242})
        entries = app.open().records.read("audit").wait()
        assert not [entry for entry in entries if b"424242" in entry.data]

    def test_rules_are_told_by_their_digests(self, app: Tidemill, ask: Ask) -> None:
        queues = Queues(ask())
        queues.pause("default")
        queues.resume("default")
        first, second = lines(app)
        assert first.account.after == second.account.before
        assert first.account.before != first.account.after != ""

    def test_a_sweep_is_told_of_once(self, app: Tidemill, ask: Ask) -> None:
        app.enqueue_many(app.client.bound("add", {"a": n}, {}) for n in range(1_200))
        assert Jobs(ask()).cancel(tasks=["add"]) == 1_200
        (line,) = lines(app)
        assert line.account.given["filter"] == {"tasks": ["add"]}

    def test_nobody_in_particular_leaves_no_line(self, app: Tidemill) -> None:
        app.enqueue("add", {"a": 1})
        app.queues.pause("default")
        assert lines(app) == []

    def test_who_is_confined_is_told_with_their_tenant(self, app: Tidemill, ask: Ask) -> None:
        ask("acme").enqueue(app.client.bound("add", {"a": 1}, {}))
        assert [line.tenant for line in lines(app)] == ["acme"]


class TestPagesOfEvents:
    def page(self, events: Events, **which: Any) -> list[Any]:
        """The payloads of all pages."""
        payloads: list[Any] = []
        cursor = None
        while True:
            page = events.page(**which, cursor=cursor, limit=2)
            assert len(page.events) <= 2
            payloads += [event.payload for event in page.events]
            if (cursor := page.cursor) is None:
                return payloads

    def test_events_are_found_by_what_they_say(
        self, app: Tidemill, ask: Ask, clock: ManualClock
    ) -> None:
        begin = to_datetime(clock.now())
        for number, (name, source, tenant) in enumerate(
            [("a.b", "x", ""), ("a.c", "y", "acme"), ("b", "x", "umbra"), ("a.b", "x", "acme")]
        ):
            app.events.emit(name, number, source=source, tenant=tenant)
            clock.advance("1m")
        events = app.events
        minute = timedelta(minutes=1)
        assert self.page(events) == [3, 2, 1, 0]
        assert self.page(events, pattern="a.*") == [3, 1, 0]
        assert self.page(events, source="x") == [3, 2, 0]
        assert self.page(events, tenant="acme") == [3, 1]
        assert self.page(events, tenant="") == [0]
        assert self.page(events, since=begin + minute) == [3, 2, 1]
        assert self.page(events, until=begin + minute) == [0]
        assert self.page(Events(ask("acme"))) == [3, 1]
        assert self.page(events, pattern="nothing") == []
