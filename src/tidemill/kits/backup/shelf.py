"""The shelf: a folder with the backups of one source, each in a folder of its own."""

import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import tidemill
from tidemill.kits.backup.manifest import Content, Manifest, Tell, read, settle, sum_of, write_new
from tidemill.kits.backup.outcome import BackupDamaged, Rotated
from tidemill.kits.backup.rotation import kept

LATEST: Final = "latest"

_SOURCE: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_ID: Final = re.compile(r"(\d{8}T\d{6}\.\d{3}Z)-[0-9a-f]{8}")
_STAMP: Final = "%Y%m%dT%H%M%S.%fZ"
_DRAFT: Final = ".draft-"
_SCRATCH: Final = ".scratch"
_DAMAGED: Final = "DAMAGED"
"""A file that marks a backup which was found to be damaged, and says why."""


def check_source(name: str) -> str:
    """Return the name of a source if a folder can be called so.

    Raises:
        InvalidName: it cannot.
    """
    if not _SOURCE.fullmatch(name):
        raise tidemill.errors.InvalidName(
            f"no source of backups is called {name!r:.100}",
            hint="use up to 64 of a-z, 0-9, _ and -, and begin with a letter or digit",
        )
    return name


class Shelf:
    """Backups of one source. A backup is there whole or not at all: it is put there by one rename.

    Attributes:
        folder: where they are.
    """

    def __init__(self, folder: Path, source: str) -> None:
        """Look at a shelf; it is made when something is put there."""
        self.source = check_source(source)
        self.folder = folder / source

    def ids(self) -> list[str]:
        """The backups that are there, damaged ones included, newest first."""
        if not self.folder.is_dir():
            return []
        names = (entry.name for entry in os.scandir(self.folder) if entry.is_dir())
        return sorted(filter(_ID.fullmatch, names), reverse=True)

    def find(self, backup: str) -> tuple[Path, Manifest]:
        """A backup by its id, or the latest that is not known to be damaged.

        Raises:
            NotFound: it is not there.
            BackupDamaged: its manifest cannot be read, or is another one's.
        """
        if backup == LATEST:
            backup = self.latest()
        if backup not in self.ids():
            raise tidemill.errors.NotFound(
                f"{self.source} has no backup {backup or LATEST!r:.100}", hint="take one first"
            )
        folder = self.folder / backup
        manifest = read(folder)
        if (manifest.id, manifest.source) != (backup, self.source):
            raise BackupDamaged(
                f"backup {backup} of {self.source} has the manifest of {manifest.id!r:.100} of "
                f"{manifest.source!r:.100}",
                hint="take another backup; an older one may be whole",
            )
        return folder, manifest

    def latest(self) -> str:
        """The latest that is not known to be damaged; empty: there is none."""
        return next((each for each in self.ids() if not self.is_damaged(each)), "")

    @contextmanager
    def draft(self) -> Iterator[Path]:
        """A folder for a backup that is being taken; gone in the end, unless it was put up."""
        self._make()
        draft = self.folder / f"{_DRAFT}{secrets.token_hex(8)}"
        draft.mkdir(mode=0o700)
        try:
            yield draft
        finally:
            shutil.rmtree(draft, ignore_errors=True)

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """A place to restore a backup in and look at it; what a killed process left goes first."""
        self._make()
        scratch = self.folder / _SCRATCH
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir(mode=0o700)
        try:
            yield scratch
        finally:
            shutil.rmtree(scratch, ignore_errors=True)

    def place(self, backup: str) -> Path:
        """A new folder beside the backups to restore one in, which stays."""
        place = self.folder / "restored" / f"{backup}-{secrets.token_hex(4)}"
        place.mkdir(mode=0o700, parents=True)
        return place

    def put_up(self, draft: Path, kind: str, content: Content, now: int, tell: Tell) -> Manifest:
        """Make a backup of a draft: measured, on disk for good, and then there at once."""
        id_ = f"{self._stamp(now)}-{secrets.token_hex(4)}"
        files = {}
        for path in sorted(draft.iterdir()):
            path.chmod(0o600)
            settle(path)
            files[path.name] = sum_of(path, tell)
        manifest = Manifest(
            id=id_, source=self.source, kind=kind, taken_at=now, files=files, content=content
        )
        manifest.write(draft)
        settle(draft)
        draft.rename(self.folder / id_)
        settle(self.folder)
        return manifest

    def mark_damaged(self, backup: str, why: str) -> None:
        """Remember that a backup is damaged: it is not the latest any more, nor kept as one."""
        if backup in self.ids() and not self.is_damaged(backup):
            write_new(self.folder / backup / _DAMAGED, why.encode("utf-8", "backslashreplace"))

    def is_damaged(self, backup: str) -> bool:
        """Whether it was found to be damaged."""
        return (self.folder / backup / _DAMAGED).exists()

    def rotate(self, *, daily: int, weekly: int) -> Rotated:
        """Remove what is older than is kept, and drafts that killed processes have left.

        Damaged ones do not count, so that they push out no whole one; they go with the oldest.
        """
        there = self.ids()
        whole = {_taken(each): each for each in there if not self.is_damaged(each)}
        keep = {whole[at] for at in kept(whole, daily=daily, weekly=weekly)}
        oldest = min(keep, default="")
        keep |= {each for each in there if self.is_damaged(each) and each >= oldest}
        removed = [each for each in there if each not in keep]
        for each in removed:
            # Out of sight first: what is half removed is no backup.
            gone = self.folder / f"{_DRAFT}{each}"
            (self.folder / each).rename(gone)
            shutil.rmtree(gone, ignore_errors=True)
        return Rotated([each for each in there if each in keep], removed)

    def tidy(self) -> None:
        """Remove drafts that killed processes have left; to be called while nobody takes one."""
        if self.folder.is_dir():
            for path in self.folder.glob(f"{_DRAFT}*"):
                shutil.rmtree(path, ignore_errors=True)

    def _stamp(self, now: int) -> str:
        """The moment in a new backup's name: behind all others, even if the clock was set back."""
        moment = datetime.fromtimestamp(now / 1_000, UTC)
        if there := self.ids():
            moment = max(moment, _taken(there[0]) + timedelta(milliseconds=1))
        return f"{moment:%Y%m%dT%H%M%S}.{moment.microsecond // 1_000:03d}Z"

    def _make(self) -> None:
        self.folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder.mkdir(mode=0o700, exist_ok=True)


def _taken(backup: str) -> datetime:
    found = _ID.fullmatch(backup)
    if found is None:
        raise AssertionError(backup)
    return datetime.strptime(found[1], _STAMP).replace(tzinfo=UTC)
