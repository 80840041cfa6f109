"""A kit that cleans, a clock that stands still, and files of any age."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tidemill import Job, Tidemill
from tidemill.kits.cleanup import Cleaned, Cleanup
from tidemill.testing import Harness, ManualClock, in_memory

DAY = 86_400


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def cleanup() -> Cleanup:
    return Cleanup()


@pytest.fixture
def mill(cleanup: Cleanup, clock: ManualClock) -> Iterator[Harness]:
    app = Tidemill("memory://")
    app.include(cleanup)
    with in_memory(app, clock) as mill:
        yield mill


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "exports"
    folder.mkdir()
    return folder


class Files:
    """Makes files of an age."""

    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock

    def make(self, path: Path, *, days: float, size: int = 10, used: float | None = None) -> Path:
        """A file that was last changed so many days ago, and last read so many."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * size)
        self.age(path, days=days, used=used)
        return path

    def age(self, path: Path, *, days: float, used: float | None = None) -> None:
        """Let something have been changed so many days ago."""
        now = self._clock.now() / 1_000
        os.utime(path, (now - (days if used is None else used) * DAY, now - days * DAY))


@pytest.fixture
def files(clock: ManualClock) -> Files:
    return Files(clock)


def cleaned(mill: Harness, *args: Any, **kwargs: Any) -> Cleaned:
    """What one job comes to."""
    job: Job[Cleaned] = mill.app.enqueue(named(mill, *args, **kwargs))
    mill.drain()
    return job.result(timeout=0)


def named(mill: Harness, *args: Any, **kwargs: Any) -> Any:
    """A call of the task."""
    return mill.app.included.modules["cleanup"].tasks["cleanup.clean"].bind(*args, **kwargs)
