"""`browser`: drives Chromium over pages, each time with a profile that is new."""

import asyncio
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, Final, Self

from msgspec import Struct
from playwright.async_api import (
    BrowserContext,
    BrowserType,
    Page,
    Playwright,
    Response,
    Route,
    async_playwright,
)

from tidemill.core.errors import AddressRefused, InvalidOption, ServiceError
from tidemill.core.instants import Duration, Millis, millis
from tidemill.services.gateway import Gateway
from tidemill.services.outbound import Lookup, Reach, addresses_of, check_url

NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
LISTENS: Final = b"DevTools listening on "

_ARGUMENTS: Final = (
    "--headless=new",
    "--remote-debugging-port=0",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-breakpad",
    "--disable-component-update",
    "--disable-crash-reporter",
    "--disable-dev-shm-usage",
    "--disable-extensions",
    "--disable-quic",
    "--disable-sync",
    "--disable-gpu",
    "--dns-prefetch-disable",
    "--mute-audio",
    "--password-store=basic",
    "--proxy-bypass-list=<-loopback>",  # this machine, too, is asked through the gateway
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--force-webrtc-ip-handling-policy",
)
_STARTING: Final = 30.0
_BLANK: Final = "about:blank"
_INSIDE: Final = (_BLANK, "about:srcdoc", "data:", "blob:")
"""What a page may show without asking anybody; only the first is somewhere to go to."""


class Equipment(Struct, frozen=True):
    """What browsers are run with.

    Attributes:
        program: the path of Chromium; empty: the one that the machine has, or Playwright.
        most: so many at once in this process; others wait.
        timeout: for one use of a browser as a whole.
        sandbox: whether Chromium shuts its pages off from this machine; root has to do without.
    """

    program: str = ""
    most: int = 2
    timeout: Millis = 60_000
    sandbox: bool = True


class Tab:
    """A page of Playwright's, with all that it can do; it goes where it may.

    Attributes:
        page: the page itself.
    """

    def __init__(self, page: Page, gateway: Gateway) -> None:
        """Drive this page, all of whose requests go through the gateway."""
        self.page = page
        self._gateway = gateway

    def __getattr__(self, name: str) -> Any:
        """Whatever else the page has."""
        return getattr(self.page, name)

    async def goto(self, url: str, **wishes: Any) -> Response | None:
        """Go to a page and wait until it is loaded, as `Page.goto` of Playwright does.

        Raises:
            AddressRefused: it may not be asked, or is no page of the web.
            playwright.async_api.Error: it cannot be shown.
        """
        if url != _BLANK:
            await self._gateway.check(url)
        return await self.page.goto(url, **wishes)


class Window:
    """A browser that somebody has launched: pages in it are one visitor, until it is closed.

    It is closed by `close`, as an `async with` block ends, when the asyncio task that has launched
    it ends, such as a job, or by its time.
    """

    def __init__(self, opened: BrowserContext, gateway: Gateway, keeping: "_Keeping") -> None:
        """Open pages in this context, which somebody keeps."""
        self._opened = opened
        self._gateway = gateway
        self._keeping = keeping

    async def new_page(self) -> Tab:
        """Open one more page.

        Raises:
            playwright.async_api.Error: it has been closed, or its time is over.
        """
        return Tab(await self._opened.new_page(), self._gateway)

    async def close(self) -> None:
        """End it and all that runs for it; safe twice.

        Raises:
            TimeoutError: its time was over before.
        """
        self._keeping.over.set()
        await self._keeping.task

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


class _Keeping:
    """What keeps a launched browser open.

    Attributes:
        over: set when it is to be closed.
        task: is done when nothing of it is left.
    """

    def __init__(self) -> None:
        self.over = asyncio.Event()
        self.task: asyncio.Future[None] = asyncio.get_running_loop().create_future()


class Browser:
    """Opens pages, each in a browser of its own.

    Example:
        >>> browser = current().services["browser"]  # doctest: +SKIP
        >>> async with browser.page() as page:  # doctest: +SKIP
        ...     await page.goto("https://example.org")
        ...     title = await page.title()
    """

    def __init__(
        self, reach: Reach, equipment: Equipment | None = None, lookup: Lookup = addresses_of
    ) -> None:
        """Prepare; nothing runs yet.

        Args:
            reach: where pages may come from.
            equipment: what browsers are run with.
            lookup: what names stand for.
        """
        self._reach = reach
        self._equipment = equipment or Equipment()
        self._gateway = Gateway(reach, lookup)
        self._room = asyncio.Semaphore(self._equipment.most)
        self._starting = asyncio.Lock()
        self._driver: Playwright | None = None
        self._kept: set[asyncio.Task[None]] = set()

    async def launch(self, timeout: Duration | None = None) -> Window:  # noqa: ASYNC109 - of a use
        """Start a browser that is closed by hand; where a block will do, `page` is shorter.

        Args:
            timeout: for its use as a whole, from when there is room for it.

        Raises:
            InvalidOption: there is no Chromium.
            ServiceError: Chromium does not start.

        Example:
            >>> window = await browser.launch()  # doctest: +SKIP
            >>> page = await window.new_page()  # doctest: +SKIP
            >>> await page.goto("https://example.org")  # doctest: +SKIP
            >>> await window.close()  # doctest: +SKIP
        """
        keeping = _Keeping()
        opened: asyncio.Future[Window] = asyncio.get_running_loop().create_future()
        keeping.task = task = asyncio.create_task(self._keep(keeping, opened, timeout))
        self._kept.add(task)
        task.add_done_callback(self._kept.discard)
        if (asker := asyncio.current_task()) is not None:
            asker.add_done_callback(lambda _: keeping.over.set())
        waited: list[asyncio.Future[Any]] = [task, opened]
        await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
        if not opened.done():
            await task  # which has failed
        return opened.result()

    async def _keep(
        self,
        keeping: _Keeping,
        opened: "asyncio.Future[Window]",
        timeout: Duration | None,  # noqa: ASYNC109 - of a use
    ) -> None:
        async with self._use(timeout) as context:
            opened.set_result(Window(context, self._gateway, keeping))
            await keeping.over.wait()

    @asynccontextmanager
    async def page(self, timeout: Duration | None = None) -> AsyncIterator[Tab]:  # noqa: ASYNC109 - of a use
        """A page in a new browser, whose processes and profile are gone when the block ends.

        Args:
            timeout: for the block as a whole, from when there is room for it.

        Raises:
            InvalidOption: there is no Chromium.
            TimeoutError: the time is over; no process is left.
            ServiceError: Chromium does not start.
            playwright.async_api.Error: what the block asks of it cannot be done.
        """
        async with self._use(timeout) as context:
            yield Tab(await context.new_page(), self._gateway)

    @asynccontextmanager
    async def _use(self, timeout: Duration | None) -> AsyncIterator[BrowserContext]:  # noqa: ASYNC109 - as above
        length = self._equipment.timeout if timeout is None else millis(timeout)
        async with self._room:
            folder = await asyncio.to_thread(tempfile.mkdtemp, prefix="tidemill-browser-")
            try:
                async with asyncio.timeout(length / 1_000):
                    async with self._running(folder) as address:
                        yield await self._opened(address)
            finally:
                shutil.rmtree(folder, ignore_errors=True)

    async def aclose(self) -> None:
        """End what drives browsers, and those that nobody has closed."""
        for task in self._kept:
            task.cancel()
        await asyncio.gather(*self._kept, return_exceptions=True)
        driver, self._driver = self._driver, None
        if driver is not None:
            await driver.stop()
        await self._gateway.aclose()

    @asynccontextmanager
    async def _running(self, folder: str) -> AsyncIterator[str]:
        """A browser, from its start to the end of its last process; where it is driven."""
        process = await asyncio.create_subprocess_exec(
            *self._command(await self._program(), folder, await self._gateway.open()),
            env={"HOME": folder, "PATH": os.defpath, "TMPDIR": folder, "LANG": "C.UTF-8"},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,  # a group of its own, that is killed as a whole
        )
        reading: asyncio.Task[None] | None = None
        try:
            address = await _address_of(process)
            reading = asyncio.create_task(_drain(process))
            yield address
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            if reading is not None:
                reading.cancel()
            await asyncio.shield(process.wait())

    async def _program(self) -> str:
        """The one that was named, that the machine has, or that Playwright has installed."""
        named = self._equipment.program or next(filter(None, map(shutil.which, NAMES)), None)
        if named is not None:
            return named
        installed = (await self._driven()).executable_path
        if await asyncio.to_thread(os.path.exists, installed):
            return installed
        raise InvalidOption(
            "this machine has no Chromium",
            hint="install it, as by `playwright install chromium`, or set services.browser.program",
        )

    def _command(self, program: str, folder: str, gateway: str) -> list[str]:
        equipment = self._equipment
        command = [program, *_ARGUMENTS, f"--user-data-dir={folder}/profile"]
        command += [f"--proxy-server={gateway}"]
        if not equipment.sandbox:
            command.append("--no-sandbox")
        # It dies with us, however we die: what follows is run in place of this small program.
        return [sys.executable, "-m", "tidemill.services.leash", str(os.getpid()), *command]

    async def _driven(self) -> BrowserType:
        """Chromium, as Playwright drives it."""
        async with self._starting:
            if self._driver is None:
                self._driver = await async_playwright().start()
        return self._driver.chromium

    async def _opened(self, address: str) -> BrowserContext:
        browser = await (await self._driven()).connect_over_cdp(address)
        context = await browser.new_context(accept_downloads=False, service_workers="block")
        await context.route("**/*", self._judge)
        return context

    async def _judge(self, route: Route) -> None:
        """Let a request of a page through, or not, before the gateway has its say."""
        url = route.request.url
        goes = route.request.is_navigation_request()
        try:
            if not url.startswith(_BLANK if goes else _INSIDE):
                check_url(url if len(url) < _LONG else url.partition("?")[0], self._reach)
        except AddressRefused:
            await route.abort("accessdenied")
        else:
            await route.continue_()


_LONG: Final = 2_000


async def _address_of(process: asyncio.subprocess.Process) -> str:
    """Where a browser that has just been started is driven."""
    assert process.stderr is not None  # noqa: S101 - it was asked for
    said: list[bytes] = []
    with suppress(TimeoutError):
        async with asyncio.timeout(_STARTING):
            while line := await process.stderr.readline():
                if line.startswith(LISTENS):
                    return line.removeprefix(LISTENS).decode().strip()
                said.append(line)
    told = b"".join(said[-3:]).decode(errors="replace").strip()
    raise ServiceError(
        f"Chromium does not start: {told[:500]}",
        hint="as root, it needs services.browser.sandbox to be false",
    )


async def _drain(process: asyncio.subprocess.Process) -> None:
    """Take what it says, or it would wait for that."""
    assert process.stderr is not None  # noqa: S101 - it was asked for
    while await process.stderr.read(4_096):
        pass
