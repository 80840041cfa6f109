"""Where the database servers of tests keep their data: in memory, where there is room for it."""

import os
from pathlib import Path
from typing import Final

import psutil

ROOM: Final = 8 * 2**30
"""Bytes: nearly twice what a run of all tests has been seen to hold at once."""


def in_memory(folder: Path = Path("/dev/shm"), room: int = ROOM) -> Path | None:  # noqa: S108 - not a file
    """The folder whose files are kept in memory, if it will do; else they are made as usual.

    A disk takes a moment for each of the tens of thousands of transactions that tests commit, and
    none of them cuts the power: a server that is killed leaves the same behind on either. Who has
    named a folder by TMPDIR is obeyed.
    """
    if os.environ.get("TMPDIR") or not os.access(folder, os.W_OK):
        return None
    found = os.statvfs(folder)
    free = min(found.f_bavail * found.f_frsize, psutil.virtual_memory().available)
    return folder if free >= room else None
