"""Whatever strangers write where text of their own is kept is shown as text, on every page."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.dashboard.deeds import ask, ends
from tests.dashboard.harbour import HOSTILE
from tests.dashboard.places import filled
from tests.dashboard.site import PASSWORD, Site
from tests.dashboard.visits import Visits, settle
from tidemill.access.identity import Grant
from tidemill.access.role import Role
from tidemill.access.users import Users

pytestmark = pytest.mark.timeout(240)

UNSEEN = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""What shows nothing itself, and turns or hides what stands beside it."""

MARKUP = UNSEEN.sub("", HOSTILE)
"""What is left of it for whatever takes no such marks."""


def written_everywhere(site: Site) -> tuple[str, str]:
    """Somebody has written it wherever they can; a job that has all of it, and one held by it."""
    app = site.app
    job = app.enqueue("webhooks.deliver", {"url": HOSTILE}, tags=[MARKUP], key=MARKUP).id
    ends(site, job, "failed")
    app.queues.pause("mail", note=HOSTILE)
    app.schedules.pause("ledger.sync", note=HOSTILE)
    app.events.emit("harbour.told", {HOSTILE: HOSTILE}, source=MARKUP)
    app.jobs.cancel(ask(site, "models.train", step=1), reason=HOSTILE)
    Users(app.client).create("eve", PASSWORD, [Grant(Role.VIEWER)], full_name=HOSTILE)
    return job, ask(site, "mail.send", to="held@example.org")


def looked_at(page: Page, place: str) -> list[str]:
    """What of it has had any effect."""
    body = page.locator("body").inner_text()
    wrong = [f"{place}: {each!a}" for each in UNSEEN.findall(body)]
    if page.locator("img[src=x], body script:not([src])").count():
        wrong.append(f"{place}: markup")
    if "broken in" in page.title() or UNSEEN.search(page.title()):
        wrong.append(f"{place}: its title")
    return wrong


def test_what_strangers_write_stays_text_on_every_page(harbour: Site, visits: Visits) -> None:
    job, held = written_everywhere(harbour)
    page = visits(harbour.url, "ana")
    places = [place for path, place in filled(harbour, page).items() if path != "/login"]
    places += [f"/jobs/{job}{tab}" for tab in ("", "?tab=payload", "?tab=history", "?tab=related")]
    places += [
        f"/jobs?peek={job}",
        f"/jobs/{held}",
        "/jobs?cols=%5B%22tags%22%2C%22note%22%2C%22batch%22%5D",
        f"/jobs/new?from={job}",
        "/queues/mail",
        "/schedules/ledger.sync",
        "/schedules?view=table",
        "/events?view=statistics",
        "/dead?view=jobs",
        "/access?tab=keys",
        "/jobs?q=%E2%80%AEtxt.exe",
        *(f"/{noun}/of%E2%80%AEnobody" for noun in ("jobs", "modules", "queues", "schedules")),
    ]
    wrong = []
    for place in places:
        page.goto(harbour.url + place)
        settle(page)
        wrong += looked_at(page, place)
    assert not wrong


def test_names_and_marks_of_strangers_are_told_by_their_numbers(
    harbour: Site, visits: Visits
) -> None:
    harbour.app.events.emit("harbour.told", {"said": HOSTILE}, source=MARKUP)
    page = visits(harbour.url, "ana", "/events?pattern=harbour.told")
    settle(page)
    expect(page.get_by_role("table")).to_contain_text("\\u202etxt.exe")
    page.get_by_role("link", name="harbour.told").first.click()
    expect(page.get_by_role("dialog")).to_contain_text("<img src=x onerror=")
    assert not looked_at(page, "an event")
