"""Everything that people come for can be done without a pointer."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.dashboard.deeds import ask, ends, fail
from tests.dashboard.site import Site
from tests.dashboard.visits import Visits, settle

pytestmark = [pytest.mark.timeout(240), pytest.mark.xdist_group("dashboard-journeys")]

_FOCUSED = """
() => {
  const at = document.activeElement;
  return at.getAttribute("aria-label") ?? at.textContent.trim();
}
"""


def tab_to(page: Page, name: str) -> None:
    """Go on from where one is to what is called so; `name` is a pattern."""
    for _ in range(120):
        page.keyboard.press("Tab")
        if re.search(name, str(page.evaluate(_FOCUSED))):
            return
    raise AssertionError(f"the keyboard does not come to {name}")


def search(page: Page, words: str) -> None:
    page.keyboard.press("/")
    page.keyboard.type(words)
    page.keyboard.press("Enter")
    expect(page.get_by_role("checkbox", name="Choose all on this page")).to_be_visible()


def stand_on_first_row(page: Page) -> None:
    page.keyboard.press("j")
    expect(page.locator("tr[data-at]")).to_have_count(1)


def test_a_failure_is_found_read_and_retried_and_a_mistake_is_undone(
    harbour: Site, visits: Visits
) -> None:
    mended = harbour.folder / "mended-by-keys"
    for number in range(3):
        url = f"https://api.keys.test/{number}"
        fail(harbour, "webhooks.deliver", url=url, until=str(mended))
    page = visits(harbour.url, "oto", "/")
    settle(page)
    # A failed job, and why it failed.
    search(page, "state:failed task:webhooks.deliver")
    stand_on_first_row(page)
    page.keyboard.press("Enter")
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text("webhooks.deliver has failed")
    expect(
        page.get_by_text("ConnectionError: no answer from https://api.keys.test/").first
    ).to_be_visible()
    # All that failed so, together.
    page.keyboard.press("g")
    page.keyboard.press("f")
    expect(heading).to_have_text(re.compile(r"^\d+ kinds? of failure"))
    tab_to(page, "^webhooks.deliver|^ConnectionError")
    page.keyboard.press("Enter")
    expect(heading).to_have_text("webhooks.deliver fails with ConnectionError")
    mended.touch()
    tab_to(page, r"^Retry \d+$")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    tab_to(page, r"^Retry \d+ jobs?$")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_text(re.compile(r"\d+ jobs? to be retried"))).to_be_visible()
    # The wrong jobs are cancelled, and are there again.
    jobs = [ask(harbour, "models.train", step=number) for number in range(2)]
    search(page, "queue:reports-gpu state:waiting")
    row = page.locator(f"tr[data-row='{jobs[1]}']")
    expect(row).to_be_visible()
    stand_on_first_row(page)
    page.keyboard.press("x")
    tab_to(page, "^Cancel$")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    tab_to(page, r"^Cancel \d+ jobs?$")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    ends(harbour, jobs[1], "cancelled")
    tab_to(page, "^Undo")
    page.keyboard.press("Enter")
    ends(harbour, jobs[1], "waiting")


@pytest.mark.parametrize(
    ("keys", "path"),
    [
        ("g o", "/"),
        ("g j", "/jobs"),
        ("g q", "/queues"),
        ("g f", "/failures"),
        ("g s", "/schedules"),
    ],
)
def test_two_keys_lead_to_a_page(harbour: Site, visits: Visits, keys: str, path: str) -> None:
    page = visits(harbour.url, "oto", "/workers")
    settle(page)
    for key in keys.split():
        page.keyboard.press(key)
    expect(page).to_have_url(harbour.url + path)


def test_the_palette_finds_a_page_a_queue_and_something_to_do(
    harbour: Site, visits: Visits
) -> None:
    page = visits(harbour.url, "oto", "/workers")
    settle(page)
    for typed, place in (("attempts", "/attempts"), ("webhooks", "/queues/webhooks")):
        page.keyboard.press("Control+k")
        expect(page.get_by_role("dialog")).to_be_visible()
        page.keyboard.type(typed)
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile(f"{place}$"))
