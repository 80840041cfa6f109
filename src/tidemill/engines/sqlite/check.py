"""The start-up check: what the file, its disk and its library really guarantee, in one label."""

import os
from pathlib import Path
from typing import Final

from tidemill.core.errors import StoreCorrupt
from tidemill.engines.health import Durability, Finding, Health
from tidemill.engines.sqlite.driver import Link
from tidemill.engines.sqlite.file import StoreFile
from tidemill.engines.sqlite.origin import check_origin, schema

OLDEST: Final = (3, 37, 0)
"""The first SQLite with STRICT tables, which the schema uses."""

_FIXED: Final = ((3, 51, 3), (3, 50, 7), (3, 44, 6))
"""Releases in which the WAL-reset bug is mended, https://sqlite.org/wal.html#walresetbug."""

_REMOTE: Final = frozenset(
    {
        "nfs",
        "nfs4",
        "cifs",
        "smb3",
        "smbfs",
        "9p",
        "fuse.sshfs",
        "afs",
        "ceph",
        "glusterfs",
        "vboxsf",
    }
)
_IN_MEMORY: Final = frozenset({"tmpfs", "ramfs"})


def look(link: Link, file: StoreFile) -> Health:
    """Look at everything that the promises rest on."""
    findings = [
        *_library(file),
        *(remote := _file_system(file.path)),
        *_settings(link),
        *_rights(file.path),
    ]
    if _kind_of_disk(file.path) in _IN_MEMORY:
        durability = Durability.VOLATILE
        findings.append(
            Finding(
                f"{file.path} lies in memory and is gone when the machine stops",
                "put it on a disk",
                grave=True,
            )
        )
    elif remote or _setting(link, "synchronous") < 2:
        durability = Durability.DURABLE_EXCEPT_POWER_LOSS
    else:
        durability = Durability.DURABLE
    return Health(durability, str(file.path), schema(link), tuple(findings))


def verify(link: Link, file: StoreFile) -> None:
    """Make sure that the file can be trusted enough to be written.

    Raises:
        StoreCorrupt: SQLite finds it damaged, it is someone else's, or the library is too old to
            read it.
    """
    if file.driver.version < OLDEST:
        version = ".".join(map(str, file.driver.version))
        raise StoreCorrupt(
            f"SQLite {version} is too old for {file.path}",
            hint="install tidemill[apsw] and use sqlite+apsw:///…",
        )
    # Asked before anything is set: a stranger's file is not even given another journal.
    try:
        check_origin(link, file.path)
    except UnicodeDecodeError as error:
        raise file.explain_read(error) from error
    if link.rows("PRAGMA journal_mode = WAL") != [("wal",)]:
        raise StoreCorrupt(
            f"{file.path} cannot be set to write-ahead logging",
            hint="its file system lacks shared memory or locks: put it on a local disk",
        )


def _library(file: StoreFile) -> list[Finding]:
    version = file.driver.version
    mended = version >= _FIXED[0] or any(version[:2] == f[:2] and version >= f for f in _FIXED[1:])
    if mended:
        return []
    return [
        Finding(
            f"SQLite {'.'.join(map(str, version))} has the WAL-reset bug; tidemill's own writes "
            "keep clear of it, but another program that writes this file would not",
            "let only tidemill write it, or install tidemill[apsw] and use sqlite+apsw:///…",
        )
    ]


def _file_system(path: Path) -> list[Finding]:
    kind = _kind_of_disk(path)
    if kind not in _REMOTE:
        return []
    return [
        Finding(
            f"{path} lies on a network file system ({kind}), where SQLite's locks do not hold",
            "put it on a local disk, or use PostgreSQL for several machines",
            grave=True,
        )
    ]


def _kind_of_disk(path: Path) -> str:
    """The kind of file system that holds a path, from the kernel's table of mounts."""
    try:
        lines = Path("/proc/self/mounts").read_text().splitlines()
    except OSError:
        return "unknown"
    best, kind = "", "unknown"
    real = os.path.realpath(path)
    for line in lines:
        _, mount, found, *_ = line.split()
        inside = real == mount or real.startswith(mount.rstrip("/") + "/")
        if inside and len(mount) >= len(best):
            best, kind = mount, found
    return kind


def _setting(link: Link, name: str) -> int:
    return int(link.rows(f"PRAGMA {name}")[0][0])


def _settings(link: Link) -> list[Finding]:
    if _setting(link, "synchronous") >= 2:
        return []
    return [
        Finding(
            "synchronous is not FULL: a loss of power may take the last commits",
            "leave the setting as tidemill makes it",
            grave=True,
        )
    ]


def _rights(path: Path) -> list[Finding]:
    if path.stat().st_mode & 0o007 == 0:
        return []
    return [Finding(f"{path} can be read by every user of this machine", f"chmod 600 {path}")]
