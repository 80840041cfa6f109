"""What the jobs of backups come to, as people and programs read it."""

from typing import ClassVar

from msgspec import Struct, field

from tidemill import TidemillError


class BackupDamaged(TidemillError):
    """A backup is not what was saved: a file is missing, changed, or cannot be restored."""

    code: ClassVar[str] = "kit.backup.damaged"


class SourceBroken(TidemillError):
    """What is to be saved is damaged itself."""

    code: ClassVar[str] = "kit.backup.source_broken"


class Measure(Struct, frozen=True):
    """How much a table held, and what.

    Attributes:
        rows: how many.
        digest: of all rows, in whatever order they are read: the sum of their SHA-256, as 64
            hexadecimal digits.
    """

    rows: int
    digest: str


class Taken(Struct, frozen=True, kw_only=True):
    """Result of taking a backup.

    Attributes:
        source: what was saved.
        backup: the backup's id; it begins with when it was taken.
        path: the folder that it lies in.
        size: bytes on disk.
        tables: rows of each table; of a folder, its entries as `files`.
        left_out: what was not saved, by reason: `special` and `link_outside`, of a folder.
        removed: backups that were older than is kept.
    """

    source: str
    backup: str
    path: str
    size: int
    tables: dict[str, int]
    left_out: dict[str, int] = field(default_factory=dict)
    removed: list[str] = field(default_factory=list)


class Difference(Struct, frozen=True, kw_only=True):
    """How a table of the backup, restored, and of its source differ.

    Attributes:
        table: its name; of a folder, `files`.
        rows: in the backup.
        live: in the source.
        only_backup: rows whose key is in the backup alone: they were deleted since.
        only_live: rows whose key is in the source alone: they were added since.
        changed: rows with the same key that are not the same.
        examples: keys of a few of them.
    """

    table: str
    rows: int = 0
    live: int = 0
    only_backup: int = 0
    only_live: int = 0
    changed: int = 0
    examples: list[str] = field(default_factory=list)

    @property
    def same(self) -> bool:
        """Whether there is none."""
        return not (self.only_backup or self.only_live or self.changed)


class Verified(Struct, frozen=True, kw_only=True):
    """Result of proving a backup; one that is damaged fails the job instead.

    Attributes:
        source: what was saved.
        backup: the backup's id.
        rows: that were restored, and are those that were saved.
        same: whether the source holds the same now; `None`: it was not compared.
        tables: each table, with what has changed in the source since.
    """

    source: str
    backup: str
    rows: int
    same: bool | None
    tables: list[Difference]


class Restored(Struct, frozen=True, kw_only=True):
    """Result of restoring.

    Attributes:
        source: what was saved.
        backup: the backup's id.
        place: where it is now: a file, a folder or a database.
        before: the backup that was taken of what was there; empty: nothing was replaced.
    """

    source: str
    backup: str
    place: str
    before: str = ""


class Rotated(Struct, frozen=True):
    """Result of removing old backups.

    Attributes:
        kept: ids, newest first.
        removed: ids, newest first.
    """

    kept: list[str]
    removed: list[str]
