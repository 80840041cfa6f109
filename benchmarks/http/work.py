"""The API as a program meets it: one server process, and clients beside it."""

import asyncio
import os
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import msgspec

from benchmarks import ours
from benchmarks.depth import p95_of
from benchmarks.harness import Meter, Sample, quantile, until
from benchmarks.http.clients import request, storm
from benchmarks.http.serving import BODY, WARM, enqueue_at, new_key, tidemill
from benchmarks.machine import memory_of
from benchmarks.scale import Scale

LISTENERS: Final = 500
PER_SECOND: Final = 5
"""Events that are emitted while many listen."""


# --- Enqueue --------------------------------------------------------------------------------------


def enqueue(folder: Path, scale: Scale) -> Sample:
    """One job a request."""
    with ours.app, tidemill(folder) as (pid, url):
        return enqueue_at(pid, url, new_key(), scale)


# --- Bulk -----------------------------------------------------------------------------------------


def bulk_here(_: Path, scale: Scale) -> Sample:
    """A thousand a call, without HTTP."""
    return ours.enqueue_in_bulk(_, scale)


def bulk(folder: Path, scale: Scale) -> Sample:
    """A thousand jobs a request."""
    job = msgspec.json.decode(BODY)
    body = msgspec.json.encode({"jobs": [job] * ours.BULK})
    with ours.app, tidemill(folder) as (pid, url):
        ours.fill(ours.WARM_UP)
        sent = request("POST", "/api/v1/jobs/batch", body, Authorization=new_key())
        asyncio.run(storm(url, lambda _: sent, clients=1, seconds=WARM, expect=b"201"))
        with Meter(pid) as meter:
            answers = asyncio.run(
                storm(url, lambda _: sent, clients=1, seconds=scale.seconds, expect=b"201")
            )
        return meter.rate(len(answers.lengths) * ours.BULK)


# --- Live -----------------------------------------------------------------------------------------


def live(folder: Path, scale: Scale) -> Sample:
    """Five hundred listeners, five events a second: how late the last of them hears of one."""
    with ours.app, tidemill(folder) as (pid, url):
        key = new_key()
        before = memory_of(pid)
        late = asyncio.run(_listen(url, key, scale))
        grown = (memory_of(pid) - before) * 1_024 / LISTENERS
    figures = {f"p{share:.0%}"[:-1]: quantile(late, share) * 1_000 for share in (0.5, 0.99)}
    return Sample(figures=figures | {"KB each": grown})


async def _listen(url: str, key: str, scale: Scale) -> list[float]:
    host, port = url.removeprefix("http://").split(":")
    late: list[float] = []
    events = int(scale.seconds * PER_SECOND)
    listening = asyncio.Semaphore(0)
    all_heard = asyncio.Event()

    async def listener(sent: bytes) -> None:
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(sent)
        await reader.readuntil(b"event: beat")
        listening.release()
        async for line in reader:
            if found := re.search(rb'"emitted":(\d+)', line):
                late.append((time.time_ns() - int(found[1])) / 1e9)
                if len(late) == events * LISTENERS:
                    all_heard.set()

    # One key may have twenty streams; so there are as many keys as it takes.
    keys = [key, *(new_key() for _ in range(LISTENERS // 20))]
    tasks = [
        asyncio.create_task(
            listener(
                request("GET", "/api/v1/live?topics=bench.*", Authorization=keys[number // 20])
            )
        )
        for number in range(LISTENERS)
    ]
    for _ in tasks:
        await listening.acquire()
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
    with ours.app, tidemill(folder) as (pid, url):
        ask_each = [request("GET", f"/api/v1{path}", Authorization=new_key()) for path in _PATHS]

        def make(number: int) -> bytes:
            return ask_each[number % len(ask_each)]

        asyncio.run(storm(url, make, clients=4, seconds=WARM, expect=b"200"))
        return Sample(figures={"MB": memory_of(pid)}, rss=memory_of(pid))


_PATHS: Final = ("/jobs", "/queues", "/tasks", "/workers", "/statistics", "/events", "/schedules")


def while_busy(folder: Path, scale: Scale) -> Sample:
    """How soon lists are answered while workers empty a full queue as fast as they can."""
    with ExitStack() as stack:
        stack.enter_context(ours.app)
        ours.fill(scale.backlog)
        _, url = stack.enter_context(tidemill(folder))
        key = new_key()
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


LISTS: Final = {
    "jobs": "/jobs",
    "jobs that are completed": "/jobs?states=completed",
    "jobs that wait": "/jobs?states=waiting",
    "jobs of a queue": "/jobs?queues=bench",
    "failed jobs of a task": "/jobs?tasks=benchmarks.ours.nothing&states=failed",
    "dead letters": "/dead-letters",
    "queues": "/queues",
    "tasks": "/tasks",
    "statistics": "/statistics?step=hour",
    "events": "/events",
    "audit": "/audit",
}
"""What is asked of a server whose store has a long history."""


def pages(folder: Path, scale: Scale) -> Sample:
    """Lists of a store with millions of jobs, as a browser asks for them: each by itself."""
    with ours.app, tidemill(folder) as (_, url):
        key = new_key()

        def times_of(path: str) -> Sequence[float]:
            sent = request("GET", f"/api/v1{path}", Authorization=key)
            storming = storm(url, lambda _: sent, clients=1, seconds=scale.seconds, expect=b"200")
            return asyncio.run(storming).lengths

        times = {name: times_of(path) for name, path in LISTS.items()}
    return Sample(
        figures={p95_of(name): quantile(each, 0.95) * 1_000 for name, each in times.items()}
    )
