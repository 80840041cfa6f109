"""The overview, figures, attempts, workers and events: what is so, in a sentence and in numbers."""

import json
import re

import pytest
from playwright.sync_api import expect

from tests.dashboard.deeds import ask, confirm, ends, fail, heading, row
from tests.dashboard.site import Site
from tests.dashboard.visits import Visits, settle

pytestmark = pytest.mark.timeout(240)


class TestOverview:
    def test_it_says_how_all_fares_and_what_needs_a_hand(
        self, harbour: Site, visits: Visits
    ) -> None:
        page = visits(harbour.url, "vic", "/")
        settle(page)
        # Nobody takes jobs of one queue.
        expect(heading(page)).to_have_text("Nobody works on reports-gpu")
        expect(page.locator("main")).to_contain_text("Needs a hand")
        expect(page.locator("main")).to_contain_text("reports-gpu has no worker")
        page.get_by_role("link", name="Open: reports-gpu has no worker").click()
        expect(page).to_have_url(re.compile("/queues/reports-gpu"))

    def test_jobs_are_counted_by_state_and_each_count_leads_to_them(
        self, harbour: Site, visits: Visits
    ) -> None:
        page = visits(harbour.url, "vic", "/")
        settle(page)
        strip = page.get_by_role("list", name="Jobs by state")
        expect(strip.get_by_role("listitem")).to_have_count(8)
        waiting = strip.get_by_role("link", name=re.compile("^Waiting"))
        before = int(re.sub(r"\D", "", waiting.inner_text()))
        ask(harbour, "models.train", step=1)
        expect(waiting).to_contain_text(str(before + 1))
        waiting.click()
        expect(page).to_have_url(re.compile(r"/jobs\?state="))

    def test_past_and_planned_work_are_drawn_and_told_as_a_table(
        self, harbour: Site, visits: Visits
    ) -> None:
        page = visits(harbour.url, "vic", "/")
        settle(page)
        expect(page.locator("main")).to_contain_text("Next on the table")
        page.get_by_role("link", name="Show as a table").or_(
            page.get_by_role("button", name="Show as a table")
        ).click()
        table = page.get_by_role("table", name="Tide line")
        expect(table).to_contain_text("ended")
        expect(table).to_contain_text("planned")


class TestStatistics:
    def test_how_many_ended_how_well_and_how_fast_by_task_and_by_queue(
        self, harbour: Site, visits: Visits
    ) -> None:
        fail(harbour, "webhooks.deliver", url="https://api.stats.test/")
        page = visits(harbour.url, "vic", "/statistics")
        settle(page)
        expect(heading(page)).to_have_text(
            re.compile(r"^\d+ attempts ended, \d+ of them failed; 95\s% ran less than ")
        )
        tasks = page.get_by_role("table", name="By task")
        for head in ("Ended", "Failed", "Success", "Run time p50", "p95", "p99"):
            expect(tasks.get_by_role("columnheader").filter(has_text=head).first).to_be_visible()
        expect(tasks.locator("tr", has_text="webhooks.deliver")).to_contain_text("0 %")
        expect(tasks.locator("tr", has_text="mail.send")).to_contain_text("100 %")
        expect(page.get_by_role("table", name="By queue")).to_contain_text("Waiting time p95")

    def test_the_mean_is_told_and_tasks_and_queues_stand_in_the_order_that_one_wants(
        self, harbour: Site, visits: Visits
    ) -> None:
        for _ in range(3):
            ends(harbour, ask(harbour, "mail.send", to="crew@stats.test"), "completed")
        fail(harbour, "webhooks.deliver", url="https://api.order.test/")
        page = visits(harbour.url, "vic", "/statistics")
        settle(page)
        expect(page.locator("main")).to_contain_text(re.compile(r"They ran .+ on average\."))
        sorted_by = page.locator("th[aria-sort=descending]")
        expect(sorted_by).to_have_text(["Ended", "Ended"])
        page.get_by_label("In order of").select_option("mean run time")
        expect(page).to_have_url(re.compile("sort=mean"))
        expect(sorted_by).to_have_text(["Mean run time", "Mean run time"])
        page.get_by_label("In order of").select_option("how many failed")
        expect(page).to_have_url(re.compile("sort=failed"))
        page.reload()
        settle(page)
        for name in ("By task", "By queue"):
            failed = page.get_by_role("table", name=name).locator("td[data-label=Failed]")
            counts = [int(re.sub(r"\D", "", each)) for each in failed.all_inner_texts()]
            assert counts == sorted(counts, reverse=True)
            assert counts[0] > counts[-1]

    def test_they_are_narrowed_and_charts_are_tables_for_who_wants_them(
        self, harbour: Site, visits: Visits
    ) -> None:
        page = visits(harbour.url, "vic", "/statistics?task=mail.send")
        settle(page)
        charts = page.get_by_role("img").or_(page.get_by_role("slider"))
        expect(charts.first).to_be_visible()
        expect(page.get_by_role("table", name="By task")).not_to_contain_text("webhooks")
        page.get_by_label("Range").select_option("the last hour")
        page.get_by_label("As a table").check()
        numbers = page.get_by_role("table", name="As a table")
        expect(numbers).to_contain_text("100 %")
        expect(page).to_have_url(re.compile("from=-1h"))


class TestAttempts:
    def test_every_attempt_is_told_and_leads_to_its_job(
        self, harbour: Site, visits: Visits
    ) -> None:
        job = fail(harbour, "webhooks.deliver", url="https://api.tries.test/")
        page = visits(harbour.url, "oto", "/attempts?task=webhooks.deliver")
        settle(page)
        expect(heading(page)).to_have_text(re.compile(r"^\d+ attempts, \d+ of them failed"))
        told = page.locator("main tr", has_text="https://api.tries.test/")
        expect(told).to_contain_text("failed")
        told.get_by_role("link").first.click()
        expect(page).to_have_url(re.compile(f"/jobs/{job}"))

    def test_they_are_drawn_over_time_by_worker_queue_or_task(
        self, harbour: Site, visits: Visits
    ) -> None:
        page = visits(harbour.url, "oto", "/attempts?view=timeline")
        settle(page)
        drawn = page.get_by_role("figure", name=re.compile(r"\d+ attempts in 1 lane"))
        expect(drawn).to_be_visible()
        page.get_by_label("Lanes by").select_option("queue")
        expect(page.get_by_role("figure", name=re.compile(r"in [23] lanes"))).to_contain_text(
            "webhooks"
        )


class TestWorkers:
    def test_each_is_told_with_host_slots_queues_and_its_last_sign_of_life(
        self, harbour: Site, visits: Visits
    ) -> None:
        page = visits(harbour.url, "oto", "/workers")
        settle(page)
        expect(heading(page)).to_have_text(re.compile(r"^1 worker, \d+ of \d+ slots taken"))
        for head in ("Host", "Slots", "Runs now", "Queues", "Heartbeat", "Started", "Version"):
            if head != "Host":
                expect(page.get_by_role("columnheader").filter(has_text=head).first).to_be_visible()
        table = page.get_by_role("table")
        expect(table).to_contain_text("webhooks")
        # What it has run, and nothing that another one has.
        table.locator("tbody th").get_by_role("link").click()
        settle(page)
        expect(page).to_have_url(re.compile(r"/attempts\?worker=\d+"))
        expect(page.get_by_role("table")).to_contain_text("webhooks.deliver")
        page.get_by_label("Worker").select_option("Every worker")
        expect(page).to_have_url(f"{harbour.url}/attempts")

    def test_the_death_of_the_only_one_is_told(self, harbour: Site, visits: Visits) -> None:
        page = visits(harbour.url, "oto", "/")
        settle(page)
        harbour.kill("worker")
        try:
            # A lease has to run out first.
            expect(heading(page)).to_have_text("No worker is running", timeout=60_000)
            expect(page.locator("main")).to_contain_text("tidemill worker --app")
        finally:
            harbour.work()
        expect(heading(page)).to_have_text("Nobody works on reports-gpu")


class TestEvents:
    def test_what_happens_is_listed_as_it_happens_and_shows_what_it_holds_and_brought_about(
        self, harbour: Site, visits: Visits
    ) -> None:
        page = visits(harbour.url, "oto", "/events?pattern=tide.*")
        settle(page)
        page.get_by_role("button", name="Emit an event").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("Name").fill("tide.turned")
        dialog.get_by_label("Payload, as JSON").fill('{"height": 12345678901234567890')
        dialog.get_by_role("button", name="Emit").click()
        expect(dialog).to_contain_text("This is no JSON")
        dialog.get_by_label("Payload, as JSON").fill('{"height": 12345678901234567890}')
        dialog.get_by_label("Source").fill("gauge-3")
        confirm(page)
        page.get_by_role("link", name="tide.turned").first.click()
        expect(dialog.get_by_role("region", name="Payload")).to_contain_text("12345678901234567890")
        expect(dialog).to_contain_text("gauge-3")
        expect(dialog).to_contain_text("harbour.look_out")
        page.keyboard.press("Escape")
        page.get_by_role("link", name="Subscriptions").click()
        expect(page.get_by_role("table")).to_contain_text("harbour.look_out")
        expect(page.get_by_role("table")).to_contain_text("tide.*")

    def test_they_are_counted_by_time_by_name_and_by_source(
        self, harbour: Site, visits: Visits
    ) -> None:
        for number in range(4):
            harbour.app.events.emit("boat.moored", {"berth": number}, source="pier-9")
        page = visits(harbour.url, "oto", "/events?view=statistics&pattern=boat.*")
        settle(page)
        names = page.get_by_role("table", name="Most frequent names")
        expect(names.locator("tr", has_text="boat.moored")).to_contain_text("4")
        sources = page.get_by_role("table", name="Most frequent sources")
        expect(sources.locator("tr", has_text="pier-9")).to_contain_text("4")
        expect(page.get_by_role("img", name=re.compile("Events by the hour"))).to_be_visible()
        sources.get_by_role("link", name="pier-9").click()
        expect(page).to_have_url(re.compile("source=pier-9"))

    def test_while_somebody_is_at_the_list_new_ones_wait(
        self, harbour: Site, visits: Visits
    ) -> None:
        harbour.app.events.emit("gull.seen", {"which": 1})
        page = visits(harbour.url, "oto", "/events?pattern=gull.*")
        settle(page)
        rows = page.locator("main tr[data-row]")
        expect(rows).to_have_count(1)
        rows.first.hover()
        harbour.app.events.emit("gull.seen", {"which": 2})
        page.get_by_role("button", name="1 new event").hover()
        harbour.app.events.emit("gull.seen", {"which": 3})
        page.get_by_role("button", name="2 new events").click()
        expect(rows).to_have_count(3)


def test_of_a_job_all_is_told_attempts_error_with_its_place_log_and_what_it_was_given(
    harbour: Site, visits: Visits
) -> None:
    job = fail(harbour, "webhooks.deliver", url="https://api.all.test/")
    page = visits(harbour.url, "oto", f"/jobs/{job}")
    settle(page)
    expect(heading(page)).to_have_text("webhooks.deliver has failed")
    expect(page.locator("main")).to_contain_text(re.compile(r"It waited .*, then failed after"))
    expect(page.get_by_role("list", name="Attempts").get_by_role("listitem")).to_have_count(1)
    expect(page.locator("pre")).to_contain_text("raise ConnectionError")
    facts = page.get_by_role("complementary")
    for name in ("Queue", "Priority", "Attempt", "Enqueued", "Started", "Finished", "Ran"):
        expect(facts).to_contain_text(name)
    page.get_by_label("Level").select_option("≥ error")
    expect(page.locator("main")).to_contain_text("No line is so.")
    page.get_by_label("Level").select_option("≥ warning")
    expect(page.get_by_role("log")).to_contain_text("asking https://api.all.test/")
    page.get_by_label("Find").fill("nowhere")
    expect(page.locator("main")).to_contain_text("No line is so.")
    page.get_by_label("Find").fill("ASKING")
    expect(page.get_by_role("log")).to_contain_text("asking https://api.all.test/")
    with page.expect_download() as kept:
        page.get_by_role("button", name="Download").click()
    assert "asking https://api.all.test/" in kept.value.path().read_text()
    page.get_by_role("link", name="History").click()
    expect(page.locator("main")).to_contain_text("Attempt 1: failed")
    page.get_by_role("link", name="Payload").click()
    expect(page.get_by_role("region", name="Arguments")).to_contain_text(
        json.dumps("https://api.all.test/")
    )


def test_a_link_to_a_line_of_a_log_shows_that_line(harbour: Site, visits: Visits) -> None:
    job = ask(harbour, "mail.send", to="line@example.org")
    ends(harbour, job, "completed")
    page = visits(harbour.url, "oto", f"/jobs/{job}?line=1")
    settle(page)
    here = page.get_by_role("log").locator("[data-here=true]")
    expect(here).to_contain_text("rendering hello for line@example.org")
    page.goto(f"{harbour.url}/jobs")
    settle(page)
    expect(row(page, job)).to_be_visible()
