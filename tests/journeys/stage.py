"""Where a journey takes place: a store, the way to it, and a customer who is never done."""

import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import NamedTuple

from tests.journeys.beside import Beside
from tests.journeys.crowd import Crowd, until
from tests.journeys.history import Verdict, examine
from tests.proxy import Proxy
from tests.servers import PostgresServer
from tidemill import Retry
from tidemill.core.errors import StoreError, StoreUnavailable

STANDSTILL = 25.0
"""Seconds without any change after which nothing more is waited for: longer than any rescue
where leases last 3 s."""

_numbers = count(1)


class Stage(NamedTuple):
    """A crowd over an empty store and, where the journey needs them, its server and the way there.

    Attributes:
        far: the server and the proxy through which the crowd reaches it, both this journey's own.
    """

    crowd: Crowd
    far: tuple[PostgresServer, Proxy] | None = None

    @property
    def server(self) -> PostgresServer:
        """The server, which may be killed."""
        assert self.far is not None
        return self.far[0]

    @property
    def proxy(self) -> Proxy:
        """The network, which may be cut."""
        assert self.far is not None
        return self.far[1]

    def settle_down(self, ids: Sequence[str], *, standstill: float = STANDSTILL) -> Verdict:
        """Wait until all has ended, or nothing has moved for so long; look at what it came to.

        What has not ended by then is lost, and the verdict says so.
        """
        ends_at = time.monotonic() + standstill
        before = None
        while (live := self._live()) and time.monotonic() < ends_at:
            if live != before:
                ends_at = time.monotonic() + standstill
            before = live
            time.sleep(0.05)
        return examine(self.crowd, ids)

    def _live(self) -> object:
        """What is live, but for what recurs; whatever it is, something is until that is known."""
        try:
            counts = self.crowd.app.open().reader.counts().wait()
        except StoreUnavailable:
            return ("unknown",)
        return tuple(count for count in counts if count.task != "ticked")


@contextmanager
def near(folder: Path, scheme: str, server: str = "") -> Iterator[Stage]:
    """An empty store of its own: a file in the folder, or a schema on a server that is shared."""
    url = f"{scheme}:///{folder}/jobs.db"
    if scheme == "postgresql":
        url = f"{server}?schema=crowd_{next(_numbers)}"
    crowd = Crowd(folder, url)
    try:
        yield Stage(crowd)
    finally:
        crowd.end()


@contextmanager
def far(folder: Path, server: PostgresServer) -> Iterator[Stage]:
    """An empty store on a server that may be killed, reached through a network that may be cut."""
    with Proxy(server.port) as proxy:
        crowd = Crowd(folder, f"{proxy.url(server.url)}?schema=crowd_{next(_numbers)}")
        try:
            yield Stage(crowd, (server, proxy))
        finally:
            proxy.heal()
            crowd.end()


def until_over(condition: Callable[[], bool], seconds: float) -> bool:
    """Wait until it holds, or the time is over; whether it held."""
    ends_at = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > ends_at:
            return False
        time.sleep(0.05)
    return True


PACE = 0.005
"""Seconds that a customer lets pass between two jobs: the machine is shared."""


async def quick(number: int) -> int:
    """What a customer asks for, as it is declared here; workers have their own."""
    return number


class Customer(Beside):
    """Enqueues calls one after the other, each again and again until it is told that it is stored.

    Attributes:
        accepted: the ids that it was told of.
        repeats: calls that turned out to have been stored by a try whose answer was lost.
        refusals: what it was told instead of being accepted.
    """

    def __init__(self, crowd: Crowd) -> None:
        super().__init__()
        self._crowd = crowd
        self.accepted: list[str] = []
        self.repeats = 0
        self.refusals: list[StoreError] = []
        chances = Retry.fixed(attempts=25, base="50ms", crashes=25)
        self._quick = crowd.app.task(name="quick", retry=chances)(quick)

    def act(self) -> None:
        """Buy one after the other."""
        for number in itertools.count():
            if self.enough.is_set():
                return
            self._insist(number)

    def _insist(self, number: int) -> None:
        call = self._quick.bind(number)
        self._crowd.asked.add(call.id)
        for tries in itertools.count():
            try:
                job = self._crowd.app.enqueue(call)
            except StoreError as error:
                self.refusals.append(error)
                if self.in_vain.is_set():
                    return
                self.enough.wait(0.02)
            else:
                self.accepted.append(job.id)
                self.repeats += tries > 0 and not job.created
                self.enough.wait(PACE)
                return


def recovered(crowd: Crowd, *, within: float) -> float:
    """Wait until the next job is started; seconds from now."""
    since = time.monotonic()

    def started() -> bool:
        return any(line.what == "start" and line.at > since for line in crowd.lines())

    return until(started, seconds=within, what="a job is started")
