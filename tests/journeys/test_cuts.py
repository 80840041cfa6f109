"""A PostgreSQL server that is killed, and a network that is cut: nothing is lost, all is found."""

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Self

import pytest

from tests.journeys.crowd import Crowd, judge, until
from tests.proxy import Proxy
from tests.servers import PostgresServer, postgres
from tidemill.core.errors import StoreUnavailable
from tidemill.core.identity import new_id
from tidemill.core.job import NewJob
from tidemill.core.retry import RetryPolicy

pytestmark = pytest.mark.timeout(240)


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    """A server that may be killed: no other test uses it."""
    with postgres() as server:
        yield server


@pytest.fixture
def proxy(server: PostgresServer) -> Iterator[Proxy]:
    """The way to it."""
    with Proxy(server.port) as proxy:
        yield proxy


@pytest.fixture
def far_crowd(server: PostgresServer, proxy: Proxy, tmp_path: Path) -> Iterator[Crowd]:
    """Workers and a client that reach the server through the proxy."""
    crowd = Crowd(tmp_path, proxy.url(server.url))
    yield crowd
    crowd.end()


class Customer:
    """Enqueues jobs one after the other, each again and again until it is told that it is stored.

    Attributes:
        accepted: the ids that it was told of.
        refusals: how often it was told instead that the store could not be reached.
    """

    def __init__(self, crowd: Crowd) -> None:
        self._crowd = crowd
        self._enough = threading.Event()
        self._thread = threading.Thread(target=self._buy)
        self.accepted: list[str] = []
        self.refusals = 0
        self.error: Exception | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._enough.set()
        self._thread.join()
        if self.error is not None:
            raise self.error

    def _buy(self) -> None:
        try:
            for number in itertools.count():
                if self._enough.is_set():
                    return
                self._insist(number)
        except Exception as error:  # noqa: BLE001 - raised where the test can see it
            self.error = error

    def _insist(self, number: int) -> None:
        job = NewJob(
            id=new_id(),
            task="quick",
            args=b'{"number":%d}' % number,
            retry=RetryPolicy(attempts=25, shape="fixed", base=50, jitter=False, crashes=25),
        )
        while True:
            try:
                self._crowd.app.open().jobs.insert([job]).wait()
            except StoreUnavailable:
                self.refusals += 1
                self._enough.wait(0.02)
            else:
                self.accepted.append(job.id)
                return


def started_since(crowd: Crowd, since: float) -> bool:
    """Whether a job was started after that moment."""
    return any(line.what == "start" and line.at > since for line in crowd.lines())


def recovered(crowd: Crowd, *, within: float) -> float:
    """Wait until the next job is started; seconds from now."""
    since = time.monotonic()
    return until(lambda: started_since(crowd, since), seconds=within, what="a job is started")


def completed(crowd: Crowd, customer: Customer) -> Callable[[], bool]:
    return lambda: crowd.all_completed(customer.accepted)


def test_a_server_killed_ten_times_under_load_loses_nothing(
    server: PostgresServer, far_crowd: Crowd
) -> None:
    far_crowd.app.open()
    for name in ("one", "other"):
        far_crowd.start(name)
    gaps = []
    with Customer(far_crowd) as customer:
        recovered(far_crowd, within=20)
        for _ in range(10):
            server.kill()
            server.start()
            gaps.append(recovered(far_crowd, within=20))
    until(completed(far_crowd, customer), seconds=60, what="all that was accepted is completed")
    judge(far_crowd, customer.accepted)
    assert customer.refusals, "the customer never met a server that was away"
    assert median(gaps) < 3
    print(f"{len(customer.accepted)} accepted, recovered in {sorted(gaps)}")  # noqa: T201 - for the table


def test_connections_that_are_reset_under_load_lose_nothing(proxy: Proxy, far_crowd: Crowd) -> None:
    far_crowd.app.open()
    for name in ("one", "other"):
        far_crowd.start(name)
    gaps = []
    with Customer(far_crowd) as customer:
        recovered(far_crowd, within=20)
        for _ in range(10):
            proxy.cut()
            gaps.append(recovered(far_crowd, within=20))
    until(completed(far_crowd, customer), seconds=60, what="all that was accepted is completed")
    judge(far_crowd, customer.accepted)
    assert proxy.cuts > 50
    print(f"{len(customer.accepted)} accepted, {proxy.cuts} cuts, {sorted(gaps)}")  # noqa: T201 - for the table


def test_answers_that_are_lost_repeat_nothing(proxy: Proxy, far_crowd: Crowd) -> None:
    """Whatever is asked is done, and nobody hears of it: inserts, claims and settlements alike."""
    far_crowd.app.open()
    for name in ("one", "other"):
        far_crowd.start(name)
    with Customer(far_crowd) as customer:
        recovered(far_crowd, within=20)
        for _ in range(5):
            before = proxy.swallowed
            proxy.mode = "mute"
            until(lambda before=before: proxy.swallowed > before + 200, seconds=20,  # type: ignore[misc]  # bound by its default
                  what="answers have been swallowed")  # fmt: skip
            proxy.cut()
            proxy.mode = "pass"
            recovered(far_crowd, within=20)
    until(completed(far_crowd, customer), seconds=60, what="all that was accepted is completed")
    judge(far_crowd, customer.accepted)
    assert customer.refusals


def test_a_network_that_falls_silent_is_noticed_in_time(proxy: Proxy, far_crowd: Crowd) -> None:
    """No connection ends and no byte arrives: only time can tell."""
    far_crowd.app.open()
    worker = far_crowd.start("worker")
    with Customer(far_crowd) as customer:
        recovered(far_crowd, within=20)
        before = customer.refusals
        proxy.mode = "silent"
        noticed = until(lambda: customer.refusals > before, seconds=20, what="it is noticed")
        until(lambda: customer.refusals > before + 2, seconds=20, what="it stays so")
        proxy.mode = "pass"
        gap = recovered(far_crowd, within=20)
    until(completed(far_crowd, customer), seconds=60, what="all that was accepted is completed")
    judge(far_crowd, customer.accepted)
    assert worker.poll() is None
    assert noticed < 10
    assert gap < 10
    print(f"noticed in {noticed:.1f} s, recovered in {gap:.1f} s")  # noqa: T201 - for the table
