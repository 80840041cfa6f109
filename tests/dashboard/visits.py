"""People at their browsers, and whatever they would complain about."""

from typing import Any, Final
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from tests.dashboard.site import PASSWORD

PATIENCE: Final = 15_000
"""Milliseconds in which what is looked for has to be there."""
WIDE: Final = 1280
NARROW: Final = 390
SMALL: Final = 320
_HEIGHT: Final = {WIDE: 900, NARROW: 844, SMALL: 568}
_AWAY: Final = ("Failed to load resource", "net::ERR_CONNECTION")
"""What a browser says of answers that are no success; pages tell them in their own words."""


expect.set_options(timeout=PATIENCE)


class Visits:
    """Opens pages for people, each in a browser of their own; complaints fail the test."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._contexts: list[BrowserContext] = []
        self.complaints: list[str] = []

    def stranger(self, url: str, path: str = "/", *, width: int = WIDE, **more: Any) -> Page:
        """Somebody who has not logged in."""
        return self._open(url, path, width, None, more)

    def __call__(
        self, url: str, name: str, path: str = "/", *, width: int = WIDE, **more: Any
    ) -> Page:
        """Somebody who has logged in.

        Args:
            url: of the site.
            name: theirs.
            path: what they look at.
            width: of their screen.
            more: what their browser is told of them.
        """
        return self._open(url, path, width, name, more)

    def close(self) -> None:
        """All go home, if they have nothing to complain about."""
        for context in self._contexts:
            context.close()
        assert not self.complaints

    def _open(
        self, url: str, path: str, width: int, name: str | None, more: dict[str, Any]
    ) -> Page:
        context = self._browser.new_context(
            locale="en-GB",
            timezone_id="Europe/Lisbon",
            viewport={"width": width, "height": _HEIGHT[width]},
            **more,
        )
        context.set_default_timeout(PATIENCE)
        self._contexts.append(context)
        if name is not None:
            answer = context.request.post(
                f"{url}/api/v1/session", data={"name": name, "password": PASSWORD}
            )
            assert answer.ok, answer.text()
        page = context.new_page()
        host = urlsplit(url).netloc
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        page.on("request", lambda asked: self._look(host, asked.url))
        page.goto(url + path)
        return page

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(_AWAY):
            self.complaints.append(f"console: {message.text}")

    def _look(self, host: str, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("blob", "data") and parts.netloc != host:
            self.complaints.append(f"asked another host: {url}")


def settle(page: Page) -> None:
    """Wait until a page shows what it is about."""
    expect(page.locator("#page h1").first).to_be_visible()
    expect(page.locator("[role=status][aria-label]")).to_have_count(0)
    expect(page.locator("[aria-busy=true]")).to_have_count(0)
