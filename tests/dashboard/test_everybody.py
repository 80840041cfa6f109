"""Whoever comes can use it: axe finds nothing on any page, at any width, in light and dark."""

import pytest
from playwright.sync_api import Page, expect

from tests.dashboard.axe import violations
from tests.dashboard.places import filled, paths
from tests.dashboard.site import Site
from tests.dashboard.visits import NARROW, WIDE, Visits, settle

pytestmark = pytest.mark.timeout(300)

WIDTHS = (WIDE, NARROW)

_BEYOND = """
() => {
  const moves = (each) => ["auto", "scroll"].includes(getComputedStyle(each).overflowX);
  const scrolls = (each) => each.nodeName !== "BODY"
    && (moves(each) || scrolls(each.parentElement));
  const found = [];
  if (document.documentElement.scrollWidth > innerWidth) found.push("is wider than the screen");
  for (const each of document.querySelectorAll("main *:not(svg *)")) {
    const { right, width, height } = each.getBoundingClientRect();
    if (right > innerWidth + 1 && width > 1 && height > 1 && !scrolls(each))
      found.push(`${each.tagName} ends at ${Math.round(right)}: ${each.textContent.slice(0, 60)}`);
  }
  if (innerWidth <= 720)
    for (const { parentElement: round, textContent } of document.querySelectorAll("[class*=folds]"))
      if (round.scrollWidth > round.clientWidth + 1)
        found.push(`rows are wider than the screen: ${textContent.slice(0, 60)}`);
  return found;
}
"""


def in_both(page: Page) -> list[str]:
    """What is wrong in light and in dark."""
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    found = violations(page)
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    return found + [f"dark: {each}" for each in violations(page, colours_only=True)]


def overflows(page: Page) -> list[str]:
    """What is cut off, or has to be scrolled to sideways, though it is nothing that scrolls."""
    found: list[str] = page.evaluate(_BEYOND)
    return found


@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_is_for_everybody(harbour: Site, visits: Visits, width: int) -> None:
    page = visits(harbour.url, "ana", width=width)
    wrong = {}
    for path, place in filled(harbour, page).items():
        page.goto(harbour.url + place)
        if path == "/login":
            expect(page.locator("form")).to_be_visible()
        else:
            settle(page)
        if found := in_both(page):
            wrong[path] = found
        if beyond := overflows(page):
            wrong.setdefault(path, []).extend(beyond)
    assert not wrong


@pytest.mark.parametrize("width", WIDTHS)
def test_an_open_dialog_an_empty_list_and_an_error_are_for_everybody(
    harbour: Site, visits: Visits, width: int
) -> None:
    page = visits(harbour.url, "ana", "/jobs?state=failed", width=width)
    settle(page)
    page.get_by_role("checkbox", name="Choose all on this page").check()
    page.get_by_role("toolbar").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    wrong = {"dialog": in_both(page)}
    page.goto(f"{harbour.url}/jobs?task=nobody.knows")
    settle(page)
    wrong["empty"] = in_both(page)
    page.goto(f"{harbour.url}/operations/none")
    settle(page)
    expect(page.get_by_role("alert")).to_be_visible()
    wrong["error"] = in_both(page)
    assert wrong == {"dialog": [], "empty": [], "error": []}


def test_the_list_of_pages_is_the_routers() -> None:
    assert "/jobs/$id" in paths()
    assert len(paths()) > 20
