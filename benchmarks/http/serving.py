"""A server in a process of its own, and how fast it takes jobs from many clients."""

import asyncio
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Final

import msgspec

from benchmarks import ours
from benchmarks.harness import Meter, Sample, quantile, until
from benchmarks.http.clients import Answers, request, storm
from benchmarks.scale import Scale
from tidemill.access.keys import Keys

CLIENTS: Final = 64
WARM: Final = 1.0
"""Seconds in which nothing is measured yet."""

BODY: Final = msgspec.json.encode(
    {"task": "benchmarks.ours.nothing", "arguments": {"payload": ours.PAYLOAD}}
)


@contextmanager
def served(folder: Path, command: list[str]) -> Iterator[tuple[int, str]]:
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


def tidemill(folder: Path) -> AbstractContextManager[tuple[int, str]]:
    command = ["-m", "tidemill", "serve", "--app", "benchmarks.ours:app", "--port", "0"]
    return served(folder, [sys.executable, *command])


def new_key() -> str:
    return f"Bearer {Keys(ours.app.client, 'bench').create('bench', role='admin').secret}"


def enqueue_at(pid: int, url: str, key: str, scale: Scale) -> Sample:
    headers = {"Authorization": key} if key else {}
    sent = request("POST", "/api/v1/jobs", BODY, **headers)

    def ask_for(seconds: float) -> Answers:
        return asyncio.run(
            storm(url, lambda _: sent, clients=CLIENTS, seconds=seconds, expect=b"201")
        )

    ask_for(WARM)
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
