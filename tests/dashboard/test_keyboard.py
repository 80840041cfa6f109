"""Everything that people come for can be done without a pointer."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, expect

from tests.dashboard.deeds import ask, ends, fail
from tests.dashboard.site import Site
from tests.dashboard.visits import Visits, settle

pytestmark = pytest.mark.timeout(240)

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


@contextmanager
def paused(site: Site, queue: str) -> Iterator[None]:
    """Nothing begins in a queue for a while."""
    site.app.queues.pause(queue)
    try:
        yield
    finally:
        site.app.queues.resume(queue)


def test_a_failure_is_found_read_and_retried_and_that_is_undone(
    harbour: Site, visits: Visits
) -> None:
    for number in range(3):
        fail(harbour, "webhooks.deliver", url=f"https://api.keys.test/{number}")
    with paused(harbour, "webhooks"):
        page = visits(harbour.url, "oto", "/")
        settle(page)
        # A failed job, and why it failed.
        search(page, "state:failed task:webhooks.deliver")
        stand_on_first_row(page)
        page.keyboard.press("Enter")
        heading = page.get_by_role("heading", level=1)
        expect(heading).to_have_text("webhooks.deliver has failed")
        said = page.get_by_text("ConnectionError: no answer from https://api.keys.test/")
        expect(said.first).to_be_visible()
        job = page.url.rpartition("/")[2]
        # All that failed so, together.
        tab_to(page, "^All that fail like this$")
        page.keyboard.press("Enter")
        expect(heading).to_have_text("webhooks.deliver fails with ConnectionError")
        tab_to(page, r"^Retry \d+$")
        page.keyboard.press("Enter")
        expect(page.get_by_role("dialog")).to_be_visible()
        tab_to(page, r"^Retry \d+ jobs$")
        page.keyboard.press("Enter")
        expect(page.get_by_role("dialog")).to_have_count(0)
        expect(page.get_by_text(re.compile(r"^\d+ jobs to be retried$"))).to_be_visible()
        ends(harbour, job, "waiting")
        # It was too soon.
        tab_to(page, "^Undo$")
        page.keyboard.press("Enter")
        expect(page.get_by_text(re.compile(r"^\d+ jobs were put back$"))).to_be_visible()
        assert harbour.app.jobs.get(job).state == "failed"
        expect(heading).to_have_text("webhooks.deliver fails with ConnectionError")


def test_jobs_that_were_cancelled_by_mistake_wait_again(harbour: Site, visits: Visits) -> None:
    jobs = [ask(harbour, "models.train", step=number) for number in range(2)]
    page = visits(harbour.url, "oto", "/")
    settle(page)
    search(page, "queue:reports-gpu state:waiting")
    expect(page.locator(f"tr[data-row='{jobs[1]}']")).to_be_visible()
    stand_on_first_row(page)
    page.keyboard.press("x")
    tab_to(page, "^Cancel$")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    tab_to(page, r"^Cancel \d+ jobs?$")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    ends(harbour, jobs[1], "cancelled")
    tab_to(page, "^Undo$")
    page.keyboard.press("Enter")
    ends(harbour, jobs[1], "waiting")


@pytest.mark.parametrize(
    ("is_paused", "verb", "then", "back"),
    [
        (False, "Pause", "reports-gpu is paused", "reports-gpu goes on"),
        (True, "Resume", "reports-gpu goes on", "reports-gpu is paused"),
    ],
)
def test_a_queue_that_was_paused_or_resumed_by_mistake_is_as_before(
    harbour: Site, visits: Visits, verb: str, then: str, back: str, *, is_paused: bool
) -> None:
    queues = harbour.app.queues
    if is_paused:
        queues.pause("reports-gpu", "the cards are hot")
    page = visits(harbour.url, "oto", "/queues/reports-gpu")
    settle(page)
    tab_to(page, f"^{verb}$")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    tab_to(page, f"^{verb}$")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    toasts = page.get_by_role("status")
    expect(toasts.get_by_text(then)).to_be_visible()
    tab_to(page, "^Undo$")
    page.keyboard.press("Enter")
    expect(toasts.get_by_text(back)).to_be_visible()
    (rules,) = [each for each in queues.find() if each.queue == "reports-gpu"]
    assert (rules.paused, rules.note) == (is_paused, "the cards are hot" if is_paused else "")
    queues.resume("reports-gpu")


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
