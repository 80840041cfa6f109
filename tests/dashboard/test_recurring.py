"""Schedules: what comes when, in whose zone, how it went; run now, paused, resumed."""

import re

import pytest
from playwright.sync_api import expect

from tests.dashboard.deeds import choose, confirm, ends, heading, recurs, row
from tests.dashboard.site import Site
from tests.dashboard.visits import Visits, settle

pytestmark = pytest.mark.timeout(240)


def test_the_list_tells_pattern_zone_next_run_last_run_and_how_it_went(
    harbour: Site, visits: Visits
) -> None:
    job = harbour.app.schedules.run("reports.morning")
    ends(harbour, job, "completed")
    page = visits(harbour.url, "vic", "/schedules")
    settle(page)
    expect(heading(page)).to_have_text(re.compile(r"^\d+ schedules?, .*awake\. Next: "))
    told = row(page, "reports.morning")
    expect(told).to_contain_text("At 09:00 on Monday to Friday, Europe/Berlin")
    expect(told.locator("time").first).to_have_attribute("datetime", re.compile(r"^20\d\d-"))
    recurs(harbour, "with-a-past")
    past = harbour.app.schedules.run("with-a-past")
    ends(harbour, past, "completed")
    page.goto(f"{harbour.url}/schedules?view=table")
    settle(page)
    expect(row(page, "with-a-past")).to_contain_text("0 3 * * *")
    expect(row(page, "reports.morning")).to_contain_text("0 9 * * MON-FRI")


def test_one_is_run_now_and_its_job_is_shown(harbour: Site, visits: Visits) -> None:
    page = visits(harbour.url, "oto", "/schedules")
    settle(page)
    choose(page, "What to do with reports.morning", "Run now")
    confirm(page, "the captain asks")
    page.get_by_role("button", name="Open it").click()
    expect(heading(page)).to_have_text("reports.morning has completed")
    expect(page.get_by_role("complementary")).to_contain_text("reports.morning")


def test_one_is_paused_with_a_note_and_resumed_with_another_pattern_and_zone(
    harbour: Site, visits: Visits
) -> None:
    recurs(harbour, "to-be-paused")
    page = visits(harbour.url, "ana", "/schedules/to-be-paused")
    settle(page)
    page.get_by_role("button", name="Pause", exact=True).click()
    confirm(page, "the pier is closed", label="Why it is paused")
    expect(heading(page)).to_have_text("to-be-paused is paused")
    expect(page.locator("main")).to_contain_text("Paused by ana")
    expect(page.locator("main")).to_contain_text("the pier is closed")
    page.get_by_role("button", name="Resume").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Pattern").fill("0 4 * * *")
    dialog.get_by_label("Time zone").fill("Australia/Sydney")
    dialog.locator("button[type=submit]").click()
    expect(heading(page)).to_contain_text("to-be-paused comes next")
    kept = harbour.app.schedules.get("to-be-paused")
    assert (kept.cron, kept.zone, kept.paused) == ("0 4 * * *", "Australia/Sydney", False)


def test_many_are_paused_at_once(harbour: Site, visits: Visits) -> None:
    for name in ("many-a", "many-b", "many-c"):
        recurs(harbour, name)
    page = visits(harbour.url, "oto", "/schedules?q=many-")
    settle(page)
    page.get_by_role("checkbox", name="Choose all that are shown").check()
    page.get_by_role("toolbar").get_by_role("button", name="Pause", exact=True).click()
    expect(page.get_by_role("dialog").get_by_role("heading")).to_have_text("Pause 3 schedules?")
    confirm(page)
    expect(page.get_by_text("3 schedules paused")).to_be_visible()
    paused = [each for each in harbour.app.schedules.find() if each.paused]
    assert {"many-a", "many-b", "many-c"} <= {each.name for each in paused}
    page.get_by_label("Show", exact=True).select_option("awake")
    expect(page.locator("main")).to_contain_text("No schedule matches.")


def test_the_next_fifty_runs_are_told_in_its_zone_and_ones_own_with_changes_of_the_clock(
    harbour: Site, visits: Visits
) -> None:
    harbour.app.schedules.create(
        "sunday-nights",
        harbour.app.client.bound("ledger.sync", {}, {}),
        pattern="30 2 * 3,10 SUN",
        tz="Europe/Berlin",
    )
    page = visits(harbour.url, "vic", "/schedules/sunday-nights")
    settle(page)
    runs = page.get_by_role("table", name="Next runs")
    expect(runs.locator("tbody tr")).to_have_count(50)
    expect(runs).to_contain_text("In Europe/Lisbon")
    # Half past two is left out on one Sunday, and comes twice on another.
    expect(runs).to_contain_text("the clock goes forward")
    expect(runs).to_contain_text("runs once: the clock goes back")


def test_a_week_shows_what_starts_in_which_hour(harbour: Site, visits: Visits) -> None:
    page = visits(harbour.url, "vic", "/schedules?view=calendar")
    settle(page)
    week = page.get_by_role("table", name="A week by the hour")
    expect(week).to_contain_text("reports.morning")
    before = page.url
    page.get_by_role("link", name="Week after").click()
    expect(page).not_to_have_url(before)
    expect(week).to_contain_text("reports.morning")


def test_all_times_are_shown_in_the_zone_that_one_chooses_and_it_is_named(
    harbour: Site, visits: Visits
) -> None:
    page = visits(harbour.url, "oto", "/settings")
    settle(page)
    expect(page.get_by_role("banner")).to_contain_text("Europe/Lisbon")
    page.get_by_label("Time zone of all times shown").select_option("other")
    page.get_by_label("Which").fill("Asia/Tokyo")
    expect(page.get_by_role("banner")).to_contain_text("Asia/Tokyo")
    page.goto(f"{harbour.url}/schedules/reports.morning")
    settle(page)
    # Nine in Berlin is five or four in the afternoon in Tokyo.
    expect(heading(page)).to_have_text(re.compile(r"comes next .*1[67]:00"))
    expect(page.get_by_role("table", name="Next runs")).to_contain_text("In Asia/Tokyo")
