"""A person's first minutes: from an empty folder to a job of one's own that runs on a schedule."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Page, expect

from tests.dashboard.site import PASSWORD
from tests.dashboard.visits import Visits, settle
from tests.journeys.crowd import until
from tests.servers import free_port

pytestmark = pytest.mark.timeout(300)

LONG: Final = 60_000
"""Milliseconds in which what other processes do has to be seen, on a machine that is busy."""

APPLICATION: Final = '''
"""What somebody writes who wants to try it."""

from pathlib import Path

from tidemill import Retry, Tidemill

app = Tidemill("sqlite:///jobs.db")


@app.task
def greet(name: str) -> str:
    """Greet somebody."""
    return f"hello, {name}"


@app.task(retry=Retry.never())
def count(path: str) -> int:
    """Count the lines of a file."""
    return len(Path(path).read_text().splitlines())
'''


class Console:
    """`tidemill dev` in a folder, and what it has said so far."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._said = folder.with_name("console.log")
        command = [sys.executable, "-m", "tidemill", "dev", "--app", "jobs:app"]
        with self._said.open("wb") as console:
            self._process = subprocess.Popen(
                [*command, "--port", str(free_port())], cwd=folder, stdout=console, stderr=console
            )

    def address(self) -> tuple[str, str]:
        """The address that makes the first admin: of the site, and the rest."""
        until(self._has_said_it, seconds=60, what="the address on the console")
        found = re.search(r"(http://[^/\s]+)(/login\S+)", self._said.read_text())
        assert found is not None
        return found[1], found[2]

    def _has_said_it(self) -> bool:
        said = self._said.read_text()
        assert self._process.poll() is None, said
        return "/login" in said and said.endswith("\n")

    def close(self) -> None:
        """End it, as Ctrl-C does."""
        self._process.terminate()
        try:
            self._process.wait(60)
        except subprocess.TimeoutExpired:
            self._process.kill()
            raise


@pytest.fixture
def console(dashboard: Path, tmp_path: Path) -> Iterator[Console]:
    del dashboard
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "jobs.py").write_text(APPLICATION)
    console = Console(folder)
    yield console
    console.close()


def ask_for(page: Page, task: str, argument: str, value: str) -> None:
    """Fill in the form of a new job, up to when it is to run."""
    page.get_by_role("radio", name=task).click()
    page.get_by_role("textbox", name=argument, exact=True).fill(value)


def headed(page: Page, title: str) -> None:
    """See to it that the page says this in time, without anybody reloading it."""
    expect(page.get_by_role("heading", level=1)).to_have_text(title, timeout=LONG)


def test_from_the_address_on_the_console_to_a_job_of_ones_own_on_a_schedule(
    console: Console, visits: Visits
) -> None:
    site, rest = console.address()
    page = visits.stranger(site, rest)

    # The first admin is made by the address alone, which is then no secret in any history.
    expect(page.get_by_label("Token")).not_to_have_value("")
    expect(page).to_have_url(re.compile(r"/login\?setup=true$"))
    page.get_by_label("Name").fill("ada")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Make the admin").click()
    headed(page, "Nothing has been enqueued yet")

    # A job of one's own.
    page.locator("main").get_by_role("link", name="New job").click()
    ask_for(page, "jobs.greet", "name", "Ann")
    page.get_by_role("button", name="Create job").click()
    headed(page, "jobs.greet has completed")
    page.get_by_role("link", name="Result").click()
    expect(page.get_by_text('"hello, Ann"')).to_be_visible()

    # One that fails, and is retried when its cause is gone.
    page.goto(f"{site}/jobs/new?task=jobs.count")
    lines = console.folder / "lines.txt"
    page.get_by_role("textbox", name="path", exact=True).fill(str(lines))
    page.get_by_role("button", name="Create job").click()
    headed(page, "jobs.count has failed")
    expect(page.get_by_text("FileNotFoundError").first).to_be_visible()
    lines.write_text("one\ntwo\n")
    page.get_by_role("button", name="Retry").click()
    page.get_by_role("dialog").locator("button[type=submit]").click()
    headed(page, "jobs.count has completed")
    attempts = page.get_by_role("list", name="Attempts")
    expect(attempts.get_by_role("link")).to_have_text(["Attempt 1", "Attempt 1, 2nd time"])

    # And one that recurs, and has run.
    page.goto(f"{site}/jobs/new")
    ask_for(page, "jobs.greet", "name", "Bob")
    page.get_by_role("radio", name="On a schedule").check()
    page.get_by_role("button", name="On to the schedule").click()
    page.get_by_role("radio", name="At an interval").check()
    page.get_by_role("textbox", name="Every", exact=True).fill("1s")
    page.get_by_role("button", name="Create schedule").click()
    expect(page).to_have_url(re.compile("/schedules/greet$"))
    settle(page)
    done = page.get_by_role("row").filter(has=page.get_by_role("img", name="Completed"))
    done.first.get_by_role("link").click(timeout=LONG)
    headed(page, "jobs.greet has completed")
    expect(page.get_by_role("complementary")).to_contain_text("greet")
