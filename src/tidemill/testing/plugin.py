"""Fixtures for pytest, there as soon as tidemill is installed."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tidemill.app import Tidemill
from tidemill.testing.clock import ManualClock
from tidemill.testing.harness import Harness, in_memory


@pytest.fixture
def tidemill_clock() -> ManualClock:
    """A clock that stands still until `advance` is called."""
    return ManualClock()


@pytest.fixture
def tidemill_in_memory(tidemill_clock: ManualClock) -> Iterator[Callable[[Tidemill], Harness]]:
    """Hand it an application: its jobs are kept in memory until the test ends."""
    with ExitStack() as stack:
        yield lambda app: stack.enter_context(in_memory(app, tidemill_clock))
