"""The page of modules: one is disabled with a reason, and enabled, by whoever may."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.dashboard.deeds import confirm, heading
from tests.dashboard.site import Site
from tests.dashboard.visits import Visits, settle

pytestmark = pytest.mark.timeout(240)


def test_an_operator_disables_a_module_with_a_reason_and_enables_it(
    harbour: Site, visits: Visits
) -> None:
    page = visits(harbour.url, "oto", "/modules")
    settle(page)
    row = page.get_by_role("row").filter(has_text="tides")
    expect(row).to_contain_text("2 at once, 100 per 1m, 500 an hour")
    row.get_by_role("button", name="Disable").click()
    confirm(page, "the moon is away")
    expect(row).to_contain_text("disabled by oto")
    expect(row).to_contain_text("the moon is away")
    note = "module tides is disabled: the moon is away"
    assert {rules.note for rules in harbour.app.queues.paused_tasks()} == {note}
    row.get_by_role("button", name="Enable").click()
    confirm(page)
    expect(row).to_contain_text("enabled")
    assert harbour.app.queues.paused_tasks() == []


def test_a_viewer_sees_modules_and_is_told_who_may_disable_one(
    harbour: Site, visits: Visits
) -> None:
    page = visits(harbour.url, "vic", "/modules")
    settle(page)
    button = page.get_by_role("row").filter(has_text="tides").get_by_role("button")
    expect(button).to_have_attribute("aria-disabled", "true")


class TestOne:
    def test_it_tells_what_it_brings_may_and_is_set_to_and_who_includes_it(
        self, harbour: Site, visits: Visits
    ) -> None:
        page = visits(harbour.url, "oto", "/modules")
        page.get_by_role("link", name="tides", exact=True).click()
        settle(page)
        expect(page).to_have_url(f"{harbour.url}/modules/tides")
        expect(heading(page)).to_have_text("tides is enabled, on 1 worker")
        tasks = part(page, "Tasks")
        expect(tasks.get_by_role("row").filter(has_text="tides.gaze")).to_contain_text("Look up.")
        schedule = part(page, "Schedules").get_by_role("row").filter(has_text="tides.foretell")
        expect(schedule).to_contain_text("0 4 1 1 *")
        expect(schedule).to_contain_text("Europe/Berlin")
        handler = part(page, "Handlers of events").get_by_role("row").filter(has_text="moon.*")
        expect(handler).to_contain_text("tides.gaze")
        settings = part(page, "Settings")
        expect(settings).to_contain_text("home")
        expect(settings).to_contain_text("https://***@gauge.test")
        expect(part(page, "Permissions")).to_contain_text("moon.**")
        expect(part(page, "About")).to_contain_text("2 at once, 100 per 1m, 500 an hour")
        node = part(page, "Workers that include it").get_by_role("row").nth(1)
        expect(node).to_contain_text("1.2.0")
        tasks.get_by_role("link", name="tides.gaze").click()
        expect(page).to_have_url(re.compile("/jobs.*tides.gaze"))

    def test_it_is_disabled_with_a_note_that_everybody_reads_and_enabled_again(
        self, harbour: Site, visits: Visits
    ) -> None:
        page = visits(harbour.url, "oto", "/modules/tides")
        settle(page)
        page.get_by_role("button", name="Disable").click()
        confirm(page, "the moon is away")
        expect(heading(page)).to_have_text("tides is disabled")
        expect(page.locator("main")).to_contain_text(re.compile("By oto, .*the moon is away"))
        expect(part(page, "Tasks")).to_contain_text("paused with the module")
        expect(part(page, "Schedules")).to_contain_text("paused with the module")
        page.get_by_role("button", name="Enable").click()
        confirm(page)
        expect(heading(page)).to_have_text("tides is enabled, on 1 worker")
        expect(part(page, "Tasks")).not_to_contain_text("paused")

    def test_a_viewer_reads_no_values_of_settings_and_may_not_disable_it(
        self, harbour: Site, visits: Visits
    ) -> None:
        page = visits(harbour.url, "vic", "/modules/tides")
        settle(page)
        settings = part(page, "Settings")
        expect(settings).to_contain_text("Their values are shown to operators.")
        expect(settings).to_contain_text("***")
        expect(settings).not_to_contain_text("home")
        button = page.get_by_role("button", name="Disable")
        expect(button).to_have_attribute("aria-disabled", "true")

    def test_one_that_no_node_has_told_of_is_said_to_be_none(
        self, harbour: Site, visits: Visits
    ) -> None:
        page = visits(harbour.url, "vic", "/modules/nobody")
        settle(page)
        expect(page.locator("main")).to_contain_text("there is no module 'nobody'")
        expect(page.get_by_role("main").get_by_role("link", name="Modules")).to_be_visible()


def part(page: Page, title: str) -> Locator:
    """A section of the page, under its heading."""
    return page.locator("section").filter(
        has=page.get_by_role("heading", name=re.compile(f"^{title}"))
    )
