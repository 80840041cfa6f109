"""Queues, failures and dead letters: how they fare, and what is done about them."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.dashboard.deeds import ask, confirm, ends, fail, heading, row, state
from tests.dashboard.site import Site
from tests.dashboard.visits import Visits, settle

pytestmark = pytest.mark.timeout(240)


def in_state(page: Page, name: str) -> int:
    """How many jobs the tab of a queue's page says that there are."""
    tab = page.get_by_role("navigation", name="Jobs by state").get_by_role("link", name=name)
    return int(re.sub(r"\D", "", tab.inner_text()) or 0)


class TestQueues:
    def test_all_are_told_with_what_waits_runs_and_fails(
        self, harbour: Site, visits: Visits
    ) -> None:
        page = visits(harbour.url, "vic", "/queues")
        settle(page)
        expect(heading(page)).to_have_text(re.compile(r"^\d+ queues"))
        heads = page.get_by_role("columnheader")
        for head in ("Queue", "Depth", "Waiting", "Running", "p95, 15 min", "Oldest", "Failing"):
            expect(heads.filter(has_text=head).first).to_be_visible()
        told = row(page, "reports-gpu")
        expect(told).to_contain_text("no worker")
        expect(told.get_by_role("img", name=re.compile(r"\d+ jobs waiting"))).to_be_visible()

    def test_one_shows_its_jobs_by_state_its_tasks_and_who_listens(
        self, harbour: Site, visits: Visits
    ) -> None:
        page = visits(harbour.url, "vic", "/queues/reports-gpu")
        settle(page)
        waiting = in_state(page, "Waiting")
        assert waiting >= 3
        ask(harbour, "models.train", step=1)
        tab = page.get_by_role("navigation", name="Jobs by state").get_by_role("link")
        expect(tab.filter(has_text="Waiting")).to_contain_text(str(waiting + 1))
        expect(page.locator("main")).to_contain_text("No worker listens to this queue.")
        tab.filter(has_text="Waiting").click()
        settle(page)
        expect(page).to_have_url(re.compile("queue=.*state="))
        page.goto(f"{harbour.url}/queues/webhooks")
        settle(page)
        expect(page.get_by_role("table", name="Workers that listen")).to_be_visible()
        expect(page.get_by_role("table", name="Tasks")).to_contain_text("webhooks.deliver")

    def test_one_is_paused_with_a_note_told_so_everywhere_and_resumed(
        self, harbour: Site, visits: Visits
    ) -> None:
        page = visits(harbour.url, "oto", "/queues/mail")
        settle(page)
        page.get_by_role("button", name="Pause", exact=True).click()
        expect(page.get_by_role("dialog")).to_contain_text("Nothing is taken from it any more")
        confirm(page, "the post office is shut", label="Note")
        expect(heading(page)).to_have_text("mail is paused")
        expect(page.locator("main")).to_contain_text("paused by oto")
        job = ask(harbour, "mail.send", to="late@example.org")
        other = visits(harbour.url, "vic", "/")
        settle(other)
        expect(other.locator("main")).to_contain_text("mail is paused")
        expect(other.locator("main")).to_contain_text("the post office is shut")
        other.goto(f"{harbour.url}/jobs/{job}")
        settle(other)
        expect(other.locator("main")).to_contain_text("Why is it not running?")
        expect(other.locator("main")).to_contain_text(re.compile("paused"))
        page.get_by_role("button", name="Resume").first.click()
        confirm(page)
        ends(harbour, job, "completed")

    def test_what_waits_is_drained_after_it_was_counted(
        self, harbour: Site, visits: Visits
    ) -> None:
        jobs = [ask(harbour, "models.train", step=number) for number in range(3)]
        page = visits(harbour.url, "oto", "/queues/reports-gpu")
        settle(page)
        waiting = in_state(page, "Waiting")
        page.get_by_role("button", name="Drain").click()
        dialog = page.get_by_role("dialog")
        expect(dialog.get_by_label("What it touches")).to_contain_text(str(waiting))
        confirm(page, "they come too late")
        ends(harbour, jobs[-1], "cancelled")
        expect(heading(page)).to_have_text("reports-gpu: nothing waits")

    def test_what_has_finished_is_cleaned_by_state_and_age(
        self, harbour: Site, visits: Visits
    ) -> None:
        job = ask(harbour, "mail.send", to="old@example.org")
        ends(harbour, job, "completed")
        page = visits(harbour.url, "oto", "/queues/mail")
        settle(page)
        page.get_by_role("button", name="Clean").click()
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text("Finished jobs and their history are deleted for good.")
        dialog.get_by_label("Enqueued at least so long ago").select_option("any time")
        expect(dialog.get_by_role("button", name=re.compile(r"^Delete \d+ jobs?"))).to_be_enabled()
        confirm(page)
        expect(page.get_by_text(re.compile(r"\d+ jobs? deleted"))).to_be_visible()
        page.goto(f"{harbour.url}/jobs/{job}")
        expect(heading(page)).to_have_text("This job is not kept any more")

    def test_its_rules_are_changed_and_told(self, harbour: Site, visits: Visits) -> None:
        page = visits(harbour.url, "oto", "/queues/reports")
        settle(page)
        page.get_by_role("button", name="Change rules").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("Jobs at once", exact=True).fill("3")
        dialog.get_by_label("Starts", exact=True).fill("10")
        dialog.get_by_label("per", exact=True).fill("1m")
        dialog.locator("button[type=submit]").click()
        expect(dialog).to_have_count(0)
        told = page.get_by_role("complementary", name="Rules")
        expect(told).to_contain_text("10 per 1 m")
        rules = {each.queue: each for each in harbour.app.queues.find()}
        assert rules["reports"].most == 3


class TestFailures:
    def test_those_of_one_cause_are_one_and_are_told_with_what_sets_them_apart(
        self, harbour: Site, visits: Visits
    ) -> None:
        for number in range(6):
            fail(harbour, "webhooks.deliver", url=f"https://api.six.test/{number}")
        page = visits(harbour.url, "oto", "/failures")
        settle(page)
        expect(heading(page)).to_have_text(re.compile(r"^\d+ kinds? of failure, \d+ jobs"))
        # Those with most jobs come first.
        alike = page.locator("main tr[data-row]").first
        failed = harbour.app.jobs.find(states=["failed"])
        count = len([job for job in failed if job.seen and b"https://" in job.seen.args])
        expect(alike.get_by_role("cell").first).to_have_text(str(count))
        alike.get_by_role("link", name="webhooks.deliver: ConnectionError").click()
        expect(heading(page)).to_have_text("webhooks.deliver fails with ConnectionError")
        expect(page.locator("main")).to_contain_text("What sets them apart")
        expect(page.locator("main")).to_contain_text("raise ConnectionError")

    def test_five_are_tried_first_and_the_rest_is_left_alone_when_one_goes_wrong(
        self, harbour: Site, visits: Visits
    ) -> None:
        for number in range(7):
            fail(harbour, "webhooks.deliver", url=f"https://api.trial.test/{number}")
        page = visits(harbour.url, "oto", "/failures")
        settle(page)
        alike = page.locator("main tr[data-row]").first
        alike.get_by_role("link", name="webhooks.deliver: ConnectionError").click()
        page.get_by_role("button", name="Retry 5 first").click()
        confirm(page, "is it up again?")
        expect(page.get_by_text(re.compile("5 of 5 went wrong again"))).to_be_visible()
        expect(page.locator("main")).to_contain_text("were left alone")


class TestDeadLetters:
    def test_they_are_told_by_cause_queue_and_one_by_one_and_run_again_with_a_reason(
        self, harbour: Site, visits: Visits
    ) -> None:
        gate = harbour.folder / "redriven"
        job = fail(harbour, "webhooks.deliver", url="https://api.dead.test/", until=str(gate))
        page = visits(harbour.url, "oto", "/dead")
        settle(page)
        expect(heading(page)).to_have_text(re.compile(r"^\d+ dead letters in 1 queue"))
        expect(page.get_by_role("table")).to_contain_text("webhooks.deliver: ConnectionError")
        page.get_by_role("link", name="By queue").click()
        expect(page.get_by_role("table")).to_contain_text("webhooks")
        page.get_by_role("navigation", name="View").get_by_role("link", name="Jobs").click()
        expect(row(page, job)).to_contain_text("no answer from https://api.dead.test/")
        gate.touch()
        row(page, job).get_by_role("checkbox").check()
        page.get_by_role("toolbar").get_by_role("button", name="Redrive").click()
        confirm(page, "it answers again")
        ends(harbour, job, "completed")
        expect(row(page, job)).to_have_count(0)

    def test_they_are_thrown_away_after_they_were_counted(
        self, harbour: Site, visits: Visits
    ) -> None:
        job = fail(harbour, "webhooks.deliver", url="https://api.gone.test/")
        page = visits(harbour.url, "oto", "/dead?view=jobs")
        settle(page)
        row(page, job).get_by_role("checkbox").check()
        page.get_by_role("toolbar").get_by_role("button", name="Discard").click()
        dialog = page.get_by_role("dialog")
        expect(dialog.get_by_role("heading")).to_have_text("Discard 1 dead letter?")
        confirm(page, "nobody waits for it")
        expect(row(page, job)).to_have_count(0)
        page.goto(f"{harbour.url}/jobs/{job}")
        expect(heading(page)).to_have_text("This job is not kept any more")


def test_one_job_is_retried_or_deleted_with_a_reason_that_the_audit_log_keeps(
    harbour: Site, visits: Visits
) -> None:
    job = fail(harbour, "webhooks.deliver", url="https://api.reason.test/")
    page = visits(harbour.url, "oto", f"/jobs/{job}")
    settle(page)
    page.get_by_role("button", name="Retry").click()
    confirm(page, "a new certificate")
    ends(harbour, job, "failed")
    admin = visits(harbour.url, "ana", f"/jobs/{job}?tab=history")
    settle(admin)
    expect(admin.locator("main")).to_contain_text("a new certificate")
    page.locator("main header").get_by_role("button", name="More").click()
    page.get_by_role("menuitem", name="Delete").click()
    confirm(page, "of no use")
    expect(page).to_have_url(f"{harbour.url}/jobs")
    admin.goto(f"{harbour.url}/audit?target={job}")
    settle(admin)
    expect(admin.get_by_role("table")).to_contain_text("of no use")
    expect(admin.get_by_role("table")).to_contain_text("user:oto")


def test_priority_queue_and_moment_of_what_waits_are_changed(harbour: Site, visits: Visits) -> None:
    job = ask(harbour, "models.train", step=5)
    page = visits(harbour.url, "oto", f"/jobs/{job}")
    settle(page)
    for act, label, value in (
        ("Priority", "Priority, ", "70"),
        ("Move", "Queue", "reports-slow"),
        ("Postpone", "Until", "2h"),
    ):
        page.locator("main header").get_by_role("button", name="More").click()
        page.get_by_role("menuitem", name=act).click()
        page.get_by_role("dialog").get_by_label(label).fill(value)
        confirm(page)
    kept = harbour.app.jobs.get(job).snapshot()
    assert (kept.priority, kept.queue) == (70, "reports-slow")
    assert state(harbour, job) == "scheduled"
