"""A browser that looks at a server of its own, with the clocks that browsers keep."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import BrowserContext, CDPSession, Page, sync_playwright

from benchmarks import ours
from benchmarks.http.serving import tidemill
from dashboard import browser as programs
from tests.dashboard.building import built
from tidemill.access.identity import Grant
from tidemill.access.role import Role
from tidemill.access.users import Users

NAME: Final = f"bench-{os.getpid()}"
"""Of this measurement alone: several may look at one store."""

PASSWORD: Final = "seven herons at low water"  # noqa: S105 - of nobody

CPU: Final = 4
"""So many times slower than this machine is the one that pages are to be quick on."""
LATENCY: Final = 40
RATE: Final = 10_000_000 / 8
"""Milliseconds to the server and back, and bytes a second."""

_CLOCKS: Final = """
window.clocks = {lcp: 0, cls: 0, inp: 0};
const watch = (type, see, more) => new PerformanceObserver((list) => list.getEntries().forEach(see))
  .observe({type, buffered: true, ...more});
const most = (name, found) => { clocks[name] = Math.max(clocks[name], found); };
watch("largest-contentful-paint", (paint) => most("lcp", paint.startTime));
watch("layout-shift", (shift) => { if (!shift.hadRecentInput) clocks.cls += shift.value; });
watch("event", (event) => { if (event.interactionId) most("inp", event.duration); },
  {durationThreshold: 16});
"""
"""As web.dev has them: https://web.dev/articles/vitals. The worst interaction stands for all."""


@contextmanager
def looking(folder: Path) -> Iterator[tuple[BrowserContext, str, int]]:
    """Somebody who has logged in at a server: their browser, its address, the server's process."""
    built()
    with ours.app, tidemill(folder) as (pid, url), sync_playwright() as playwright:
        Users(ours.app.client).create(NAME, PASSWORD, [Grant(Role.ADMIN)])
        browser = playwright.chromium.launch(executable_path=programs.find(), args=programs.FLAGS)
        # What waits for a page is a script of ours, which the policy of the page would not let in.
        context = browser.new_context(
            locale="en-GB", viewport={"width": 1280, "height": 900}, bypass_csp=True
        )
        context.add_init_script(_CLOCKS)
        answer = context.request.post(
            f"{url}/api/v1/session", data={"name": NAME, "password": PASSWORD}
        )
        assert answer.ok, answer.text()
        yield context, url, pid
        browser.close()


def slowed(page: Page) -> CDPSession:
    """Make a page as slow as a modest telephone on a modest network, that has seen nothing yet."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("Network.enable")
    devtools.send("Network.setCacheDisabled", {"cacheDisabled": True})
    network: dict[str, Any] = {"offline": False, "latency": LATENCY}
    rates = {"downloadThroughput": RATE, "uploadThroughput": RATE}
    devtools.send("Network.emulateNetworkConditions", network | rates)
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": CPU})
    return devtools


def rests(page: Page) -> None:
    """Wait until a page shows what it is about, asking it seldom: it has a machine to itself."""
    page.wait_for_function(
        "document.querySelector('#page h1')"
        " && !document.querySelector('[role=status][aria-label]')",
        polling=200,
    )


def clock(page: Page, name: str) -> float:
    """What a clock of the browser stands at."""
    return float(page.evaluate(f"clocks.{name}"))


def heap(devtools: CDPSession) -> float:
    """Megabytes of what a page holds, once the garbage is gone."""
    devtools.send("HeapProfiler.collectGarbage")
    return float(devtools.send("Runtime.getHeapUsage")["usedSize"]) / 1e6
