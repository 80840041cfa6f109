"""Stations, and an application that exports them, in memory."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kits.export.stations import application, make
from tidemill.kits.export import Exports
from tidemill.testing import Harness, in_memory


@pytest.fixture
def stations_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of stations, which has none yet."""
    path = tmp_path / "stations.db"
    monkeypatch.setenv("STATIONS", str(path))
    return path


@pytest.fixture
def made(stations_of: Path) -> Iterator[tuple[Harness, Exports]]:
    """The application, with 2,500 stations."""
    make(stations_of, 2_500)
    app, exports = application()
    with in_memory(app) as mill:
        yield mill, exports
