"""Journeys: real processes on real stores, killed and stopped."""

import os
from collections.abc import Iterator
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


@pytest.fixture
def crowd(stage: Stage) -> Crowd:
    """No worker yet, and an empty store."""
    return stage.crowd
