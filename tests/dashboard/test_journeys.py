"""What people come for: they log in, find what failed, read why, mend it, and see it go well."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.dashboard.deeds import ask, confirm, fail, log_in
from tests.dashboard.site import PASSWORD, Site
from tests.dashboard.visits import Visits, settle

pytestmark = pytest.mark.timeout(240)


class TestComingIn:
    def test_a_wrong_password_is_told_and_the_right_one_leads_where_one_wanted_to_go(
        self, harbour: Site, visits: Visits
    ) -> None:
        page = visits.stranger(harbour.url, "/jobs?state=failed")
        expect(page).to_have_url(re.compile("/login"))
        log_in(page, "oto", "no heron at all")
        expect(page.get_by_text("The name or the password is wrong.")).to_be_visible()
        log_in(page, "oto")
        settle(page)
        expect(page).to_have_url(re.compile(r"/jobs\?state="))
        expect(page.get_by_role("table")).to_contain_text("webhooks.deliver")

    @pytest.mark.parametrize(
        ("asked", "shown"),
        [
            ("/login", "/"),
            ("/login?next=%2Fworkers", "/workers"),
            ("/login?next=%2F%2Fevil.test%2Fjobs", "/evil.test/jobs"),
            ("/login?next=%2F%2F%2Fevil.test", "/evil.test"),
            ("/login?next=%2F%5C%2Fevil.test", "/evil.test"),
            ("/login?next=%2Fjavascript%3Aalert(1)", "/javascript:alert(1)"),
        ],
    )
    def test_the_log_in_page_leads_to_where_one_wanted_and_to_no_other_host(
        self, harbour: Site, visits: Visits, asked: str, shown: str
    ) -> None:
        page = visits.stranger(harbour.url, asked)
        log_in(page, "oto")
        expect(page).to_have_url(harbour.url + shown)
        expect(page.get_by_role("heading").first).not_to_have_text("Log in")

    def test_who_logs_out_is_out(self, harbour: Site, visits: Visits) -> None:
        page = visits(harbour.url, "oto", "/jobs")
        settle(page)
        page.get_by_role("banner").get_by_role("button", name="Oto").click()
        page.get_by_role("menuitem", name="Log out").click()
        expect(page).to_have_url(re.compile("/login"))
        page.goto(f"{harbour.url}/jobs")
        expect(page).to_have_url(re.compile("/login"))

    def test_the_first_admin_is_made_by_the_token_on_the_console(
        self, dashboard: Path, visits: Visits, tmp_path: Path
    ) -> None:
        del dashboard
        site = Site(tmp_path, f"sqlite:///{tmp_path}/jobs.db")
        try:
            site.serve()
            page = visits.stranger(site.url, "/")
            page.get_by_role("button", name="Make the first admin").click()
            page.get_by_label("Token").fill(site.token())
            page.get_by_label("Name").fill("first")
            page.get_by_label("Password").fill(PASSWORD)
            page.get_by_role("button", name="Make the admin").click()
            settle(page)
            page.goto(f"{site.url}/jobs")
            settle(page)
            expect(page.get_by_role("link", name="Access")).to_be_visible()
        finally:
            site.close()


def test_a_failed_job_is_found_read_retried_and_seen_to_complete(
    shared: Site, visits: Visits
) -> None:
    mended = shared.folder / "mended"
    job = fail(shared, "webhooks.deliver", url="https://api.acme.test/it", until=str(mended))
    page = visits(shared.url, "oto", "/jobs")
    settle(page)
    page.get_by_role("textbox", name="Search jobs").fill("state:failed queue:webhooks")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("state"))
    page.locator(f"main tr[data-row='{job}'] a").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("webhooks.deliver has failed")
    expect(
        page.get_by_text("ConnectionError: no answer from https://api.acme.test/it").first
    ).to_be_visible()
    expect(page.locator("pre")).to_contain_text("raise ConnectionError")
    expect(page.get_by_role("log")).to_contain_text("asking https://api.acme.test/it")
    mended.touch()
    page.get_by_role("button", name="Retry").click()
    confirm(page, "the other side is up again")
    # Nobody reloads anything.
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text("webhooks.deliver has completed")
    page.get_by_role("link", name="Result").click()
    expect(page.get_by_text('"delivered"')).to_be_visible()


def test_pages_of_a_list_follow_each_other_under_the_pointer(harbour: Site, visits: Visits) -> None:
    ids = [ask(harbour, "models.train", step=number) for number in range(60)][::-1]
    page = visits(harbour.url, "oto", "/jobs?queue=reports-gpu")
    settle(page)
    rows = page.locator("main tr[data-row]")
    expect(rows.first).to_have_attribute("data-row", ids[0])
    shown = rows.count()
    page.get_by_role("button", name="Older", exact=True).click()
    expect(rows.first).to_have_attribute("data-row", ids[shown])
    page.get_by_role("button", name="Newest").click()
    expect(rows.first).to_have_attribute("data-row", ids[0])


class TestRoles:
    def test_a_viewer_sees_that_something_is_hidden_and_why_a_button_is_refused(
        self, harbour: Site, visits: Visits
    ) -> None:
        job = next(iter(harbour.app.jobs.find(states=["failed"]))).id
        page = visits(harbour.url, "vic", f"/jobs/{job}")
        settle(page)
        hidden = page.get_by_text("Hidden: your role may not see what jobs hold.")
        expect(hidden.first).to_be_visible()
        expect(page.locator("main")).not_to_contain_text("api.acme.test/hooks")
        retry = page.get_by_role("button", name="Retry")
        expect(retry).to_have_attribute("aria-disabled", "true")
        expect(retry).to_have_attribute("title", re.compile("operator"))
        retry.click(force=True)  # a person may try
        expect(page.get_by_role("dialog")).to_have_count(0)

    def test_what_a_role_may_not_look_at_is_not_offered(
        self, harbour: Site, visits: Visits
    ) -> None:
        page = visits(harbour.url, "vic", "/jobs")
        settle(page)
        pages = page.get_by_role("navigation", name="Main")
        expect(pages.get_by_role("link", name="Jobs", exact=True)).to_be_visible()
        expect(pages.get_by_role("link", name="Access")).to_have_count(0)

    def test_the_server_refuses_what_a_page_would_not_have_offered(
        self, harbour: Site, visits: Visits
    ) -> None:
        job = next(iter(harbour.app.jobs.find(states=["failed"]))).id
        page = visits(harbour.url, "vic", "/jobs")
        settle(page)
        status = page.evaluate(
            """async (id) => {
                const session = await (await fetch("api/v1/session")).json();
                const headers = {"X-CSRF-Token": session.csrf, "Content-Type": "application/json"};
                return (await fetch(`api/v1/jobs/${id}/retry`, {method: "POST", headers})).status;
            }""",
            job,
        )
        assert status == 403


def test_what_strangers_write_stays_text(harbour: Site, visits: Visits) -> None:
    page = visits(harbour.url, "ana", "/jobs")
    settle(page)
    written = [
        job.id for job in harbour.app.jobs.find() if job.seen and b"onerror" in job.seen.args
    ]
    assert len(written) == 2
    for job in written:
        page.goto(f"{harbour.url}/jobs/{job}")
        settle(page)
        expect(page.locator("#page")).to_contain_text("<img src=x onerror=")
        expect(page.locator("img[src=x], #page script")).to_have_count(0)
        assert "\u202e" not in page.locator("#page").inner_text()
        expect(page.locator("#page")).to_contain_text("\\u202etxt.exe")
        assert page.title() != "broken in"


class TestAway:
    def test_a_server_that_is_gone_is_told_and_its_return_is_noticed(
        self, dashboard: Path, visits: Visits, tmp_path: Path
    ) -> None:
        del dashboard
        site = Site(tmp_path, f"sqlite:///{tmp_path}/jobs.db")
        try:
            site.people()
            site.serve()
            page = visits(site.url, "ana", "/jobs?queue=reports-gpu")
            settle(page)
            live = page.get_by_role("button", name="Pause live updates")
            expect(live).to_have_text("Live")
            site.kill("serve")
            expect(live).not_to_have_text("Live")
            job = ask(site, "models.train", step=1)
            site.serve()
            expect(live).to_have_text("Live")
            expect(page.locator(f"tr[data-row='{job}']")).to_be_visible()
        finally:
            site.close()

    def test_mounted_under_a_path_all_of_it_stays_there(
        self, dashboard: Path, visits: Visits, tmp_path: Path
    ) -> None:
        del dashboard
        site = Site(tmp_path, f"sqlite:///{tmp_path}/jobs.db")
        try:
            site.people()
            ask(site, "models.train", step=1)
            site.mount("/inside/tidemill")
            page = visits(site.url, "ana", "/jobs")
            settle(page)
            page.get_by_role("link", name="models.train").first.click()
            expect(page.get_by_role("heading", level=1)).to_contain_text("models.train")
            expect(page).to_have_url(re.compile("/inside/tidemill/jobs/"))
            page.reload()
            expect(page.get_by_role("heading", level=1)).to_contain_text("models.train")
            expect(page.get_by_role("button", name="Pause live updates")).to_have_text("Live")
        finally:
            site.close()
