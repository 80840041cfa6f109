"""A browser goes where it may, and nothing of it is left afterwards."""

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psutil
import pytest
from playwright.async_api import Error, async_playwright

from dashboard import browser as found
from tests.services.third_party import Answer, Asked, ThirdParty
from tidemill import Tidemill, current
from tidemill.core.errors import AddressRefused, InvalidOption, ServiceError
from tidemill.services.browser import Browser, Equipment, Window
from tidemill.services.outbound import Reach

pytestmark = pytest.mark.timeout(180)

SANDBOX = os.geteuid() != 0
HTML = (("Content-Type", "text/html"),)


@pytest.fixture(autouse=True)
def own_place(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder for what is temporary that no browser of another test is in."""
    # Short, for the name of a socket has to fit.
    with tempfile.TemporaryDirectory(prefix="own-", ignore_cleanup_errors=True) as place:
        monkeypatch.setenv("TMPDIR", place)
        monkeypatch.setattr(tempfile, "tempdir", None)
        yield Path(place)


@pytest.fixture(scope="module")
def chromium() -> str:
    return found.find()


@pytest.fixture
def inner() -> Iterator[ThirdParty]:
    """What nobody has said that it may be asked."""
    with ThirdParty(lambda _: Answer(body=b"inner word")).serving() as inner:
        yield inner


@pytest.fixture
async def browser(chromium: str, third: ThirdParty) -> AsyncIterator[Browser]:
    reach = Reach(allowed=(f"127.0.0.1:{third.port}",))
    browser = Browser(reach, Equipment(program=chromium, sandbox=SANDBOX))
    yield browser
    await browser.aclose()


def family() -> set[int]:
    """Browsers that this process has started, and all that these have."""
    return {
        each.pid
        for each in psutil.Process().children(recursive=True)
        if "--user-data-dir" in " ".join(_words(each)) or "--type=" in " ".join(_words(each))
    }


def _words(process: psutil.Process) -> list[str]:
    with contextlib.suppress(psutil.Error):
        return list(process.cmdline())
    return []


def profiles() -> set[Path]:
    return set(Path(tempfile.gettempdir()).glob("tidemill-browser-*"))


async def test_a_page_is_shown_and_nothing_is_left_of_it(
    browser: Browser, third: ThirdParty
) -> None:
    before = profiles()
    third.behave = lambda _: Answer(
        body=b"<title>Tides</title><p id=a>low</p>", headers=(*HTML, ("Set-Cookie", "a=b"))
    )
    for _ in range(2):
        async with browser.page() as page:
            await page.goto(third.url)
            assert await page.title() == "Tides"
            assert await page.evaluate("document.querySelector('#a').textContent") == "low"
            assert len(family()) > 1
            assert len(profiles() - before) == 1
        assert family() == set()
        assert profiles() == before
    asked = [each for each in third.asked if each.path == "/"]
    assert [each.headers.get("Cookie") for each in asked] == [None, None]


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:{port}/", "http://localhost:{port}/", "http://2130706433:{port}/",
     "http://[::ffff:127.0.0.1]:{port}/", "https://169.254.169.254/latest/", "file:///etc/passwd",
     "chrome://version", "data:text/html,inner word", "view-source:http://127.0.0.1:{port}/",
     "http://127.0.0.1:22/"],
)  # fmt: skip
async def test_a_browser_goes_nowhere_inside(browser: Browser, inner: ThirdParty, url: str) -> None:
    async with browser.page() as page:
        with pytest.raises(AddressRefused):
            await page.goto(url.format(port=inner.port))
        # The page itself does not know what may be asked; what it goes through does.
        with contextlib.suppress(Error):
            await page.page.evaluate("url => { location.href = url }", url.format(port=inner.port))
            await page.page.wait_for_load_state(timeout=5_000)
        shown = ""
        with contextlib.suppress(Error):
            shown = await page.content()
        assert "inner word" not in shown
        assert "root:" not in shown
    assert inner.asked == []


async def test_a_page_reaches_nothing_inside_by_any_way(
    browser: Browser, third: ThirdParty, inner: ThirdParty
) -> None:
    port = inner.port
    page_ = f"""<title>trying</title><img src="http://127.0.0.1:{port}/image">
    <iframe src="http://localhost:{port}/frame"></iframe>
    <link rel=stylesheet href="http://127.0.0.1:{port}/style">
    <script>
      const ended = (p) => p.then(() => "in", () => "out");
      window.all = Promise.all([
        ended(fetch("http://127.0.0.1:{port}/fetch", {{mode: "no-cors"}})),
        ended(fetch("/redirect", {{mode: "no-cors"}})),
        new Promise((told) => {{
          const line = new WebSocket("ws://127.0.0.1:{port}/socket");
          line.onopen = () => told("in"); line.onerror = () => told("out");
        }}),
        navigator.sendBeacon("http://127.0.0.1:{port}/beacon", "x") ? "sent" : "out",
      ]);
    </script>"""

    def behave(asked: Asked) -> Answer:
        if asked.path == "/redirect":
            return Answer(302, headers=(("Location", f"http://127.0.0.1:{port}/redirected"),))
        return Answer(body=page_.encode(), headers=HTML)

    third.behave = behave
    async with browser.page() as page:
        await page.goto(third.url)
        answers = await page.evaluate("window.all")
        # What a redirect leads to is refused by the gateway; a page is not told so.
        assert (answers[0], answers[2]) == ("out", "out")
        popup = await page.evaluate(f"String(window.open('http://127.0.0.1:{port}/popup'))")
        assert popup
    assert inner.asked == []


async def test_a_name_that_stands_for_an_inner_address_is_not_gone_to(
    chromium: str, inner: ThirdParty
) -> None:
    found = ["127.0.0.1"]

    async def lookup(_host: str, _port: int) -> list[str]:
        return [found.pop() if len(found) > 1 else found[0]]

    reach = Reach(plain=True, ports=frozenset({inner.port}))
    browser = Browser(reach, Equipment(program=chromium, sandbox=SANDBOX), lookup)
    async with browser.page() as page:
        with pytest.raises(AddressRefused, match="stands for an address inside"):
            await page.goto(f"http://inside.example:{inner.port}/")
        found.append("93.184.215.14")  # once it is asked, and never again
        with pytest.raises(Error, match="ERR_EMPTY_RESPONSE"):
            await page.goto(f"http://rebinds.example:{inner.port}/")
    assert found == ["127.0.0.1"]
    assert inner.asked == []
    await browser.aclose()


async def test_when_the_time_is_over_no_process_is_left(
    browser: Browser, third: ThirdParty
) -> None:
    third.behave = lambda _: Answer(body=b"<script>while (true) {}</script>", headers=HTML)
    seen: list[int] = []

    async def hang() -> None:
        async with browser.page(timeout="8s") as page:
            seen.append(len(family()))
            await page.goto(third.url, timeout=60_000)

    with pytest.raises((TimeoutError, Error)):
        await hang()
    assert seen[0] > 1
    assert family() == set()


async def test_a_handler_that_is_cancelled_leaves_no_process(
    browser: Browser, third: ThirdParty
) -> None:
    opened = asyncio.Event()

    async def hold() -> None:
        async with browser.page() as page:
            await page.goto(third.url)
            opened.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(hold())
    await opened.wait()
    assert len(family()) > 1
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert family() == set()


async def test_a_browser_that_hears_nothing_any_more_is_killed_as_a_whole(
    browser: Browser,
) -> None:
    async with browser.page():
        for pid in family():
            os.kill(pid, signal.SIGSTOP)
    assert family() == set()


async def test_so_many_run_at_once_and_others_wait(chromium: str, third: ThirdParty) -> None:
    reach = Reach(allowed=("127.0.0.1",))
    browser = Browser(reach, Equipment(program=chromium, sandbox=SANDBOX, most=1))
    open_now, most = 0, 0

    async def look() -> None:
        nonlocal open_now, most
        async with browser.page() as page:
            open_now += 1
            most = max(most, open_now)
            await page.goto(third.url)
            open_now -= 1

    await asyncio.gather(*(look() for _ in range(3)))
    assert most == 1
    await browser.aclose()


def test_a_worker_that_is_killed_takes_its_browser_along(chromium: str, third: ThirdParty) -> None:
    program = (
        "import asyncio\n"
        "from tidemill.services.browser import Browser, Equipment\n"
        "from tidemill.services.outbound import Reach\n"
        "async def main():\n"
        f"    equipment = Equipment(program={chromium!r}, sandbox={SANDBOX})\n"
        "    async with Browser(Reach(allowed=('127.0.0.1',)), equipment).page() as page:\n"
        f"        await page.goto({third.url!r})\n"
        "        print('open', flush=True)\n"
        "        await asyncio.Event().wait()\n"
        "asyncio.run(main())\n"
    )
    before = profiles()
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True
    ) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "open\n"
        children = psutil.Process(worker.pid).children(recursive=True)
        assert len(children) > 2
        worker.send_signal(signal.SIGKILL)
    _, alive = psutil.wait_procs(children, timeout=20)
    assert alive == []
    for profile in profiles() - before:  # there was nobody left to remove it
        shutil.rmtree(profile)


async def test_a_handler_finds_it_by_the_settings(
    own_app: Tidemill, chromium: str, third: ThirdParty, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIDEMILL_SERVICES_BROWSER_PROGRAM", chromium)
    monkeypatch.setenv("TIDEMILL_SERVICES_BROWSER_SANDBOX", str(SANDBOX).lower())
    third.behave = lambda _: Answer(body=b"<title>Tides</title>", headers=HTML)
    with Tidemill(own_app.url) as app:

        @app.task
        async def look() -> str:
            async with current().services["browser"].page() as page:
                await page.goto(third.url)
                return str(await page.title())

        job = look.enqueue()
        await app.worker().run_until_idle()
        assert app.jobs.get(job).result() == "Tides"


async def test_a_program_that_is_no_browser_is_told_so() -> None:
    browser = Browser(Reach(), Equipment(program="/bin/false"))
    with pytest.raises(ServiceError, match="does not start"):
        async with browser.page():
            pass
    await browser.aclose()


def installed_as(place: str, program: str) -> None:
    """As if Playwright had put a program there."""
    Path(place).parent.mkdir(parents=True)
    Path(place).symlink_to(program)


async def test_where_the_machine_has_none_the_one_of_playwright_is_taken(
    chromium: str, third: ThirdParty, own_place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(own_place / "installed"))
    third.behave = lambda _: Answer(body=b"<title>Tides</title>", headers=HTML)
    browser = Browser(Reach(allowed=(f"127.0.0.1:{third.port}",)), Equipment(sandbox=SANDBOX))
    with pytest.raises(InvalidOption, match="playwright install chromium"):
        async with browser.page():
            pass
    async with async_playwright() as driver:
        installed_as(driver.chromium.executable_path, chromium)
    async with browser.page() as page:
        await page.goto(third.url)
        assert await page.title() == "Tides"
    await browser.aclose()


class TestLaunched:
    async def test_its_pages_are_one_visitor_and_nothing_is_left_when_it_is_closed(
        self, browser: Browser, third: ThirdParty
    ) -> None:
        before = profiles()
        third.behave = lambda _: Answer(
            body=b"<title>Tides</title>", headers=(*HTML, ("Set-Cookie", "a=b"))
        )
        window = await browser.launch()
        for _ in range(2):
            page = await window.new_page()
            await page.goto(third.url)
            assert await page.title() == "Tides"
        await window.close()
        await window.close()
        assert family() == set()
        assert profiles() == before
        asked = [each for each in third.asked if each.path == "/"]
        assert [each.headers.get("Cookie") for each in asked] == [None, "a=b"]

    async def test_one_that_nobody_closes_ends_with_whoever_has_launched_it(
        self, browser: Browser
    ) -> None:
        async def forget() -> None:
            await (await browser.launch()).new_page()
            assert family()

        await asyncio.create_task(forget())
        await asyncio.wait_for(until_gone(), 20)

    async def test_when_its_time_is_over_no_process_is_left_and_closing_it_says_so(
        self, browser: Browser
    ) -> None:
        with pytest.raises(TimeoutError):
            await (await closed_by_time(browser)).close()
        assert family() == set()

    async def test_a_program_that_is_no_browser_is_told_so(self) -> None:
        browser = Browser(Reach(), Equipment(program="/bin/false", sandbox=SANDBOX))
        with pytest.raises(ServiceError, match="Chromium does not start"):
            await browser.launch()
        await browser.aclose()


async def closed_by_time(browser: Browser) -> Window:
    """A browser whose time is over; where the machine is slow, it is over before it is there."""
    window = await browser.launch(timeout="3s")
    await asyncio.wait_for(until_gone(), 20)
    return window


async def until_gone() -> None:
    """Wait until no browser is left."""
    while family():
        await asyncio.to_thread(psutil.wait_procs, psutil.Process().children(), timeout=0.1)
