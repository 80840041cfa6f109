"""What the machine is asked: what processes have used, what a folder lies on, what it is at all."""

import os
import platform
import sqlite3
from pathlib import Path
from typing import Any, Final

import psutil

MEGABYTE: Final = 1_000_000


def cpu_of(pid: int) -> float:
    """CPU seconds that a process has used, its own and the kernel's for it."""
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


def cpu_of_tree(pid: int) -> float:
    """CPU seconds of a process and of all that it has started, those included that have ended."""
    parent = psutil.Process(pid)
    # Read before the parent, which takes over what those have used that end meanwhile.
    alive = sum(_cpu_if_alive(child) for child in parent.children())
    times = parent.cpu_times()
    ended = float(times.children_user + times.children_system)
    return alive + ended + float(times.user + times.system)


def memory_of(pid: int) -> float:
    """Megabytes of memory that a process has now."""
    return float(psutil.Process(pid).memory_info().rss / MEGABYTE)


def _cpu_if_alive(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system)


def describe() -> dict[str, Any]:
    """What a figure has to be read with."""
    return {
        "system": platform.platform(),
        "processors": os.cpu_count(),
        "memory MB": psutil.virtual_memory().total // MEGABYTE,
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
    }


def check_disk(folder: Path) -> None:
    """Make sure that a folder lies on a disk that has to be synced to.

    Raises:
        SystemExit: it lies in memory, where a commit costs nothing.
    """
    mounts = [
        mount
        for mount in psutil.disk_partitions(all=True)
        if folder.is_relative_to(mount.mountpoint)
    ]
    mount = max(mounts, key=lambda mount: len(mount.mountpoint), default=None)
    if mount is not None and mount.fstype in {"tmpfs", "ramfs"}:
        raise SystemExit(f"{folder} lies in memory ({mount.fstype}): name a real disk with --disk")
