"""What happens to an open page from outside is told in a sentence, and there is a way on."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.dashboard.deeds import ask, confirm, ends, heading, is_live, log_in, recurs, row
from tests.dashboard.site import PASSWORD, Site
from tests.dashboard.visits import Visits, settle
from tidemill.access.identity import Grant
from tidemill.access.role import Role
from tidemill.access.users import Users

pytestmark = pytest.mark.timeout(240)

LOST = re.compile(
    r"The server cannot be reached; it is asked again every 5 s\. What you see is as of .*\d\d:\d\d"
)


def end_session(site: Site, page: Page) -> None:
    """Log out elsewhere in the same browser."""
    session = page.context.request.get(f"{site.url}/api/v1/session").json()
    gone = page.context.request.delete(
        f"{site.url}/api/v1/session", headers={"X-CSRF-Token": session["csrf"]}
    )
    assert gone.ok, gone.text()


class TestGone:
    def test_a_server_that_is_gone_is_told_with_the_age_of_what_is_shown(
        self, harbour: Site, visits: Visits
    ) -> None:
        page = visits(harbour.url, "ana", "/jobs?queue=mail")
        settle(page)
        is_live(page)
        shown = page.locator("main tr[data-row]").count()
        harbour.kill("serve")
        try:
            told = page.get_by_text(LOST)
            expect(told).to_be_visible()
            # What is there can still be read.
            assert page.locator("main tr[data-row]").count() == shown
        finally:
            harbour.serve()
        # Nobody reloads anything.
        expect(told).to_have_count(0)
        is_live(page)

    def test_a_change_whose_answer_is_lost_is_not_said_to_be_undone(
        self, harbour: Site, visits: Visits
    ) -> None:
        job = ask(harbour, "models.train", step=7)
        page = visits(harbour.url, "ana", f"/jobs/{job}")
        settle(page)
        page.get_by_role("button", name="Cancel").click()
        dialog = page.get_by_role("dialog")
        yes = dialog.get_by_role("button", name="Cancel 1 job")
        expect(yes).to_be_enabled()
        harbour.kill("serve")
        try:
            yes.click()
            expect(dialog).to_contain_text("Done or not, nobody knows: Cancel 1 job")
            expect(dialog).to_contain_text("Look whether it was done before you try again.")
        finally:
            harbour.serve()
        yes.click()
        expect(dialog).to_have_count(0)
        expect(heading(page)).to_have_text("models.train was cancelled")

    def test_a_page_that_comes_while_the_server_is_gone_says_so_and_comes_when_it_is_back(
        self, harbour: Site, visits: Visits
    ) -> None:
        seen, unseen = (ask(harbour, "models.train", step=step) for step in (11, 12))
        page = visits(harbour.url, "ana", "/jobs?queue=reports-gpu")
        # The script of such a page is here after the first one.
        row(page, seen).get_by_role("link").first.click()
        expect(heading(page)).to_have_text("models.train is waiting")
        page.go_back()
        expect(row(page, unseen)).to_be_visible()
        harbour.kill("serve")
        try:
            row(page, unseen).get_by_role("link").first.click()
            told = page.get_by_role("alert")
            expect(told).to_contain_text("The server cannot be reached.")
            expect(told.get_by_role("button", name="Try again")).to_be_visible()
        finally:
            harbour.serve()
        expect(heading(page)).to_have_text("models.train is waiting")
        expect(told).to_have_count(0)


class TestSession:
    def test_a_session_that_has_ended_is_told_and_what_was_written_is_still_there(
        self, harbour: Site, visits: Visits
    ) -> None:
        page = visits(harbour.url, "oto", "/jobs/new?task=models.train")
        settle(page)
        page.get_by_label("step").fill("41")
        end_session(harbour, page)
        page.get_by_role("button", name="Create job").click()
        dialog = page.get_by_role("dialog", name="Your session has ended")
        expect(dialog).to_contain_text("Log in, and you go on where you are.")
        log_in(dialog, "oto", "no heron at all")
        expect(dialog).to_contain_text("The name or the password is wrong.")
        log_in(dialog, "oto")
        expect(dialog).to_have_count(0)
        expect(page.get_by_label("step")).to_have_value("41")
        page.get_by_role("button", name="Create job").click()
        expect(heading(page)).to_have_text("models.train is waiting")

    def test_it_is_noticed_by_who_only_looks_on_and_leads_to_the_log_in_page_and_back(
        self, harbour: Site, visits: Visits
    ) -> None:
        page = visits(harbour.url, "oto", "/jobs?queue=mail")
        settle(page)
        end_session(harbour, page)
        dialog = page.get_by_role("dialog", name="Your session has ended")
        expect(dialog).to_be_visible()
        dialog.get_by_role("link", name="Go to the log-in page").click()
        expect(page).to_have_url(re.compile("/login"))
        log_in(page, "oto")
        settle(page)
        expect(page).to_have_url(re.compile(r"/jobs\?queue="))


def test_who_has_another_role_is_told_and_may_do_what_that_one_may(
    harbour: Site, visits: Visits
) -> None:
    users = Users(harbour.app.client)
    users.create("mia", PASSWORD, [Grant(Role.OPERATOR)])
    job = ask(harbour, "models.train", step=8)
    page = visits(harbour.url, "mia", f"/jobs/{job}")
    settle(page)
    cancel = page.get_by_role("button", name="Cancel")
    expect(cancel).not_to_have_attribute("aria-disabled", "true")
    users.change("mia", grants=[Grant(Role.VIEWER)])
    # With the role its session ends: another one has to be begun.
    dialog = page.get_by_role("dialog", name="Your session has ended")
    expect(dialog).to_contain_text("somebody changed what you may do")
    log_in(dialog, "mia")
    expect(page.get_by_text("Your role has changed: you are viewer now")).to_be_visible()
    expect(cancel).to_have_attribute("aria-disabled", "true")
    expect(cancel).to_have_attribute("title", re.compile("This takes the role operator"))


class TestDeleted:
    def test_a_job_that_is_deleted_under_an_open_page_is_told_with_what_is_known_of_it(
        self, harbour: Site, visits: Visits
    ) -> None:
        job = ask(harbour, "models.train", step=9)
        page = visits(harbour.url, "ana", f"/jobs/{job}")
        settle(page)
        is_live(page)
        other = visits(harbour.url, "oto", f"/jobs/{job}")
        settle(other)
        choose_delete(other)
        confirm(other, "nobody needs it")
        expect(heading(page)).to_have_text("This job is not kept any more")
        expect(page.locator("main")).to_contain_text("jobs.delete user:oto: nobody needs it")
        page.get_by_role("link", name="Show all jobs").click()
        expect(page).to_have_url(f"{harbour.url}/jobs")
        expect(row(page, job)).to_have_count(0)

    def test_so_is_a_schedule(self, harbour: Site, visits: Visits) -> None:
        recurs(harbour, "of-a-day")
        page = visits(harbour.url, "ana", "/schedules/of-a-day")
        settle(page)
        harbour.app.schedules.delete("of-a-day")
        told = page.get_by_role("alert").first
        expect(told).to_contain_text("It is not there any more: deleted, or kept no longer.")
        expect(told).to_contain_text("Request")
        pages = page.get_by_role("navigation", name="Main")
        pages.get_by_role("link", name="Schedules").click()
        expect(page.get_by_role("table")).not_to_contain_text("of-a-day")

    def test_a_link_to_what_is_nowhere_leads_on(self, harbour: Site, visits: Visits) -> None:
        page = visits(harbour.url, "ana", "/harbour/master")
        expect(page.get_by_role("heading")).to_have_text("There is no such page")
        page.get_by_role("link", name="Overview").click()
        settle(page)


def choose_delete(page: Page) -> None:
    page.locator("main header").get_by_role("button", name="More").click()
    page.get_by_role("menuitem", name="Delete").click()


def test_another_version_of_the_server_under_an_open_page_is_told_and_fetched_by_a_press(
    harbour: Site, visits: Visits
) -> None:
    page = visits(harbour.url, "ana", "/settings")
    page.clock.install()
    page.goto(f"{harbour.url}/jobs?queue=mail")
    settle(page)

    def newer(route: Route) -> None:
        told = route.fetch()
        route.fulfill(response=told, json=told.json() | {"build": "of-tomorrow"})

    page.route("**/api/v1/server", newer)
    # It is looked for once a minute.
    page.clock.fast_forward(61_000)
    told = page.get_by_text("Another version of tidemill is here. What you see may not go with it.")
    expect(told).to_be_visible()
    page.unroute("**/api/v1/server")
    page.get_by_role("button", name="Reload").click()
    settle(page)
    expect(told).to_have_count(0)
    expect(page).to_have_url(re.compile(r"/jobs\?queue="))


def test_who_changes_what_somebody_else_has_changed_meanwhile_sees_both_and_chooses(
    harbour: Site, visits: Visits
) -> None:
    recurs(harbour, "of-two")
    page = visits(harbour.url, "ana", "/schedules/of-two/edit")
    settle(page)
    page.get_by_label("As one line").fill("0 5 * * *")
    harbour.app.schedules.edit("of-two", pattern="0 4 * * *")
    page.get_by_role("button", name="Save changes").click()
    expect(page.locator("main")).to_contain_text("Somebody else has changed it meanwhile")
    expect(page.locator("main")).to_contain_text("0 4 * * *")
    page.get_by_role("button", name="Save mine over it").click()
    expect(heading(page)).to_contain_text("of-two comes next")
    assert harbour.app.schedules.get("of-two").cron == "0 5 * * *"


def test_what_is_asked_too_often_is_told_with_how_long_to_wait(
    harbour: Site, visits: Visits
) -> None:
    page = visits(harbour.url, "ana", "/queues")
    settle(page)
    page.route(
        "**/api/v1/queues",
        lambda route: route.fulfill(
            status=429,
            headers={"Retry-After": "7"},
            json={"detail": "too many requests", "code": "too_many_requests"},
        ),
    )
    page.goto(f"{harbour.url}/queues")
    expect(page.get_by_role("alert").first).to_contain_text("That was too often. Wait 7 s.")
    page.unroute("**/api/v1/queues")
    page.get_by_role("button", name="Try again").first.click()
    expect(page.get_by_role("table")).to_contain_text("mail")


def test_who_works_on_after_a_restart_has_lost_nothing(harbour: Site, visits: Visits) -> None:
    page = visits(harbour.url, "oto", "/jobs?queue=reports-gpu")
    job = ask(harbour, "models.train", step=10)
    settle(page)
    expect(row(page, job)).to_be_visible()
    row(page, job).get_by_role("checkbox").check()
    harbour.kill("serve")
    harbour.serve()
    is_live(page)
    expect(row(page, job).get_by_role("checkbox")).to_be_checked()
    page.get_by_role("toolbar").get_by_role("button", name="Cancel").click()
    confirm(page)
    ends(harbour, job, "cancelled")
