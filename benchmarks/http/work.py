"""The API as a program meets it: one server process, and clients beside it."""

import asyncio
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Final

import msgspec

from benchmarks import ours
from benchmarks.harness import Meter, Sample, quantile, until
from benchmarks.http.clients import Answers, request, storm
from benchmarks.machine import memory_of
from benchmarks.scale import Scale
from tidemill.access.keys import Keys

CLIENTS: Final = 64
LISTENERS: Final = 500
PER_SECOND: Final = 5
"""Events that are emitted while many listen."""

_BODY: Final = msgspec.json.encode(
    {"task": "benchmarks.ours.nothing", "arguments": {"payload": ours.PAYLOAD}}
)
_WARM: Final = 1.0


@contextmanager
def _served(folder: Path, command: list[str]) -> Iterator[tuple[int, str]]:
    """A server in a process of its own: its pid, and where it listens."""
    log = folder / "server.log"
    with log.open("w") as file:
        process = subprocess.Popen(command, stdout=file, stderr=file)
    try:

        def address() -> str:
            found = re.search(r"http://[\d.]+:\d+", log.read_text())
            return found[0] if found else ""

        until(lambda: bool(address()) or process.poll() is not None, "the server listens")
        yield process.pid, address()
    finally:
        process.kill()
        process.wait()


def _tidemill(folder: Path) -> AbstractContextManager[tuple[int, str]]:
    command = ["-m", "tidemill", "serve", "--app", "benchmarks.ours:app", "--port", "0"]
    return _served(folder, [sys.executable, *command])


def _key() -> str:
    return f"Bearer {Keys(ours.app.client, 'bench').create('bench', role='admin').secret}"


# --- Enqueue --------------------------------------------------------------------------------------


def enqueue_bare(folder: Path, scale: Scale) -> Sample:
    """The same body to an application that does nothing with it."""
    command = ["-m", "uvicorn", "benchmarks.http.raw:app", "--port", "0", "--no-access-log"]
    with _served(folder, [sys.executable, *command]) as (pid, url):
        return _enqueue(pid, url, "", scale)


def enqueue(folder: Path, scale: Scale) -> Sample:
    """One job a request."""
    with ours.app, _tidemill(folder) as (pid, url):
        return _enqueue(pid, url, _key(), scale)


def _enqueue(pid: int, url: str, key: str, scale: Scale) -> Sample:
    headers = {"Authorization": key} if key else {}
    sent = request("POST", "/api/v1/jobs", _BODY, **headers)

    def ask_for(seconds: float) -> Answers:
        return asyncio.run(
            storm(url, lambda _: sent, clients=CLIENTS, seconds=seconds, expect=b"201")
        )

    ask_for(_WARM)
    with Meter(pid) as meter:
        answers = ask_for(scale.seconds)
    return _told(meter, answers)


def _told(meter: Meter, answers: Answers) -> Sample:
    count = len(answers.lengths)
    return meter.sample(
        count,
        rate=count / answers.seconds,
        **{f"p{share:.0%}"[:-1]: quantile(answers.lengths, share) * 1_000 for share in (0.5, 0.99)},
    )


# --- Bulk -----------------------------------------------------------------------------------------


def bulk_here(_: Path, scale: Scale) -> Sample:
    """A thousand a call, without HTTP."""
    return ours.enqueue_in_bulk(_, scale)


def bulk(folder: Path, scale: Scale) -> Sample:
    """A thousand jobs a request."""
    job = msgspec.json.decode(_BODY)
    body = msgspec.json.encode({"jobs": [job] * ours.BULK})
    with ours.app, _tidemill(folder) as (pid, url):
        ours.fill(ours.WARM_UP)
        sent = request("POST", "/api/v1/jobs/batch", body, Authorization=_key())
        asyncio.run(storm(url, lambda _: sent, clients=1, seconds=_WARM, expect=b"201"))
        with Meter(pid) as meter:
            answers = asyncio.run(
                storm(url, lambda _: sent, clients=1, seconds=scale.seconds, expect=b"201")
            )
        return meter.rate(len(answers.lengths) * ours.BULK)


# --- Live -----------------------------------------------------------------------------------------


def live(folder: Path, scale: Scale) -> Sample:
    """Five hundred listeners, five events a second: how late the last of them hears of one."""
    with ours.app, _tidemill(folder) as (pid, url):
        key = _key()
        before = memory_of(pid)
        late = asyncio.run(_listen(url, key, scale))
        grown = (memory_of(pid) - before) * 1_024 / LISTENERS
    figures = {f"p{share:.0%}"[:-1]: quantile(late, share) * 1_000 for share in (0.5, 0.99)}
    return Sample(figures=figures | {"KB each": grown})


async def _listen(url: str, key: str, scale: Scale) -> list[float]:
    host, port = url.removeprefix("http://").split(":")
    late: list[float] = []
    events = int(scale.seconds * PER_SECOND)
    all_heard = asyncio.Event()

    async def listener(sent: bytes) -> None:
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(sent)
        async for line in reader:
            if b'"emitted":' in line:
                emitted = int(re.search(rb'"emitted":(\d+)', line)[1])  # type: ignore[index]  # it is there
                late.append((time.time_ns() - emitted) / 1e9)
                if len(late) == events * LISTENERS:
                    all_heard.set()

    # One key may have twenty streams; so there are as many keys as it takes.
    keys = [key, *(_key() for _ in range(LISTENERS // 20))]
    tasks = [
        asyncio.create_task(
            listener(
                request("GET", "/api/v1/live?topics=bench.*", Authorization=keys[number // 20])
            )
        )
        for number in range(LISTENERS)
    ]
    await asyncio.sleep(3)
    for _ in range(events):
        await ours.app.events.aemit("bench.tick", {"emitted": time.time_ns()})
        await asyncio.sleep(1 / PER_SECOND)
    async with asyncio.timeout(30):
        await all_heard.wait()
    for task in tasks:
        task.cancel()
    return late


# --- At rest, and while all is busy ---------------------------------------------------------------


def at_rest(folder: Path, _: Scale) -> Sample:
    """What a server takes that has answered some questions and is asked nothing."""
    with ours.app, _tidemill(folder) as (pid, url):
        ask_each = [request("GET", f"/api/v1{path}", Authorization=_key()) for path in _PATHS]

        def make(number: int) -> bytes:
            return ask_each[number % len(ask_each)]

        asyncio.run(storm(url, make, clients=4, seconds=_WARM, expect=b"200"))
        return Sample(figures={"MB": memory_of(pid)}, rss=memory_of(pid))


_PATHS: Final = ("/jobs", "/queues", "/tasks", "/workers", "/statistics", "/events", "/schedules")


def while_busy(folder: Path, scale: Scale) -> Sample:
    """How soon lists are answered while workers empty a full queue as fast as they can."""
    with ExitStack() as stack:
        stack.enter_context(ours.app)
        ours.fill(scale.backlog)
        _, url = stack.enter_context(_tidemill(folder))
        key = _key()
        workers = [
            subprocess.Popen(
                [sys.executable, "-m", "tidemill", "worker", "--app", "benchmarks.ours:app"],
                stderr=subprocess.DEVNULL,
                env=os.environ,
            )
            for _ in range(2)
        ]
        until(lambda: len(ours.app.jobs.workers()) == 2, "two workers are there")
        sent = [request("GET", f"/api/v1{path}", Authorization=key) for path in _PATHS]
        answers = asyncio.run(
            storm(
                url, lambda number: sent[number % len(sent)], clients=4, seconds=scale.seconds,
                expect=b"200",
            )
        )  # fmt: skip
        for worker in workers:
            worker.kill()
            worker.wait()
    figures = {
        f"p{share:.0%}"[:-1]: quantile(answers.lengths, share) * 1_000 for share in (0.95, 0.5)
    }
    return Sample(figures=figures)


# --- Pages ----------------------------------------------------------------------------------------


def pages(folder: Path, scale: Scale) -> Sample:
    """Lists of a store with millions of jobs."""
    queries = (
        "/jobs", "/jobs?states=completed", "/jobs?states=waiting", "/jobs?queues=bench",
        "/jobs?tasks=benchmarks.ours.nothing&states=failed", "/queues", "/dead-letters", "/tasks",
        "/statistics?step=hour", "/events", "/audit",
    )  # fmt: skip
    with ours.app, _tidemill(folder) as (_, url):
        key = _key()
        sent = [request("GET", f"/api/v1{query}", Authorization=key) for query in queries]
        answers = asyncio.run(
            storm(
                url, lambda number: sent[number % len(sent)], clients=1, seconds=scale.seconds,
                expect=b"200",
            )
        )  # fmt: skip
    return Sample(figures={"p95": quantile(answers.lengths, 0.95) * 1_000})
