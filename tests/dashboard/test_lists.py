"""Jobs are found, counted, looked through page by page, and taken along as a file or a link."""

import csv
import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.dashboard.deeds import choose, confirm, ends, fail, heading, row
from tests.dashboard.site import Site
from tests.dashboard.visits import NARROW, Visits, settle

pytestmark = pytest.mark.timeout(240)


def counted(page: Page, tab: str) -> str:
    """How many jobs a tab says that it has."""
    link = page.get_by_role("navigation", name="State").get_by_role("link", name=tab)
    return link.inner_text().removeprefix(tab).strip()


def saved(page: Page, menu: str, item: str) -> Path:
    """What the browser keeps when something is exported."""
    with page.expect_download() as kept:
        choose(page, menu, item)
    return Path(kept.value.path())


class TestFinding:
    def test_a_job_is_found_by_state_type_queue_tag_and_what_it_holds(
        self, harbour: Site, visits: Visits
    ) -> None:
        app = harbour.app
        job = app.enqueue("models.train", {"step": 424242}, tags=["spring-tide"], key="order-7").id
        page = visits(harbour.url, "oto", "/jobs")
        settle(page)
        field = page.get_by_role("combobox", name="add a filter, as queue:mail")
        others = page.locator("main tbody").get_by_role("link", name="mail.send")
        for said in (
            "task:models.train queue:reports-gpu state:waiting",
            "tag:spring-tide",
            "key:/order-7",
            "424242",
            "data.step:424242",
        ):
            expect(others.first).to_be_visible()
            field.fill(said)
            field.press("Enter")
            for part in said.split():
                expect(page.get_by_role("button", name=f"Leave out {part}")).to_be_visible()
            # Until the jobs that were asked for are there, those from before stand there.
            settle(page)
            expect(others).to_have_count(0)
            expect(row(page, job)).to_be_visible()
            page.goto(f"{harbour.url}/jobs")
            settle(page)
        field.fill("queue:mail")
        field.press("Enter")
        expect(row(page, job)).to_have_count(0)

    def test_a_filter_is_completed_while_it_is_written(self, harbour: Site, visits: Visits) -> None:
        page = visits(harbour.url, "oto", "/jobs")
        settle(page)
        field = page.get_by_role("combobox", name="add a filter")
        field.press_sequentially("queue:web")
        expect(page.get_by_role("option", name="queue:webhooks")).to_be_visible()
        field.press("ArrowDown")
        field.press("Enter")
        expect(page).to_have_url(re.compile("queue=.*webhooks"))

    def test_the_address_is_all_that_a_list_is_narrowed_by_and_back_goes_back_one_step(
        self, harbour: Site, visits: Visits
    ) -> None:
        page = visits(harbour.url, "oto", "/jobs?queue=webhooks&state=failed")
        settle(page)
        expect(page.get_by_role("button", name="Leave out queue:webhooks")).to_be_visible()
        # Somebody else sees the same.
        other = visits(harbour.url, "vic", page.url.removeprefix(harbour.url))
        settle(other)
        rows = "main tr[data-row]"
        assert other.locator(rows).count() == page.locator(rows).count()
        page.get_by_role("button", name="Leave out state:failed").click()
        expect(page).not_to_have_url(re.compile("state="))
        page.go_back()
        expect(page.get_by_role("button", name="Leave out state:failed")).to_be_visible()

    def test_the_counts_of_the_tabs_follow_the_filter(self, harbour: Site, visits: Visits) -> None:
        for number in range(3):
            harbour.app.enqueue("models.train", {"step": number}, tags=["counted"])
        gone = harbour.app.enqueue("models.train", {"step": 3}, tags=["counted"]).id
        harbour.app.jobs.cancel(gone)
        page = visits(harbour.url, "oto", "/jobs?tag=counted")
        settle(page)
        expect(heading(page)).to_have_text("4 jobs")
        assert [counted(page, tab) for tab in ("All", "Waiting", "Cancelled")] == ["4", "3", "1"]
        page.get_by_role("navigation", name="State").get_by_role("link", name="Cancelled").click()
        expect(heading(page)).to_have_text("1 job")
        expect(row(page, gone)).to_be_visible()
        assert counted(page, "Waiting") == "3"

    def test_only_jobs_of_a_stretch_of_time_are_shown_where_one_is_chosen(
        self, harbour: Site, visits: Visits
    ) -> None:
        page = visits(harbour.url, "oto", "/jobs?queue=mail&to=2020-01-01")
        settle(page)
        expect(page.locator("main")).to_contain_text("No job matches.")
        page.goto(f"{harbour.url}/jobs?queue=mail")
        settle(page)
        choose(page, "Enqueued at any time", "in the last 15 minutes")
        expect(page).to_have_url(re.compile("from=-15m"))
        expect(page.locator("main tr[data-row]").first).to_be_visible()

    def test_of_what_does_not_match_it_is_said_what_to_leave_out(
        self, harbour: Site, visits: Visits
    ) -> None:
        page = visits(harbour.url, "oto", "/jobs?queue=reports-gpu&task=mail.send")
        settle(page)
        expect(page.locator("main")).to_contain_text("No job matches.")
        page.get_by_role("link", name=re.compile("^Leave out queue:reports-gpu to see")).click()
        expect(page.get_by_role("table")).to_contain_text("mail.send")

    def test_a_search_that_has_found_nothing_so_far_says_so_and_goes_on(
        self, harbour: Site, visits: Visits
    ) -> None:
        page = visits(harbour.url, "oto", "/settings")

        # So the server answers where it has looked for a tenth of a second.
        def nothing_yet(route: Route) -> None:
            if "cursor=" in route.request.url:
                route.continue_(url=route.request.url.partition("?")[0] + "?queues=mail")
            else:
                route.fulfill(json={"jobs": [], "cursor": "a-place"})

        page.route(re.compile(r"/api/v1/jobs\?"), nothing_yet)
        page.goto(f"{harbour.url}/jobs?q=needle")
        settle(page)
        told = page.get_by_text("None in what was looked through so far; older ones may match.")
        expect(told).to_be_visible()
        page.get_by_role("button", name="Older", exact=True).click()
        expect(page.get_by_role("table")).to_contain_text("mail.send")
        expect(told).to_have_count(0)


class TestPages:
    def test_there_are_25_jobs_on_a_page_or_as_many_as_one_chooses(
        self, harbour: Site, visits: Visits
    ) -> None:
        for number in range(60):
            harbour.app.enqueue("models.train", {"step": number}, tags=["paged"])
        page = visits(harbour.url, "oto", "/jobs?tag=paged")
        settle(page)
        rows = page.locator("main tr[data-row]")
        expect(rows).to_have_count(25)
        choose(page, "Columns", "50 rows a page")
        expect(rows).to_have_count(50)
        expect(page).to_have_url(re.compile("size=50"))
        page.get_by_role("button", name="Older", exact=True).click()
        expect(rows).to_have_count(10)

    def test_what_came_in_the_same_moment_is_on_one_page_or_the_next_and_on_none_twice(
        self, harbour: Site, visits: Visits
    ) -> None:
        calls = [
            harbour.app.client.bound("models.train", {"step": number}, {"tags": ["at-once"]})
            for number in range(60)
        ]
        made = {job.id for job in harbour.app.enqueue_many(calls)}
        page = visits(harbour.url, "oto", "/jobs?tag=at-once")
        rows, seen = page.locator("main tr[data-row]"), list[str]()
        for count in (25, 25, 10):
            expect(rows).to_have_count(count)
            here = [str(each.get_attribute("data-row")) for each in rows.all()]
            seen += here
            if count == 25:
                page.get_by_role("button", name="Older", exact=True).click()
                expect(row(page, here[0])).to_have_count(0)
        assert len(seen) == 60
        assert set(seen) == made

    def test_a_list_shows_the_columns_that_one_wants(self, harbour: Site, visits: Visits) -> None:
        page = visits(harbour.url, "oto", "/jobs?queue=webhooks")
        settle(page)
        for name, there in (("Queue", 1), ("Finished", 0)):
            head = page.get_by_role("columnheader", name=name, exact=True)
            expect(head).to_have_count(there)
            choose(page, "Columns", name)
            expect(head).to_have_count(1 - there)
            page.reload()
            settle(page)
            expect(head).to_have_count(1 - there)

    def test_a_view_is_kept_under_a_name(self, harbour: Site, visits: Visits) -> None:
        page = visits(harbour.url, "oto", "/jobs?queue=webhooks&state=failed")
        settle(page)
        choose(page, "Views", "Save this view…")
        page.get_by_label("Name of the view").fill("bad hooks")
        page.get_by_role("button", name="Save", exact=True).click()
        page.goto(f"{harbour.url}/jobs")
        settle(page)
        choose(page, "Views", "bad hooks")
        expect(page).to_have_url(re.compile("state=.*queue="))


class TestTakingAlong:
    def test_what_matches_is_exported_for_spreadsheets_and_for_programs(
        self, harbour: Site, visits: Visits
    ) -> None:
        exact = 98765432109876543210
        for step in (exact, 1):
            harbour.app.enqueue("models.train", {"step": step}, tags=["taken", "=cmd()"])
        page = visits(harbour.url, "oto", "/jobs?tag=taken")
        settle(page)
        with saved(page, "Export", "CSV, for a spreadsheet").open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        assert [each["task"] for each in rows] == ["models.train"] * 2
        assert {json.loads(each["arguments"])["step"] for each in rows} == {exact, 1}
        assert {each["tags"][:1] for each in rows} <= {"t", "'"}
        text = saved(page, "Export", "NDJSON, for a program").read_text(encoding="utf-8")
        assert {json.loads(line)["arguments"]["step"] for line in text.splitlines()} == {exact, 1}

    def test_a_copied_link_shows_the_same_jobs_tomorrow(
        self, harbour: Site, visits: Visits
    ) -> None:
        page = visits(
            harbour.url,
            "oto",
            "/jobs?queue=mail&from=-1h",
            permissions=["clipboard-read", "clipboard-write"],
        )
        settle(page)
        page.get_by_role("button", name="Copy link").click()
        expect(page.get_by_text("Link copied")).to_be_visible()
        link = page.evaluate("navigator.clipboard.readText()")
        assert re.search(r"from=%22\d{4}-\d\d-\d\dT", link), link
        page.goto(link)
        settle(page)
        expect(page.locator("main tr[data-row]").first).to_be_visible()

    def test_it_is_copied_where_the_browser_has_no_clipboard_for_pages(
        self, harbour: Site, visits: Visits
    ) -> None:
        page = visits(harbour.url, "oto", "/settings")
        # As on a plain http address other than of this machine.
        page.add_init_script(
            """Object.defineProperty(navigator, "clipboard", { value: undefined });
            addEventListener("copy", () => { window.copied = getSelection().toString()
              || document.activeElement.value; }, true);"""
        )
        page.goto(f"{harbour.url}/jobs?queue=mail&from=-1h")
        settle(page)
        page.get_by_role("button", name="Copy link").click()
        expect(page.get_by_text("Link copied")).to_be_visible()
        assert "queue=" in page.evaluate("window.copied")


class TestLooking:
    def test_a_job_is_looked_at_beside_the_list_which_stays_where_it_is(
        self, harbour: Site, visits: Visits
    ) -> None:
        job = fail(harbour, "webhooks.deliver", url="https://api.peek.test/")
        page = visits(harbour.url, "oto", "/jobs?queue=webhooks")
        settle(page)
        row(page, job).get_by_role("link", name="Look beside the list").click()
        beside = page.get_by_role("complementary", name="Look beside the list")
        expect(beside).to_contain_text("webhooks.deliver has failed")
        expect(beside).to_contain_text("no answer from https://api.peek.test/")
        expect(beside.get_by_role("log")).to_contain_text("asking https://api.peek.test/")
        expect(row(page, job)).to_be_visible()
        page.keyboard.press("Escape")
        expect(beside).to_have_count(0)
        expect(page).not_to_have_url(re.compile("peek="))

    def test_on_a_phone_each_row_folds_and_the_menu_leads_everywhere(
        self, harbour: Site, visits: Visits
    ) -> None:
        page = visits(harbour.url, "oto", "/jobs", width=NARROW)
        settle(page)
        folded = page.locator("main tr[data-row]").first
        expect(folded).not_to_have_css("display", "table-row")
        menu = page.get_by_role("button", name="Menu")
        expect(menu).to_have_attribute("aria-expanded", "false")
        menu.click()
        page.get_by_role("navigation", name="Main").get_by_role("link", name="Schedules").click()
        settle(page)
        expect(page).to_have_url(f"{harbour.url}/schedules")
        expect(menu).to_have_attribute("aria-expanded", "false")


class TestMany:
    def test_all_that_match_are_changed_as_one_operation_which_is_undone(
        self, harbour: Site, visits: Visits
    ) -> None:
        ids = [
            harbour.app.enqueue("models.train", {"step": number}, tags=["many"]).id
            for number in range(30)
        ]
        page = visits(harbour.url, "oto", "/jobs?tag=many")
        settle(page)
        page.get_by_role("checkbox", name="Choose all on this page").check()
        page.get_by_role("button", name="Choose all that match (30 jobs)").click()
        page.get_by_role("toolbar").get_by_role("button", name="Cancel").click()
        dialog = page.get_by_role("dialog")
        expect(dialog.get_by_role("heading")).to_have_text("Cancel 30 jobs?")
        expect(dialog.get_by_role("button", name="Cancel 30 jobs")).to_be_enabled()
        confirm(page, "the tide is out")
        ends(harbour, ids[0], "cancelled")
        page.goto(f"{harbour.url}/operations")
        settle(page)
        page.get_by_role("link", name="30 jobs cancelled").first.click()
        expect(heading(page)).to_have_text("30 jobs cancelled")
        expect(page.locator("main")).to_contain_text("the tide is out")
        page.locator("main").get_by_role("button", name="Undo").click()
        ends(harbour, ids[0], "waiting")
        assert {harbour.app.jobs.get(each).state for each in ids} == {"waiting"}

    def test_a_job_is_told_apart_by_a_shape_not_by_its_colour_alone(
        self, harbour: Site, visits: Visits
    ) -> None:
        page = visits(harbour.url, "oto", "/jobs")
        settle(page)
        tabs = page.get_by_role("navigation", name="State").locator("svg.mark")
        shapes = [each.inner_html() for each in tabs.all()]
        assert len(shapes) == len(set(shapes)) == 8
