"""The folder in which files lie: closed to others, its names made here, no link followed."""

import errno
import os
import re
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from tidemill.core.errors import (
    InvalidOption,
    NotFound,
    StoreError,
    StoreFull,
    StoreReadOnly,
    StoreUnavailable,
)

_BYTES: Final = 16
"""Of chance in an id: 128 bits."""

_ID: Final = re.compile(r"[0-9a-f]{32}")
_FULL: Final = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_CLOSED: Final = {errno.EACCES, errno.EPERM, errno.EROFS}


def new_file_id() -> str:
    """An id that nobody can guess."""
    return secrets.token_hex(_BYTES)


def is_file_id(id_: object) -> bool:
    """Whether it could be the id of a file."""
    return isinstance(id_, str) and bool(_ID.fullmatch(id_))


def path_of(id_: str) -> str:
    """Where a file of this id lies below the folder."""
    return f"{id_[:2]}/{id_}"


@contextmanager
def told(what: str) -> Iterator[None]:
    """Have what the system refuses told as one of our errors.

    Args:
        what: what was to be done, as a sentence begins with it.

    Raises:
        StoreFull: the disk is full.
        StoreReadOnly: this process may not.
        StoreUnavailable: it went wrong otherwise.
    """
    try:
        yield
    except OSError as error:
        kind: type[StoreError] = StoreUnavailable
        if error.errno in _FULL:
            kind = StoreFull
        elif error.errno in _CLOSED:
            kind = StoreReadOnly
        said = error.strerror or type(error).__name__
        raise kind(f"{what}: {said}", hint="look at the folder that files.folder names") from error


class Folder:
    """One folder; every call looks at it anew, for it may lie on a disk that comes and goes."""

    def __init__(self, path: Path) -> None:
        """Name it; it is made when the first file is."""
        self.path = path

    def create(self, id_: str) -> int:
        """Begin a file that is not there yet; answer its descriptor, for writing.

        Raises:
            InvalidOption: the folder is open to others.
            StoreError: the disk is full, or closed to this process.
        """
        with told("a file could not be begun"):
            self._make()
            inner = self.path / id_[:2]
            inner.mkdir(mode=0o700, exist_ok=True)
            with _within(inner) as folder:
                flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
                return os.open(id_, flags, 0o600, dir_fd=folder)

    def open(self, id_: str) -> int:
        """The descriptor of a file, for reading.

        Raises:
            NotFound: it is not there.
            StoreError: it cannot be opened.
        """
        try:
            with told("a file could not be opened"), _within(self.path / id_[:2]) as folder:
                flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
                descriptor = os.open(id_, flags, dir_fd=folder)
        except StoreError as error:
            if isinstance(error.__cause__, FileNotFoundError):
                raise NotFound(
                    "a file is not in the folder of files any more",
                    hint="is files.folder one that all nodes share?",
                ) from error
            raise
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise NotFound("what lies in the place of a file is none")
        return descriptor

    def remove(self, id_: str) -> bool:
        """Delete a file; whether it was there.

        Raises:
            StoreError: it cannot be deleted.
        """
        with told("a file could not be deleted"):
            try:
                with _within(self.path / id_[:2]) as folder:
                    os.unlink(id_, dir_fd=folder)
            except FileNotFoundError:
                return False
        return True

    def settle(self, id_: str) -> None:
        """Have the disk remember that a file is there, should the power fail.

        Raises:
            StoreError: the disk does not answer.
        """
        with told("a file could not be kept"), _within(self.path / id_[:2]) as folder:
            os.fsync(folder)

    def _make(self) -> None:
        """Make the folder if it is not there, and see to it that it is closed to others.

        Raises:
            InvalidOption: it is not.
        """
        with suppress(FileExistsError):
            self.path.mkdir(mode=0o700, parents=True)
        seen = self.path.stat()
        if not stat.S_ISDIR(seen.st_mode):
            raise InvalidOption(f"{self.path} is no folder", hint="let files.folder name another")
        if seen.st_mode & 0o077:
            raise InvalidOption(
                f"the folder of files, {self.path}, is open to other users of this machine",
                hint=f"chmod 700 {self.path}, or let files.folder name another",
            )


@contextmanager
def _within(folder: Path) -> Iterator[int]:
    """A folder by its descriptor, so that nobody can put another one in its place meanwhile."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
