"""A browser, and a site for it to look at; whatever breaks a policy of the page fails the test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from dashboard import browser as programs
from tests.dashboard.building import alone, built
from tests.dashboard.site import Site, site
from tests.dashboard.visits import Visits
from tests.servers import database


@pytest.fixture(scope="session")
def dashboard() -> Path:
    """The folder of what is built, of today's sources."""
    return built()


@pytest.fixture(scope="session")
def chromium() -> str:
    """The program of a browser."""
    with alone():
        return programs.find()


# For a module, not longer: while it is there, a loop runs in this thread, and async tests need it.
@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=programs.FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def harbour(dashboard: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site on SQLite full of work, for tests that do not disturb each other."""
    del dashboard
    with site(tmp_path_factory.mktemp("harbour")) as made:
        yield made


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def shared(
    request: pytest.FixtureRequest, dashboard: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """The same on either store."""
    del dashboard
    if request.param == "sqlite":
        yield request.getfixturevalue("harbour")
    else:
        folder = tmp_path_factory.mktemp("shared")
        server, kept = map(request.getfixturevalue, ("postgres_url", "postgres_store"))
        with database(server, like=kept) as url, site(folder, url) as made:
            yield made


@pytest.fixture
def visits(browser: Browser) -> Iterator[Visits]:
    """People at their browsers."""
    visits = Visits(browser)
    yield visits
    visits.close()
