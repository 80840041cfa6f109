"""Journeys: real processes on a real file, killed and stopped."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.crowd import Crowd


@pytest.fixture
def crowd(tmp_path: Path) -> Iterator[Crowd]:
    """No worker yet, and an empty store."""
    crowd = Crowd(tmp_path)
    yield crowd
    crowd.end()
