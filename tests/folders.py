"""Where tests keep their stores: in memory, where there is room for them."""

import os
import tempfile
from pathlib import Path
from typing import Final

import psutil

ROOM: Final = 8 * 2**30
"""Bytes: nearly twice what a run of all tests has been seen to hold at once."""


def in_memory(folder: Path = Path("/dev/shm"), room: int = ROOM) -> bool:  # noqa: S108 - not a file
    """Have temporary files made in a folder that is kept in memory; whether it will do.

    A disk takes a moment for each of the tens of thousands of transactions that tests commit, and
    none of them cuts the power. A process that is killed leaves the same behind on either. Who has
    named a folder by TMPDIR is obeyed.
    """
    if os.environ.get("TMPDIR") or not _will_do(folder, room):
        return False
    os.environ["TMPDIR"] = str(folder)  # for the programs that tests start
    tempfile.tempdir = str(folder)
    return True


def _will_do(folder: Path, room: int) -> bool:
    """Whether it is there, takes programs that tests write, and can grow without swapping."""
    if not os.access(folder, os.W_OK):
        return False
    found = os.statvfs(folder)
    free = min(found.f_bavail * found.f_frsize, psutil.virtual_memory().available)
    return free >= room and not found.f_flag & os.ST_NOEXEC
