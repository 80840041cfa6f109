"""The entries of a folder, read without following a link, or made anew without following one."""

import hashlib
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final, Literal

from msgspec import Struct

import tidemill
from tidemill.kits.backup.comparison import Row

_BLOCK: Final = 1 << 20
_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC

Kind = Literal["file", "folder", "link"]


class Entry(Struct, frozen=True):
    """Something in a folder.

    Attributes:
        path: from the top, with `/` between its parts.
        kind: what it is.
        mode: its permissions.
        changed_at: seconds since 1970.
        size: of a file, in bytes.
        target: of a link, where it leads.
    """

    path: str
    kind: Kind
    mode: int = 0o600
    changed_at: float = 0.0
    size: int = 0
    target: str = ""


Skip = Callable[[str], None]
"""Is told why something was left out: `special`, `link_outside`, `gone`."""


class Tree:
    """A folder as it is now."""

    def __init__(self, top: Path, skip: Skip = lambda _reason: None) -> None:
        """Read this folder.

        Raises:
            NotFound: it is not there.
            InvalidOption: it is a link, or no folder.
        """
        try:
            self._top = os.open(top, _FOLDER)
        except FileNotFoundError as error:
            raise tidemill.errors.NotFound(
                f"folder {top} is not there", hint="name one that is"
            ) from error
        except OSError as error:
            raise tidemill.errors.InvalidOption(
                f"folder {top} cannot be read: {error.strerror}",
                hint="name a folder, and not a link to one, that this process may read",
            ) from error
        self._skip = skip

    def close(self) -> None:
        """Let go of it."""
        os.close(self._top)

    def entries(self) -> Iterator[tuple[Entry, IO[bytes] | None]]:
        """All entries, folders before what is in them, files open for reading."""
        for folder, folders, files, handle in os.fwalk(
            ".", dir_fd=self._top, follow_symlinks=False, onerror=_raise
        ):
            inner = "" if folder == "." else folder.removeprefix("./") + "/"
            folders.sort()
            for name in sorted([*folders, *files]):
                yield from self._entry(inner + name, name, handle)

    def tables(self) -> list[str]:
        """A folder has one table, of its entries."""
        return ["files"]

    def rows(self, table: str) -> Iterator[Row]:  # noqa: ARG002 - it has but one
        """Its entries by their paths; times do not count."""
        for entry, file in self.entries():
            yield row_of(entry, sha256_of(file) if file else "")

    def _entry(self, path: str, name: str, handle: int) -> Iterator[tuple[Entry, IO[bytes] | None]]:
        try:
            seen = os.stat(name, dir_fd=handle, follow_symlinks=False)
            if stat.S_ISLNK(seen.st_mode):
                target = os.readlink(name, dir_fd=handle)
                if leads_outside(path, target):
                    self._skip("link_outside")
                else:
                    yield Entry(path, "link", 0o777, seen.st_mtime, 0, target), None
            elif stat.S_ISDIR(seen.st_mode):
                yield Entry(path, "folder", seen.st_mode & 0o777, seen.st_mtime), None
            elif stat.S_ISREG(seen.st_mode):
                yield from self._file(path, name, handle)
            else:
                self._skip("special")
        except FileNotFoundError:
            self._skip("gone")

    def _file(self, path: str, name: str, handle: int) -> Iterator[tuple[Entry, IO[bytes]]]:
        with os.fdopen(os.open(name, _FILE, dir_fd=handle), "rb") as file:
            seen = os.fstat(file.fileno())
            if stat.S_ISREG(seen.st_mode):
                mode = seen.st_mode & 0o777
                yield Entry(path, "file", mode, seen.st_mtime, seen.st_size), file


class Maker:
    """Makes entries in a folder that was empty, each where its path says and nowhere else."""

    def __init__(self, top: Path) -> None:
        """Make them below this folder."""
        self._top = os.open(top, _FOLDER)
        self._times: list[tuple[str, int, float]] = []

    def close(self) -> None:
        """Let go of it."""
        os.close(self._top)

    def file(self, entry: Entry, content: IO[bytes]) -> str:
        """Make a file; answer the SHA-256 of what is in it."""
        digest = hashlib.sha256()
        with self._parent(entry.path) as (handle, name):
            with os.fdopen(os.open(name, _NEW, 0o600, dir_fd=handle), "wb") as made:
                while block := content.read(_BLOCK):
                    digest.update(block)
                    made.write(block)
                os.fchmod(made.fileno(), entry.mode)
            os.utime(name, (entry.changed_at,) * 2, dir_fd=handle, follow_symlinks=False)
        return digest.hexdigest()

    def folder(self, entry: Entry) -> None:
        """Make a folder; its permissions and time are set in the end, by `settle`."""
        with self._parent(entry.path) as (handle, name):
            os.mkdir(name, 0o700, dir_fd=handle)
        self._times.append((entry.path, entry.mode, entry.changed_at))

    def link(self, entry: Entry) -> None:
        """Make a link."""
        with self._parent(entry.path) as (handle, name):
            os.symlink(entry.target, name, dir_fd=handle)

    def settle(self) -> None:
        """Give folders their permissions and times, the innermost first."""
        for path, mode, changed_at in reversed(self._times):
            with self._parent(path) as (handle, name):
                os.chmod(name, mode, dir_fd=handle)
                os.utime(name, (changed_at,) * 2, dir_fd=handle, follow_symlinks=False)

    @contextmanager
    def _parent(self, path: str) -> Iterator[tuple[int, str]]:
        """The folder that a path is in, open, and the name there."""
        *folders, name = path.split("/")
        handle = os.dup(self._top)
        try:
            for each in folders:
                inner = os.open(each, _FOLDER, dir_fd=handle)
                os.close(handle)
                handle = inner
            yield handle, name
        finally:
            os.close(handle)


def row_of(entry: Entry, sha256: str) -> Row:
    """An entry as a row of the one table that a folder has."""
    content = (entry.kind, entry.mode, entry.size, sha256, entry.target)
    return Row(entry.path.encode("utf-8", "surrogateescape"), repr(content).encode())


def sha256_of(file: IO[bytes]) -> str:
    """The SHA-256 of what is left of a file, as 64 hexadecimal digits."""
    digest = hashlib.sha256()
    while block := file.read(_BLOCK):
        digest.update(block)
    return digest.hexdigest()


def leads_outside(path: str, target: str) -> bool:
    """Whether a link may lead out of the folder that its path begins in.

    Example:
        >>> leads_outside("a/b", "../c"), leads_outside("a/b", "../../c"), leads_outside("b", "/c")
        (False, True, True)
    """
    if target.startswith("/") or not target or "\0" in target:
        return True
    depth = path.count("/")
    for part in target.split("/"):
        if part == "..":
            depth -= 1
        elif part not in {"", "."}:
            depth += 1
        if depth < 0:
            return True
    return False


def _raise(error: OSError) -> None:
    raise error
