"""What people do on pages again and again, and what others do behind their backs."""

from playwright.sync_api import Locator, Page, expect

from tests.dashboard.site import PASSWORD, Site
from tests.journeys.crowd import until


def log_in(where: Page | Locator, name: str, password: str = PASSWORD) -> None:
    where.get_by_label("Name").fill(name)
    where.get_by_label("Password").fill(password)
    where.get_by_role("button", name="Log in").click()


def ask(site: Site, task: str, **arguments: object) -> str:
    """Ask for a job; its id."""
    return site.app.enqueue(task, arguments).id


def fail(site: Site, task: str, **arguments: object) -> str:
    """Ask for a job that fails; its id."""
    job = ask(site, task, **arguments)
    ends(site, job, "failed")
    return job


def recurs(site: Site, name: str, pattern: str = "0 3 * * *") -> None:
    """Make a schedule."""
    call = site.app.client.bound("ledger.sync", {}, {})
    site.app.schedules.create(name, call, pattern=pattern)


def state(site: Site, job: str) -> str:
    return site.app.jobs.get(job).state


def ends(site: Site, job: str, as_what: str) -> None:
    """Wait until a job has come to that."""
    until(lambda: state(site, job) == as_what, seconds=30, what=f"{job} {as_what}")


def row(page: Page, key: str) -> Locator:
    """The row of a table that is about this one."""
    return page.locator(f"main tr[data-row='{key}']")


def heading(page: Page) -> Locator:
    return page.get_by_role("heading", level=1)


def confirm(page: Page, reason: str = "", *, label: str = "Reason") -> None:
    """Say yes to what a page asks."""
    dialog = page.get_by_role("dialog")
    if reason:
        dialog.get_by_label(label).fill(reason)
    dialog.locator("button[type=submit]").click()
    expect(dialog).to_have_count(0)


def choose(page: Page, menu: str, item: str) -> None:
    """Open a menu and take something from it."""
    page.get_by_role("button", name=menu).click()
    opened = page.locator("[popover]:popover-open")
    entry = opened.get_by_role("menuitem", name=item, exact=True)
    entry.or_(opened.get_by_role("menuitemradio", name=item, exact=True)).click()


def is_live(page: Page) -> None:
    """Wait until the page hears what happens."""
    expect(page.get_by_role("button", name="Pause live updates")).to_have_text("Live")
