"""An application on the memory engine with a hand-wound clock, whose files lie in a folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tidemill import Tidemill
from tidemill.testing.clock import ManualClock


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where files lie; it is not there yet."""
    monkeypatch.setenv("TIDEMILL_FILES_FOLDER", str(tmp_path / "files"))
    return tmp_path / "files"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def app(folder: Path, clock: ManualClock) -> Iterator[Tidemill]:
    assert not folder.exists()
    with Tidemill("memory://", clock=clock) as app:
        yield app
