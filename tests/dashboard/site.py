"""A dashboard as people have it: a server and a worker of the command line, over one store."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import httpx

from tests.dashboard.harbour import fill
from tests.dashboard.harbour import made as application
from tests.house.source import ROOT
from tests.journeys.crowd import until
from tests.servers import free_port
from tidemill.access.identity import Grant
from tidemill.access.role import Role
from tidemill.access.users import Users
from tidemill.core.state import State

APPLICATION: Final = "tests.dashboard.harbour:app"
PASSWORD: Final = "seven herons at low water"  # noqa: S105 - of nobody
PEOPLE: Final = {"ana": Role.ADMIN, "oto": Role.OPERATOR, "vic": Role.VIEWER}
QUEUES: Final = "mail,webhooks,reports"
"""What the worker takes; one queue is left alone."""


class Site:
    """A server at one address, and a worker, which both can be killed and started again."""

    def __init__(self, folder: Path, store: str) -> None:
        self.folder = folder
        self.store = store
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.app = application(store)
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "TIDEMILL_URL": self.store, "PYTHONPATH": str(ROOT)}

    def people(self) -> None:
        """Let one of each role in."""
        users = Users(self.app.client)
        for name, role in PEOPLE.items():
            users.create(name, PASSWORD, [Grant(role)], full_name=name.title())

    def serve(self) -> None:
        """Start the server, and wait until it answers."""
        self.begin()
        until(self.answers, seconds=60, what="the server")

    def begin(self) -> None:
        """Start the server, and do not wait."""
        self._start("serve", "--app", APPLICATION, "--port", str(self.port))

    def mount(self, path: str) -> None:
        """Start a server that has it below a path."""
        self._run("serve", "tests.dashboard.mounted", path, str(self.port))
        self.url += path
        until(self.answers, seconds=60, what="the server")

    def work(self) -> None:
        """Start a worker."""
        # What else is tested beside it would have its turn first.
        self._start("worker", "--app", APPLICATION, "--queues", QUEUES, "--nice", "0")

    def kill(self, word: str) -> None:
        """End the server or the worker as a loss of power would."""
        process = self._running.pop(word, None)
        if process is not None:
            process.kill()
            process.wait(30)

    def answers(self) -> bool:
        """Whether the server is there."""
        try:
            return httpx.get(f"{self.url}/readyz").is_success
        except httpx.TransportError:
            return False

    def said(self, word: str) -> str:
        """What the server or the worker has told on its console."""
        return (self.folder / f"{word}.log").read_text()

    def token(self) -> str:
        """What makes the first admin, as the console shows it."""
        found = re.search(r"this token makes the first one:\s+(\S+)", self.said("serve"))
        assert found is not None, self.said("serve")
        return found[1]

    def rests(self) -> bool:
        """Whether the worker has nothing left to do."""
        return not any(
            each.queue in QUEUES.split(",") and each.state in (State.WAITING, State.RUNNING)
            for each in self.app.jobs.counts()
        )

    def close(self) -> None:
        """End all of it."""
        for word in list(self._running):
            self.kill(word)
        self.app.close()

    def _start(self, word: str, *options: str) -> None:
        self._run(word, "tidemill", word, *options)

    def _run(self, name: str, module: str, *words: str) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(
                [sys.executable, "-m", module, *words],
                env=self.environment,
                cwd=self.folder,
                stdout=log,
                stderr=log,
            )


@contextmanager
def site(folder: Path, store: str = "") -> Iterator[Site]:
    """A site for a while, with people, whose worker has worked off what can be."""
    made = Site(folder, store or f"sqlite:///{folder}/jobs.db")
    try:
        made.people()
        made.begin()
        made.work()
        fill(made.app)
        until(made.answers, seconds=60, what="the server")
        until(made.rests, seconds=60, what="the end of the work")
        yield made
    finally:
        made.close()
