"""`tidemill dev`: what is written is served and worked off; broken code waits for mending."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.journeys.crowd import until
from tests.journeys.test_demo_stopping import is_gone
from tests.servers import free_port
from tidemill import Tidemill
from tidemill.access.keys import Keys

pytestmark = pytest.mark.timeout(120)

SHOP = """
from tidemill import Tidemill

app = Tidemill()


@app.task(name="{task}")
def task() -> str:
    return "{task}"
"""


class Development:
    """A folder in which somebody writes an application, and the program that runs it meanwhile."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = f"sqlite:///{folder}/jobs.db"
        self.write("first")
        (folder / "pyproject.toml").touch()
        port = free_port()
        self.log = folder / "log"
        with self.log.open("w") as file:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tidemill", "dev", "--app", "shop:app", "--port", str(port)],
                cwd=folder,
                env={**os.environ, "TIDEMILL_URL": self.url},
                stderr=file,
                stdout=file,
            )
        self.http = httpx.Client(base_url=f"http://127.0.0.1:{port}")

    def write(self, task: str, more: str = "") -> None:
        (self.folder / "shop.py").write_text(SHOP.format(task=task) + more)

    def tasks(self) -> list[str]:
        """The tasks of the shop that the server knows, once it answers."""
        try:
            answer = self.http.get("/api/v1/tasks")
        except httpx.TransportError:
            return []
        told: list[dict[str, Any]] = answer.json()["tasks"]
        return [each["task"] for each in told if each["known"]]

    def pids(self) -> list[int]:
        """Of the processes that it runs, and of those that these run."""
        parents = {}
        for status in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError):  # it has just ended
                # Behind its name, which may hold anything, come its state and its parent.
                said = status.read_text(encoding="utf-8").rpartition(")")[2].split()
                parents[int(status.parent.name)] = int(said[1])
        mine = {self.process.pid}
        while more := {pid for pid, parent in parents.items() if parent in mine} - mine:
            mine |= more
        return sorted(mine - {self.process.pid})


@pytest.fixture
def development(tmp_path: Path) -> Iterator[Development]:
    development = Development(tmp_path)
    with Tidemill(development.url) as app:
        secret = Keys(app.client, "tests").create("dev", role="admin").secret
    development.http.headers["Authorization"] = f"Bearer {secret}"
    yield development
    development.process.kill()
    development.process.wait()
    development.http.close()


def test_what_is_written_is_served_and_worked_off(development: Development) -> None:
    until(lambda: development.tasks() == ["first"], seconds=30, what="the first version")
    development.write("second")
    until(lambda: development.tasks() == ["second"], seconds=30, what="the second version")
    development.write("third", "raise RuntimeError('not yet')\n")
    until(lambda: "not yet" in development.log.read_text(), seconds=30, what="the error")
    development.write("third")
    until(lambda: development.tasks() == ["third"], seconds=30, what="the third version")
    with Tidemill(development.url) as app:
        app.task(name="third")(lambda: None)
        assert app.enqueue("third").result("30s") == "third"
    pids = development.pids()
    development.process.send_signal(signal.SIGINT)
    assert development.process.wait(30) == 0
    assert "Traceback" not in development.log.read_text()
    assert all(is_gone(pid) for pid in pids)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nobody tells it of its parent")
def test_killed_it_takes_all_with_it(development: Development) -> None:
    until(lambda: development.tasks() == ["first"], seconds=30, what="the first version")
    until(lambda: len(development.pids()) >= 2, seconds=30, what="server and worker")
    pids = development.pids()
    development.process.kill()
    until(lambda: all(map(is_gone, pids)), seconds=20, what="the end of all")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--app", "nothing:app"], "nothing"),
        ([], "no application is named"),
        (["--app", "shop:app", "--watch", "nowhere"], "there is no folder nowhere"),
        (["--app", "shop:app"], "shop:app keeps its jobs in memory"),
    ],
)
def test_what_cannot_be_run_is_told(tmp_path: Path, words: list[str], says: str) -> None:
    (tmp_path / "shop.py").write_text(SHOP.format(task="first"))
    (tmp_path / "pyproject.toml").touch()
    ran = subprocess.run(
        [sys.executable, "-m", "tidemill", "dev", *words],
        cwd=tmp_path,
        env={**os.environ, "TIDEMILL_URL": "memory://"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ran.returncode == 2
    assert says in ran.stderr
