"""Fixtures for pytest, there as soon as tidemill is installed."""

from collections.abc import Iterator

import pytest

from tidemill.engines.memory.engine import MemoryEngine
from tidemill.engines.protocol import Engine
from tidemill.testing.clock import ManualClock


@pytest.fixture
def tidemill_clock() -> ManualClock:
    """A clock that stands still until `advance` is called."""
    return ManualClock()


@pytest.fixture
def tidemill_engine(tidemill_clock: ManualClock) -> Iterator[Engine]:
    """An open engine in memory that goes by `tidemill_clock`."""
    engine = MemoryEngine(tidemill_clock)
    engine.open().wait()
    yield engine
    engine.close().wait()
