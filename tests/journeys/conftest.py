"""Journeys: real processes on real stores, killed and stopped."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.journeys.crowd import Crowd
from tests.journeys.stage import Stage, far, near
from tests.servers import postgres

SCHEMES = os.environ.get("KILL_SCHEMES", "sqlite postgresql").split()
_numbers = count(1)


@pytest.fixture(params=SCHEMES)
def scheme(request: pytest.FixtureRequest) -> str:
    """The engine that a journey takes place on."""
    return str(request.param)


@pytest.fixture
def crowd_url(request: pytest.FixtureRequest, scheme: str, tmp_path: Path) -> str:
    """Where an empty store is."""
    if scheme == "postgresql":
        return f"{request.getfixturevalue('postgres_url')}?schema=alone_{next(_numbers)}"
    return f"{scheme}:///{tmp_path}/jobs.db"


@pytest.fixture
def stage(request: pytest.FixtureRequest, scheme: str, tmp_path: Path) -> Iterator[Stage]:
    """An empty store, and no worker yet."""
    server = request.getfixturevalue("postgres_url") if scheme == "postgresql" else ""
    with near(tmp_path, scheme, server) as stage:
        yield stage


@pytest.fixture
def far_stage(tmp_path: Path) -> Iterator[Stage]:
    """An empty store on a server of its own, behind a network that may be cut."""
    with postgres() as server, far(tmp_path, server) as stage:
        yield stage


StartDemo = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start_demo() -> Iterator[StartDemo]:
    """Starts a demo with its reports in this folder; those that are not over are killed in the end.

    On Linux their workers end with them.
    """
    demos: list[subprocess.Popen[str]] = []

    def start(
        folder: Path, *options: str, limit: int | None = None, url: str = ""
    ) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "tidemill", "demo", "--dir", str(folder)]
        limited = [] if limit is None else ["--limit", str(limit)]
        demo = subprocess.Popen(
            [*command, *limited, *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=os.environ | {"TIDEMILL_URL": url},
        )
        demos.append(demo)
        return demo

    yield start
    for demo in demos:
        demo.kill()
    for demo in demos:
        # Workers that lived on would hold what it writes to open, and so be noticed.
        demo.communicate(timeout=20)


@pytest.fixture
def crowd(stage: Stage) -> Crowd:
    """No worker yet, and an empty store."""
    return stage.crowd
