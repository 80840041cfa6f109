"""The demo as a process of its own, and what its user sees of it."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import psutil

from examples.demo.company import stage_of
from tests.house.source import ROOT


class Demo:
    """The demo, run as a user runs it.

    Attributes:
        process: in which it runs.
        http: asks it, from when somebody has come in.
    """

    def __init__(self, folder: Path, *, weeks: int = 1) -> None:
        self.log = folder / "said"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "examples.demo", "--port", "0", "--weeks", str(weeks)],
                cwd=ROOT,
                env={**os.environ, "TMPDIR": str(folder)},
                stdout=log,
                stderr=log,
            )
        self.http = httpx.Client()

    @property
    def said(self) -> str:
        """All that it has told whoever started it."""
        return self.log.read_text()

    def begun(self) -> bool:
        """Whether all of it is up."""
        assert self.process.poll() is None, self.said
        return "Try it: kill -9" in self.said

    @property
    def url(self) -> str:
        """Where its dashboard is, as it has told."""
        (at,) = re.findall(r"dashboard is at (\S+)", self.said)
        return str(at)

    def password_of(self, name: str) -> str:
        """The password that it has told of."""
        (password,) = re.findall(rf"^  {name} +(\S+)", self.said, re.MULTILINE)
        return str(password)

    def come_in(self) -> None:
        """Log in as the admin."""
        self.http.base_url = self.url
        login = {"name": "admin", "password": self.password_of("admin")}
        answer = self.http.post("/api/v1/session", json=login)
        assert answer.status_code == 201, answer.text

    def jobs(self, **query: Any) -> list[dict[str, Any]]:
        """A page of jobs, as the API tells of them."""
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

    def close(self) -> None:
        """End it, if it has not ended."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.http.close()
