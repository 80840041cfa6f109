"""The page of modules: one is disabled with a reason, and enabled, by whoever may."""

import pytest
from playwright.sync_api import expect

from tests.dashboard.deeds import confirm
from tests.dashboard.site import Site
from tests.dashboard.visits import Visits, settle

pytestmark = [pytest.mark.timeout(240), pytest.mark.xdist_group("dashboard-journeys")]


def test_an_operator_disables_a_module_with_a_reason_and_enables_it(
    harbour: Site, visits: Visits
) -> None:
    page = visits(harbour.url, "oto", "/modules")
    settle(page)
    row = page.get_by_role("row").filter(has_text="tides")
    expect(row).to_contain_text("2 at once, 100/1m, 500 an hour")
    row.get_by_role("button", name="Disable").click()
    confirm(page, "the moon is away")
    expect(row).to_contain_text("disabled by oto")
    expect(row).to_contain_text("the moon is away")
    note = "module tides is disabled: the moon is away"
    assert [rules.note for rules in harbour.app.queues.paused_tasks()] == [note]
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
