"""Journeys: real processes on real stores, killed and stopped."""

import os
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.journeys.crowd import Crowd

SCHEMES = os.environ.get("KILL_SCHEMES", "sqlite postgresql").split()
_numbers = count(1)


@pytest.fixture(params=SCHEMES)
def crowd_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where an empty store is."""
    if request.param == "postgresql":
        return f"{request.getfixturevalue('postgres_url')}?schema=crowd_{next(_numbers)}"
    return f"{request.param}:///{tmp_path}/jobs.db"


@pytest.fixture
def crowd(crowd_url: str, tmp_path: Path) -> Iterator[Crowd]:
    """No worker yet, and an empty store."""
    crowd = Crowd(tmp_path, crowd_url)
    yield crowd
    crowd.end()
