"""The server is killed while jobs are asked for: what is sent again is stored once."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.journeys.crowd import until
from tests.servers import database
from tidemill import Tidemill
from tidemill.access.keys import Keys

pytestmark = pytest.mark.timeout(120)

JOBS = 1_000
SHOP = """
from tidemill import Tidemill

app = Tidemill()


@app.task(name="add")
def add(a: int) -> int:
    return a
"""

Serve = Callable[[], tuple["subprocess.Popen[str]", str]]


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/jobs.db"
    else:
        with database(request.getfixturevalue("postgres_url")) as found:
            yield found


@pytest.fixture
def serve(url: str, tmp_path: Path) -> Iterator[Serve]:
    """Starts a server of the shop; answers its process, and where it listens."""
    (tmp_path / "shop.py").write_text(SHOP)
    started: list[subprocess.Popen[str]] = []

    def start() -> tuple["subprocess.Popen[str]", str]:
        log = tmp_path / f"log-{len(started)}"
        with log.open("w") as file:
            process = subprocess.Popen(
                [sys.executable, "-m", "tidemill", "serve", "--app", "shop:app", "--port", "0"],
                cwd=tmp_path,
                env={**os.environ, "TIDEMILL_URL": url},
                stderr=file,
                text=True,
            )
        started.append(process)

        def address() -> str:
            words = log.read_text().split()
            return next((word for word in words if word.startswith("http://")), "")

        until(lambda: bool(address()), seconds=20, what="the server")
        return process, address()

    yield start
    for process in started:
        process.kill()
        process.wait()


def send(http: httpx.Client, number: int) -> str:
    """Ask for one job; its id, or nothing if nobody answered."""
    try:
        answer = http.post(
            "/api/v1/jobs",
            json={"task": "add", "arguments": {"a": number}},
            headers={"Idempotency-Key": f"order-{number}"},
        )
    except httpx.HTTPError:
        return ""
    assert answer.status_code in (200, 201), answer.text
    return str(answer.json()["id"])


def test_a_thousand_that_are_sent_again_are_a_thousand(serve: Serve, url: str) -> None:
    with Tidemill(url) as app:
        secret = Keys(app.client, "tests").create("orders", role="operator").secret
        process, address = serve()
        answered: dict[int, str] = {}
        enough = threading.Event()

        def ask(http: httpx.Client, number: int) -> None:
            if enough.is_set() and process.poll() is not None:
                return
            if id_ := send(http, number):
                answered[number] = id_
            if len(answered) >= JOBS // 2 and not enough.is_set():
                enough.set()
                process.send_signal(signal.SIGKILL)

        headers = {"Authorization": f"Bearer {secret}"}
        with (
            httpx.Client(base_url=address, headers=headers, timeout=20) as http,
            ThreadPoolExecutor(16) as threads,
        ):
            list(threads.map(lambda number: ask(http, number), range(JOBS)))
        assert JOBS // 2 <= len(answered) < JOBS
        before = dict(answered)
        _, address = serve()
        with (
            httpx.Client(base_url=address, headers=headers, timeout=20) as http,
            ThreadPoolExecutor(16) as threads,
        ):
            ids = list(threads.map(lambda number: send(http, number), range(JOBS)))
        assert all(ids)
        assert {number: ids[number] for number in before} == before
        stored = {job.id for job in app.jobs.find(tasks=["add"])}
        assert stored == set(ids)
        assert len(stored) == JOBS
