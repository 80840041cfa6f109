"""How fast the e-mail kit sends: to a real server, in a process of its own."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Final

import aiosmtplib
from aiosmtpd.controller import UnthreadedController

from benchmarks.contest import Bar, Contest
from benchmarks.harness import Meter, Sample, Subject, until
from benchmarks.scale import Scale
from tidemill import State, Tidemill
from tidemill.core.query import JobFilter
from tidemill.core.state import LIVE
from tidemill.kits.email import Email

SERVER: Final = "BENCH_SMTP"
"""The variable that tells the worker where the server is."""

SHARE: Final = 20
"""A letter is this many times the work of a job that does nothing."""
WARM: Final = 200
BODY: Final = "Invoice 7 is paid.\n" * 40

app = Tidemill()
email = Email(server=os.environ.get(SERVER, ""), sender="jobs@example.org")
app.include(email)


class Counting:
    """Takes every letter, and says how many there were."""

    def __init__(self) -> None:
        """Have none."""
        self.letters = 0

    async def handle_DATA(self, _server: Any, _session: Any, _envelope: Any) -> str:  # noqa: N802 - its name there
        """Take a letter."""
        self.letters += 1
        return "250 OK"


def bare(_: Path, scale: Scale) -> Sample:
    """As fast as one line takes them."""
    with server() as port:
        return asyncio.run(_over_one_line(port, scale.backlog // SHARE))


async def _over_one_line(port: int, letters: int) -> Sample:
    async with aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False) as smtp:
        with Meter() as meter:
            for _ in range(letters):
                letter = EmailMessage()
                letter["From"], letter["To"] = "jobs@example.org", "zoe@example.org"
                letter["Subject"] = "Paid"
                letter.set_content(BODY)
                await smtp.send_message(letter)
        return meter.rate(letters)


def letters(_: Path, scale: Scale) -> Sample:
    """One worker process sends what waits for it."""
    many = scale.backlog // SHARE
    with app, server() as port, _worker(_url(port)) as pid:
        _enqueue(WARM)
        until(_drained, "the worker is warm")
        app.queues.pause(email.name)
        _enqueue(many)
        with Meter(pid) as meter:
            app.queues.resume(email.name)
            until(_drained, "every letter is sent", every=0.02)
        failed = app.jobs.page(
            JobFilter(queues=(email.name,), states=(State.FAILED,)), limit=1
        ).jobs
        if failed:
            raise RuntimeError(f"a letter was not sent: {failed[0]}")
        return meter.rate(many)


def _enqueue(many: int) -> None:
    app.enqueue_many(email.send.bind(["zoe@example.org"], "Paid", BODY) for _ in range(many))


def _drained() -> bool:
    return not app.jobs.page(JobFilter(states=tuple(LIVE), queues=(email.name,)), limit=1).jobs


def _url(port: int) -> str:
    return f"smtp://127.0.0.1:{port}?tls=off"


@contextmanager
def _worker(url: str) -> Iterator[int]:
    """A worker process that sends to this server; its pid, once it is there."""
    # What it is compared with gives way to nobody.
    named = f"{__name__}:app"
    command = [sys.executable, "-m", "tidemill", "worker", "--app", named, "--nice", "0"]
    env = {**os.environ, SERVER: url}
    with subprocess.Popen(command, env=env, stderr=subprocess.DEVNULL) as process:
        try:
            until(lambda: bool(app.jobs.workers()), "the worker holds its lease")
            yield process.pid
        finally:
            process.send_signal(signal.SIGTERM)


@contextmanager
def server() -> Iterator[int]:
    """A mail server in a process of its own; its port."""
    command = [sys.executable, "-m", __name__]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.terminate()


async def _serve() -> None:
    controller = UnthreadedController(
        Counting(), hostname="127.0.0.1", port=0, loop=asyncio.get_running_loop()
    )
    listening = await controller._create_server()
    assert isinstance(listening, asyncio.Server)
    print(listening.sockets[0].getsockname()[1], flush=True)
    await listening.serve_forever()


CONTESTS: Final = (
    Contest(
        name="kit-email",
        about="Send mail to a server on this machine",
        unit="mails/s",
        subjects=(
            Subject(name="one line, no jobs", promises="nothing is stored", work=bare),
            Subject(name="tidemill", promises="results, events stored", work=letters),
        ),
        bars=(Bar(subject="tidemill", sense="at least", limit=100),),
    ),
)


if __name__ == "__main__":
    asyncio.run(_serve())
