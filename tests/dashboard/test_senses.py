"""Whoever sees, hears or points otherwise: their settings are kept to on every page."""

from typing import Any, Final, Literal

import pytest
from playwright.sync_api import Page, expect

from tests.dashboard.axe import violations
from tests.dashboard.places import filled
from tests.dashboard.site import Site
from tests.dashboard.visits import SMALL, Visits, settle

pytestmark = pytest.mark.timeout(300)

_SIDEWAYS: Final = """
() => {
  const wide = (each) => each.scrollWidth > each.clientWidth + 1
    && ["auto", "scroll"].includes(getComputedStyle(each).overflowX);
  const may = "table, pre, code, figure, svg:not(.mark), [role=log]";
  const found = document.documentElement.scrollWidth > innerWidth ? ["the page"] : [];
  for (const each of document.querySelectorAll("body *"))
    if (wide(each) && !each.matches(may) && !each.querySelector(may))
      found.push(`${each.tagName} ${each.className}: ${each.textContent.slice(0, 60)}`);
  return found;
}
"""
"""What has to be scrolled sideways to be read, but for tables, code and drawings."""

_MOVING: Final = """
() => {
  const moves = (style) => style.transitionDuration.split(", ").some((each) => each !== "0s")
    || (style.animationName !== "none" && style.animationDuration !== "0s");
  return [...document.querySelectorAll("*")]
    .filter((each) => moves(getComputedStyle(each)) || moves(getComputedStyle(each, "::before"))
      || moves(getComputedStyle(each, "::after")))
    .map((each) => `${each.tagName} ${each.className}`)
    .concat(document.getAnimations().map((each) => each.animationName ?? "an animation"));
}
"""

_UNFORCED: Final = """
() => {
  const ink = getComputedStyle(document.body).color;
  const paper = getComputedStyle(document.body).backgroundColor;
  const found = [];
  for (const mark of document.querySelectorAll("svg.mark"))
    for (const part of ["fill", "stroke"])
      if (getComputedStyle(mark)[part] !== ink) found.push(`a mark's ${part}`);
  const drawn = "[data-ending], [data-hearing=live], [class*=gauge] > span";
  for (const bar of document.querySelectorAll(drawn)) {
    const style = getComputedStyle(bar);
    const seen = bar instanceof SVGElement ? style.fill : style.backgroundColor;
    if (bar.getBoundingClientRect().width === 0 || style.backgroundImage !== "none") continue;
    if ([paper, "rgba(0, 0, 0, 0)"].includes(seen))
      found.push(`${bar.tagName} ${bar.className?.baseVal ?? bar.className} is ${seen}`);
  }
  return found;
}
"""
"""What cannot be told from the page where colours are somebody's own."""


_INKS: Final[dict[Literal["light", "dark"], str]] = {
    "light": "rgb(0, 0, 0)",
    "dark": "rgb(255, 255, 255)",
}
"""What text is written in where more contrast is wanted."""


def through(site: Site, page: Page, look: Any) -> dict[str, list[str]]:
    """What is wrong with each page that has something wrong."""
    found = {}
    for path, place in filled(site, page).items():
        page.goto(site.url + place)
        if path == "/login":
            expect(page.locator("form")).to_be_visible()
        else:
            settle(page)
        if wrong := look(page):
            found[path] = wrong
    return found


def test_at_320_pixels_nothing_but_tables_is_scrolled_in_two_ways_and_axe_finds_nothing(
    harbour: Site, visits: Visits
) -> None:
    page = visits(harbour.url, "ana", width=SMALL, reduced_motion="reduce")

    def look(page: Page) -> list[str]:
        sideways: list[str] = page.evaluate(_SIDEWAYS)
        return sideways + violations(page)

    assert not through(harbour, page, look)


def test_with_more_contrast_wanted_text_is_black_on_white_and_axe_finds_nothing(
    harbour: Site, visits: Visits
) -> None:
    page = visits(harbour.url, "ana", contrast="more", reduced_motion="reduce")

    def look(page: Page) -> list[str]:
        found = []
        for scheme, ink in _INKS.items():
            page.emulate_media(color_scheme=scheme, contrast="more", reduced_motion="reduce")
            if page.evaluate("getComputedStyle(document.body).color") != ink:
                found.append(f"{scheme}: text is not {ink}")
            found += [f"{scheme}: {each}" for each in violations(page, colours_only=True)]
        return found

    assert not through(harbour, page, look)


def test_with_less_motion_wanted_nothing_moves(harbour: Site, visits: Visits) -> None:
    page = visits(harbour.url, "ana", reduced_motion="reduce")
    assert not through(harbour, page, lambda page: page.evaluate(_MOVING))


def test_in_colours_of_ones_own_marks_and_bars_are_still_seen(
    harbour: Site, visits: Visits
) -> None:
    page = visits(harbour.url, "ana", forced_colors="active", reduced_motion="reduce")
    assert not through(harbour, page, lambda page: page.evaluate(_UNFORCED))


def test_at_four_times_the_size_a_job_is_still_found_and_retried(
    harbour: Site, visits: Visits
) -> None:
    # 1280 pixels at 400 % are 320.
    page = visits(harbour.url, "oto", "/jobs?queue=webhooks&state=failed", width=SMALL)
    settle(page)
    page.locator("main tr[data-row] a").first.click()
    page.get_by_role("button", name="Retry").click()
    dialog = page.get_by_role("dialog")
    yes = dialog.get_by_role("button", name="Retry 1 job")
    yes.scroll_into_view_if_needed()
    expect(yes).to_be_in_viewport(ratio=1)
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
