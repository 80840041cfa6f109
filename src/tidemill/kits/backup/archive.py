"""Reading a tar that may have been made by an enemy: each name and each size is checked first."""

import gzip
import os
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final, cast

from msgspec import Struct

from tidemill.kits.backup.outcome import BackupDamaged
from tidemill.kits.backup.tree import Entry, Kind, leads_outside

MOST_NAME: Final = 255
MOST_PATH: Final = 4_096
MOST_DEPTH: Final = 100

_MOST_READ: Final = 1 << 20
"""Bytes that a header may have; contents are read in smaller pieces."""

_HEADERS: Final = 16 << 10
"""Bytes beside its contents that an entry may take up."""

_FAR: Final = 1 << 36
"""Seconds before and after 1970 within which files are changed."""

_KINDS: Final[dict[bytes, Kind]] = {
    tarfile.REGTYPE: "file",
    tarfile.AREGTYPE: "file",
    tarfile.DIRTYPE: "folder",
    tarfile.SYMTYPE: "link",
}


class Limits(Struct, frozen=True):
    """What a backup of a folder may unpack to.

    Attributes:
        bytes: of all files.
        entries: files, folders and links.
    """

    bytes: int
    entries: int

    def narrowed(self, size: int, entries: int) -> "Limits":
        """No more than so much."""
        return Limits(min(self.bytes, size), min(self.entries, entries))


@contextmanager
def unpacked(path: Path, limits: Limits) -> Iterator[Iterator[tuple[Entry, IO[bytes] | None]]]:
    """The entries of a tar, files open for reading, while the block lasts.

    Raises:
        BackupDamaged: it is none, it holds more than it may, or an entry that leads elsewhere.
    """
    try:
        with gzip.open(path) as unzipped:
            most = limits.bytes + (limits.entries + 2) * _HEADERS
            measured = cast("IO[bytes]", _Measured(cast("IO[bytes]", unzipped), most))
            with tarfile.TarFile(fileobj=measured) as tar:
                yield _entries(tar, limits)
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise BackupDamaged(
            f"{path.name} cannot be unpacked: {error}",
            hint="take another backup; an older one may be whole",
        ) from error


def _entries(tar: tarfile.TarFile, limits: Limits) -> Iterator[tuple[Entry, IO[bytes] | None]]:
    size = 0
    for count, member in enumerate(tar, 1):
        tar.members = []  # type: ignore[attr-defined]  # or it would remember each of a million
        size += member.size
        if count > limits.entries or size > limits.bytes:
            raise _refused(
                f"holds more than the {limits.entries:,} entries and {limits.bytes:,} bytes that "
                "it may"
            )
        kind = _KINDS.get(member.type)
        if kind is None or member.issparse():
            raise _refused(f"holds {member.name!r:.100}, which is no file, folder or link")
        path = check_path(member.name)
        if not -_FAR < member.mtime < _FAR:
            raise _refused(f"holds {path!r:.100}, which was changed at no time that there is")
        if kind == "link" and leads_outside(path, member.linkname):
            raise _refused(f"holds the link {path!r:.100}, which leads outside")
        entry = Entry(path, kind, member.mode & 0o777, member.mtime, member.size, member.linkname)
        yield entry, tar.extractfile(member) if kind == "file" else None


def check_path(path: str) -> str:
    r"""Return the path of an entry, if it leads to a place below the top.

    Raises:
        BackupDamaged: it is absolute, leads up, or is no path for any system to keep.

    Example:
        >>> check_path("letters/2026/May 1.txt")
        'letters/2026/May 1.txt'
    """
    parts = path.split("/")
    if (
        not path
        or len(path) > MOST_PATH
        or len(parts) > MOST_DEPTH
        or "\0" in path
        or any(part in {"", ".", ".."} or len(os.fsencode(part)) > MOST_NAME for part in parts)
    ):
        raise _refused(f"holds an entry that is called {path!r:.100}")
    return path


class _Measured:
    """A stream of which no more is read than may be, neither at once nor in all."""

    def __init__(self, stream: IO[bytes], most: int) -> None:
        self._stream = stream
        self._most = most

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= _MOST_READ:
            raise _refused(f"has a header of {size:,} bytes")
        self._check(self._stream.tell() + size)
        return self._stream.read(size)

    def seek(self, place: int) -> int:
        self._check(place)
        return self._stream.seek(place)

    def tell(self) -> int:
        return self._stream.tell()

    def _check(self, place: int) -> None:
        if place > self._most:
            raise _refused(f"unpacks to more than {self._most:,} bytes")


def _refused(says: str) -> BackupDamaged:
    return BackupDamaged(
        f"the archive {says}", hint="it is not as it was saved: take another backup"
    )
