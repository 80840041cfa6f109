"""Sees to it that the dashboard is built, by one process of tests, for all of them."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from dashboard import build
from tests.house.source import ROOT


@contextmanager
def alone() -> Iterator[None]:
    """While this goes on, no other process of tests does the same."""
    with (ROOT / ".venv" / "dashboard.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@cache
def built() -> Path:
    """The folder of what is built, of today's sources."""
    with alone():
        build.build()
    return build.BUILT
