"""`python -m examples.demo`: all applications at work in one store, and nothing left of it."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from examples.demo.company import NAMES, stage_of
from tests.journeys.crowd import until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

ROOT = Path(__file__).parents[3]
_DAY = 86_400_000


class Demo:
    """The demo, run as a user runs it."""

    def __init__(self, folder: Path) -> None:
        self.log = folder / "said"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "examples.demo", "--port", "0", "--weeks", "1"],
                cwd=ROOT,
                env={**os.environ, "TMPDIR": str(folder)},
                stdout=log,
                stderr=log,
            )
        self.http = httpx.Client()

    @property
    def said(self) -> str:
        return self.log.read_text()

    def begun(self) -> bool:
        assert self.process.poll() is None, self.said
        return "Try it: kill -9" in self.said

    def come_in(self) -> None:
        """Log in as the admin that it has told of."""
        (at,) = re.findall(r"dashboard is at (\S+)", self.said)
        ((name, password),) = re.findall(r"^  (admin) +(\S+)", self.said, re.MULTILINE)
        self.http.base_url = at
        answer = self.http.post("/api/v1/session", json={"name": name, "password": password})
        assert answer.status_code == 201, answer.text

    def jobs(self, **query: Any) -> list[dict[str, Any]]:
        answer = self.http.get("/api/v1/jobs", params=query)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["jobs"]
        return found

    def of(self, name: str, **query: Any) -> set[str]:
        """The latest jobs of an application, and of its customers."""
        tenants = stage_of(name).tenants or (name,)
        return {job["id"] for each in tenants for job in self.jobs(tenant=each, limit=200, **query)}

    def family(self) -> list[psutil.Process]:
        """The process, and all that it has started."""
        own = psutil.Process(self.process.pid)
        return [own, *own.children(recursive=True)]


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    demo = Demo(tmp_path)
    yield demo
    if demo.process.poll() is None:
        demo.process.kill()
        demo.process.wait()
    demo.http.close()


def test_all_applications_are_at_work_and_nothing_is_left_behind(
    demo: Demo, tmp_path: Path
) -> None:
    until(demo.begun, seconds=150, what="the demo")
    demo.come_in()
    begun = {name: demo.of(name) for name in NAMES}
    for name in NAMES:
        assert begun[name], f"{name} has no jobs"
        until(
            lambda name=name: bool(demo.of(name, states="completed") - begun[name]),  # type: ignore[misc]  # bound now
            seconds=90,
            what=f"a job of {name} is done",
        )
        assert demo.http.get(f"/{name}/").status_code < 500
    family = demo.family()
    assert len(family) > len(NAMES)
    demo.process.send_signal(signal.SIGINT)
    assert demo.process.wait(60) == 0, demo.said
    assert demo.said.endswith("Everything has ended.\n")
    gone, alive = psutil.wait_procs(family, timeout=20)
    assert not alive, [each.cmdline() for each in alive]
    assert gone
    with pytest.raises(httpx.ConnectError):
        demo.http.get("/livez")
    assert sorted(path.name for path in tmp_path.glob("tidemill-*")) == []
