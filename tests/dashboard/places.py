"""Every page of the dashboard, as the server is told of them."""

import json
import re

from playwright.sync_api import Page

from tests.dashboard.building import built
from tests.dashboard.site import Site
from tests.dashboard.visits import settle


def paths() -> list[str]:
    """The path of each page that was built, with its placeholders."""
    return [page["path"] for page in json.loads((built() / "pages.json").read_text())]


def filled(site: Site, page: Page) -> dict[str, str]:
    """Each page as it is asked for, by its path: placeholders stand for something that is there.

    Args:
        site: what is looked at.
        page: of somebody who may see everything.
    """
    jobs = site.app.jobs.find(states=["failed"])
    failed = next(job.id for job in jobs if job.seen and b"acme" in job.seen.args)
    known = {
        "/jobs/$id": failed,
        "/queues/$queue": "webhooks",
        "/schedules/$name": "reports.morning",
        "/schedules/$name/edit": "reports.morning",
        "/modules/$name": "tides",
        "/failures/$fingerprint": _fingerprint(site, page),
        "/operations/$id": _operation(site, page),
    }
    return {path: re.sub(r"\$\w+", known.get(path, ""), path) for path in paths()}


def _fingerprint(site: Site, page: Page) -> str:
    """Of a failure that has happened, if the page of failures leads to one."""
    page.goto(f"{site.url}/failures")
    settle(page)
    for link in page.locator("main a").all():
        found = re.search(r"/failures/(\w+)", link.get_attribute("href") or "")
        if found:
            return found[1]
    return "none"


def _operation(site: Site, page: Page) -> str:
    """Of a change of some jobs that has been made by now."""
    session = page.request.get(f"{site.url}/api/v1/session").json()
    made = page.request.post(
        f"{site.url}/api/v1/jobs/reprioritise",
        headers={"X-CSRF-Token": session["csrf"]},
        data={"filter": {"tasks": ["models.train"]}, "priority": 1},
    )
    assert made.ok, made.text()
    return str(made.json()["operation"])
