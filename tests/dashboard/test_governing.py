"""Who may do what, who did what, who is told of what; and that all of it is seen to be so."""

import json
import re

import pytest
from playwright.sync_api import Page, expect

from tests.dashboard.deeds import ask, choose, confirm, ends, fail, heading, log_in, row
from tests.dashboard.site import PASSWORD, Site
from tests.dashboard.visits import Visits, settle

pytestmark = pytest.mark.timeout(240)


class TestAudit:
    def test_who_did_what_and_why_is_found_and_exported_and_held_to_be_whole(
        self, harbour: Site, visits: Visits
    ) -> None:
        job = ask(harbour, "models.train", step=1)
        other = visits(harbour.url, "oto", f"/jobs/{job}")
        other.get_by_role("button", name="Cancel").click()
        confirm(other, "asked for in error")
        page = visits(harbour.url, "ana", f"/audit?target={job}")
        settle(page)
        expect(heading(page)).to_have_text(re.compile(r"^\d+ lines? match"))
        told = page.get_by_role("table").locator("tbody tr").first
        for part in ("jobs.cancel", "user:oto", "asked for in error", "done"):
            expect(told).to_contain_text(part)
        told.get_by_role("button", name=re.compile("^Look at line")).click()
        expect(page.get_by_role("dialog")).to_contain_text("Digest")
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Export").click()
        page.get_by_role("button", name="Fetch them").click()
        with page.expect_download() as kept:
            page.get_by_text("Save the file").click()
        lines = [json.loads(line) for line in kept.value.path().read_text().splitlines()]
        assert {line["target"] for line in lines} == {job}
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Verify").click()
        page.get_by_role("button", name="Verify now").click()
        expect(page.get_by_role("dialog")).to_contain_text(re.compile(r"It is whole: \d+ lines"))

    def test_what_was_refused_is_there_too_and_only_admins_read_it(
        self, harbour: Site, visits: Visits
    ) -> None:
        job = ask(harbour, "models.train", step=2)
        page = visits(harbour.url, "vic", "/jobs")
        settle(page)
        session = page.request.get(f"{harbour.url}/api/v1/session").json()
        refused = page.request.post(
            f"{harbour.url}/api/v1/jobs/{job}/cancel", headers={"X-CSRF-Token": session["csrf"]}
        )
        assert refused.status == 403
        page.goto(f"{harbour.url}/audit")
        expect(page.locator("main")).to_contain_text("This takes the role admin.")
        admin = visits(harbour.url, "ana", "/audit?result=refused")
        settle(admin)
        expect(admin.get_by_role("table")).to_contain_text("user:vic")


class TestAccess:
    def test_somebody_is_let_in_given_a_role_and_shut_out(
        self, harbour: Site, visits: Visits
    ) -> None:
        page = visits(harbour.url, "ana", "/access")
        settle(page)
        expect(page.locator("main")).to_contain_text("Looks, and changes nothing.")
        page.get_by_role("button", name="New user").click()
        page.get_by_label("Log-in name").fill("pia")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Make the user").click()
        expect(row(page, "pia")).to_contain_text("viewer of the whole instance")
        other = visits.stranger(harbour.url, "/login")
        log_in(other, "pia")
        settle(other)
        choose(page, "What to do with pia", "Disable")
        confirm(page)
        expect(other.get_by_role("dialog", name="Your session has ended")).to_be_visible()

    def test_a_key_is_shown_once_does_what_it_may_and_is_revoked(
        self, harbour: Site, visits: Visits
    ) -> None:
        page = visits(harbour.url, "ana", "/access?tab=keys")
        settle(page)
        page.get_by_role("button", name="New key").click()
        page.get_by_label("What it is for").fill("the lighthouse")
        page.get_by_role("button", name="Make the key").click()
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text("It is shown now and never again.")
        key = dialog.get_by_label("Key", exact=True).inner_text()
        header = {"Authorization": f"Bearer {key}"}
        program = visits.stranger(harbour.url, "/login").request
        assert program.get(f"{harbour.url}/api/v1/jobs", headers=header).ok
        dialog.get_by_role("button", name="I have kept it").click()
        expect(page.locator("main")).not_to_contain_text(key)
        page.get_by_role("button", name="Revoke").first.click()
        confirm(page)
        expect(page.get_by_text("It opens nothing any more").first).to_be_visible()
        assert program.get(f"{harbour.url}/api/v1/jobs", headers=header).status == 401


class TestAlerts:
    def test_a_rule_is_made_in_words_and_what_it_finds_is_told_on_every_page(
        self, harbour: Site, visits: Visits
    ) -> None:
        page = visits(harbour.url, "ana", "/alerts?tab=rules")
        settle(page)
        page.get_by_role("button", name="New rule").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("Name").fill("too-much-noise")
        dialog.get_by_label("When").select_option("events of one name come in a flood")
        dialog.get_by_label("More than").fill("700")
        expect(dialog).to_contain_text("more than 700 events of one name have happened within 5 m")
        expect(dialog.get_by_label("Queue")).to_have_count(0)
        dialog.get_by_role("button", name="Make the rule").click()
        expect(row(page, "too-much-noise")).to_contain_text("events of one name")
        page.get_by_role("button", name="New rule").click()
        dialog.get_by_label("Name").fill("too-many-dead")
        dialog.get_by_label("When").select_option("jobs have failed for good")
        dialog.get_by_label("More than").fill("1")
        expect(dialog).to_contain_text("When more than 1 jobs of any queue have failed for good.")
        dialog.get_by_role("button", name="Make the rule").click()
        expect(row(page, "too-many-dead")).to_be_visible()
        fail(harbour, "webhooks.deliver", url="https://api.alert.test/")
        other = visits(harbour.url, "oto", "/jobs")
        settle(other)
        nav = other.get_by_role("navigation", name="Main")
        badge = nav.get_by_role("link", name=re.compile(r"Alerts.*1 open"))
        expect(badge).to_be_visible(timeout=60_000)
        badge.click()
        expect(heading(other)).to_have_text("1 incident is open")
        other.get_by_role("button", name="Acknowledge").click()
        confirm(other, "on it", label="Note")
        expect(other.locator("main")).to_contain_text("oto looks after it: on it")
        expect(page.get_by_role("navigation", name="Main")).to_contain_text("Alerts")


class TestOperations:
    def test_a_retry_of_many_says_what_it_left_alone_and_until_when_it_is_undone(
        self, harbour: Site, visits: Visits
    ) -> None:
        waits = harbour.app.enqueue("models.train", {"step": 1}, tags=["mixed"]).id
        gone = harbour.app.enqueue("models.train", {"step": 2}, tags=["mixed"]).id
        harbour.app.jobs.cancel(gone)
        page = visits(harbour.url, "oto", "/jobs?tag=mixed")
        settle(page)
        page.get_by_role("checkbox", name="Choose all on this page").check()
        page.get_by_role("toolbar").get_by_role("button", name="Retry").click()
        confirm(page, "both of them")
        ends(harbour, gone, "waiting")
        assert harbour.app.jobs.get(waits).state == "waiting"
        page.goto(f"{harbour.url}/operations")
        settle(page)
        page.get_by_role("link", name="1 job retried").first.click()
        expect(page.locator("main")).to_contain_text("Jobs become again what they were")
        expect(page.locator("main")).to_contain_text("Undo until")
        expect(page.locator("main")).to_contain_text(
            "1 (in a state that did not allow it, or not there)"
        )
        expect(page.locator("main")).to_contain_text("both of them")


class TestSettings:
    def test_it_is_dark_dense_and_german_for_who_wants_that(
        self, harbour: Site, visits: Visits
    ) -> None:
        page = visits(harbour.url, "oto", "/settings")
        settle(page)
        page.get_by_label("Theme").select_option("dark")
        assert paper(page) != "rgb(246, 248, 245)"
        page.get_by_label("Rows").select_option("compact")
        page.get_by_label("Language").select_option("Deutsch")
        expect(heading(page)).to_have_text("Einstellungen")
        page.goto(f"{harbour.url}/jobs")
        settle(page)
        expect(page.locator("html")).to_have_attribute("lang", "de")
        expect(page.get_by_role("navigation").first).to_contain_text("Aufträge")
        assert paper(page) != "rgb(246, 248, 245)"

    def test_single_keys_are_switched_off_for_who_speaks_to_the_machine(
        self, harbour: Site, visits: Visits
    ) -> None:
        page = visits(harbour.url, "oto", "/settings")
        settle(page)
        page.get_by_label("Single keys do something").uncheck()
        page.goto(f"{harbour.url}/workers")
        settle(page)
        page.keyboard.press("g")
        page.keyboard.press("j")
        page.keyboard.press("?")
        expect(page.get_by_role("dialog")).to_have_count(0)
        expect(page).to_have_url(f"{harbour.url}/workers")
        page.keyboard.press("Control+k")
        expect(page.get_by_role("dialog")).to_be_visible()


def paper(page: Page) -> str:
    return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))


def test_what_a_page_needs_comes_when_it_is_opened_and_not_before(
    harbour: Site, visits: Visits
) -> None:
    page = visits(harbour.url, "oto", "/jobs")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    settle(page)
    asked.clear()
    page.get_by_role("link", name="Statistics").click()
    settle(page)
    assert [url for url in asked if re.search(r"/assets/.*Statistics.*\.js", url)]
