"""The manifest of a backup: what it is made of, and what of each file is to be true."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct, field

from tidemill.kits.backup.outcome import BackupDamaged, Measure

NAME: Final = "manifest.json"
_MOST: Final = 64 << 20
"""Bytes of a manifest: it is read at once."""

_BLOCK: Final = 1 << 20

Tell = Callable[[str, float], None]
"""Called now and then with what is done and how far it has come, 0 to 1; may raise to end it."""


class Content(Struct, frozen=True, kw_only=True):
    """What was saved.

    Attributes:
        tables: each table, as it was.
        entries: of a folder, how many there are.
        bytes: of a folder, what its files hold.
        left_out: of a folder, what was not saved, by reason.
    """

    tables: dict[str, Measure] = field(default_factory=dict)
    entries: int = 0
    bytes: int = 0
    left_out: dict[str, int] = field(default_factory=dict)


class Sum(Struct, frozen=True):
    """A file of a backup, as it has to be.

    Attributes:
        size: in bytes.
        sha256: of all of it, as 64 hexadecimal digits.
    """

    size: int
    sha256: str


class Manifest(Struct, frozen=True, kw_only=True):
    """What a backup is made of.

    Attributes:
        version: of this form.
        id: the backup's.
        source: what was saved.
        kind: what that is.
        taken_at: milliseconds UTC.
        files: each file, by its name.
        content: what was saved.
    """

    version: int = 1
    id: str
    source: str
    kind: str
    taken_at: int
    files: dict[str, Sum]
    content: Content

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return sum(each.size for each in self.files.values())

    def write(self, folder: Path) -> None:
        """Write it beside its files."""
        payload = msgspec.json.format(msgspec.json.encode(self), indent=2)
        write_new(folder / NAME, payload + b"\n")


def read(folder: Path) -> Manifest:
    """Read the manifest of a backup.

    Raises:
        BackupDamaged: it is not there, or no manifest.
    """
    try:
        with (folder / NAME).open("rb") as file:
            return msgspec.json.decode(file.read(_MOST), type=Manifest)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise BackupDamaged(
            f"the manifest of backup {folder.name} cannot be read: {error}",
            hint="take another backup; an older one may be whole",
        ) from error


def check(folder: Path, manifest: Manifest, tell: Tell) -> None:
    """See to it that each file is the one that was written.

    Raises:
        BackupDamaged: one is missing or changed; it says which, and how.
    """
    for name, wanted in manifest.files.items():
        if Path(name).name != name or name in {"", ".", ".."}:
            raise _damaged(manifest, name, "has a name that no file of a backup has")
        tell(f"Reading {name}", 0)
        try:
            found = sum_of(folder / name, tell)
        except OSError as error:
            raise _damaged(manifest, name, f"cannot be read: {error.strerror}") from error
        if found.size != wanted.size:
            raise _damaged(manifest, name, f"has {found.size:,} bytes, and had {wanted.size:,}")
        if found.sha256 != wanted.sha256:
            raise _damaged(manifest, name, "has another SHA-256 than it had")


def sum_of(path: Path, tell: Tell) -> Sum:
    """Measure a file; a link is none.

    Raises:
        OSError: it cannot be read.
    """
    digest, size = hashlib.sha256(), 0
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC), "rb") as file:
        whole = os.fstat(file.fileno()).st_size
        while block := file.read(_BLOCK):
            digest.update(block)
            size += len(block)
            tell(f"Reading {path.name}", size / max(whole, size))
    return Sum(size, digest.hexdigest())


def write_new(path: Path, payload: bytes = b"") -> None:
    """Write a file that is not there yet, for its owner's eyes only, and have the disk keep it."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(path, flags, 0o600), "wb") as file:
        file.write(payload)
        file.flush()
        os.fsync(file.fileno())


def settle(path: Path) -> None:
    """Have the disk keep a file, or the names in a folder."""
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def _damaged(manifest: Manifest, name: str, says: str) -> BackupDamaged:
    return BackupDamaged(
        f"file {name!r} of backup {manifest.id} of {manifest.source} {says}",
        hint="take another backup; an older one may be whole",
    )
