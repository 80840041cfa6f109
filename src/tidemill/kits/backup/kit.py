"""Backups: the module whose jobs save, prove, restore and rotate."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from msgspec import Struct, field

import tidemill
from tidemill import Concurrency, Module, Retry, current, unique
from tidemill.kits.backup.archive import Limits
from tidemill.kits.backup.aside import whole_or_gone
from tidemill.kits.backup.comparison import Readable, compared, measured
from tidemill.kits.backup.folder import FolderSource
from tidemill.kits.backup.manifest import Manifest, Tell, check
from tidemill.kits.backup.outcome import (
    BackupDamaged,
    Difference,
    Measure,
    Restored,
    Rotated,
    SourceBroken,
    Taken,
    Verified,
)
from tidemill.kits.backup.postgres import PostgresSource
from tidemill.kits.backup.shelf import LATEST, Shelf, check_source
from tidemill.kits.backup.source import Source
from tidemill.kits.backup.sqlite import SqliteSource

_LIMITS: Final = Limits(bytes=100 << 30, entries=1_000_000)


class BackupSettings(Struct, frozen=True):
    """Settings of the module.

    Attributes:
        folder: where backups go.
        daily: of so many days the last backup is kept.
        weekly: of so many weeks the last backup is kept.
        sqlite: files of databases to save, by a name for each.
        folders: folders to save, by a name for each.
        postgres: URLs of databases to save, by a name for each.
        programs: the folder of `pg_dump` and its kin; empty: those on the `PATH`.
    """

    folder: str = "backups"
    daily: int = 7
    weekly: int = 4
    sqlite: dict[str, str] = field(default_factory=dict)
    folders: dict[str, str] = field(default_factory=dict)
    postgres: dict[str, str] = field(default_factory=dict)
    programs: str = ""


class Backups(Module):
    """Saves databases and folders, and proves that they can be restored.

    What there is to save is declared, by name, in code or in the settings. A backup is a folder
    with a manifest that holds the SHA-256 of each of its files, and how many rows, and which, each
    table had at the moment of the backup. To verify one it is restored in a scratch place and
    compared with both, the manifest and its source as it is now, row by row.

    Events, under the module's name: `taken`, `verified`, `damaged`, `restored`.

    Attributes:
        take: the task that saves a source, and then removes what is older than is kept.
        verify: the task that proves a backup.
        restore: the task that restores one.
        rotate: the task that removes what is older than is kept.

    Example:
        >>> backups = Backups(folder="/srv/backups", daily=7, weekly=4)
        >>> backups.of_sqlite("ledger", "/srv/shop/ledger.db")
        >>> backups.of_folder("uploads", "/srv/shop/uploads")
        >>> backups.schedule("0 0 * * *", arguments={"source": "ledger"})(backups.take).name
        'backup.take'
    """

    def __init__(
        self,
        name: str = "backup",
        *,
        folder: str | Path = "backups",
        daily: int = 7,
        weekly: int = 4,
        queue: str = "",
        attempts: int = 3,
        timeout: Any = "6h",
        limits: Limits = _LIMITS,
        **module: Any,
    ) -> None:
        """Begin; what is to be saved is declared on it.

        Args:
            name: the module's, and what its tasks and events are named after.
            folder: where backups go; it is made, for its owner's eyes only.
            daily: of so many days the last backup is kept.
            weekly: of so many weeks the last backup is kept.
            queue: where its jobs wait; by default one of its own.
            attempts: starts of a job in all.
            timeout: longest run of one attempt.
            limits: what the backup of a folder may unpack to.
            module: what every module may have, such as `permissions`.

        Raises:
            InvalidName: no name for a module, or for a queue.
            InvalidOption: another argument that makes no sense.
        """
        described: dict[str, Any] = {"description": "Saves databases and folders, with proof."}
        settings = BackupSettings(str(folder), _count("daily", daily), _count("weekly", weekly))
        super().__init__(name, version="1", settings=settings, **(described | module))
        self.sources: dict[str, Source] = {}
        self._limits = limits
        common: dict[str, Any] = {
            "queue": queue or name,
            "retry": Retry.exponential(attempts=attempts, base="10s"),
            "timeout": timeout,
            "give_up_on": (BackupDamaged, tidemill.errors.MisuseError, tidemill.errors.NotFound),
            # One at a time of each source: scratch places have its name.
            "concurrency": Concurrency(1, key=name + ":{source}"),
        }
        self.take = self.task(name=f"{name}.take", unique=unique("source"), **common)(self._take)
        self.verify = self.task(name=f"{name}.verify", **common)(self._verify)
        self.restore = self.task(name=f"{name}.restore", **common)(self._restore)
        self.rotate = self.task(name=f"{name}.rotate", **common)(self._rotate)

    def of_sqlite(self, name: str, path: str | Path) -> None:
        """Save a SQLite database.

        Args:
            name: what it is asked for by: up to 64 of a-z, 0-9, _ and -.
            path: of its file.

        Raises:
            InvalidName: no name for a source.
            InvalidOption: it is taken.
        """
        self._add(name, SqliteSource(path))

    def of_postgres(self, name: str, url: str, *, programs: str | Path = "") -> None:
        """Save a PostgreSQL database.

        Args:
            name: what it is asked for by: up to 64 of a-z, 0-9, _ and -.
            url: of the database; its user may make databases, or no backup can be proved.
            programs: the folder of `pg_dump` and its kin; by default those on the `PATH`.

        Raises:
            InvalidName: no name for a source.
            InvalidOption: it is taken, or no URL of PostgreSQL.
        """
        self._add(name, PostgresSource(url, programs=programs))

    def of_folder(self, name: str, path: str | Path) -> None:
        """Save a folder with all that is below it.

        Args:
            name: what it is asked for by: up to 64 of a-z, 0-9, _ and -.
            path: the folder, and no link to one.

        Raises:
            InvalidName: no name for a source.
            InvalidOption: it is taken.
        """
        self._add(name, FolderSource(path, self._limits))

    def _add(self, name: str, source: Source) -> None:
        if check_source(name) in self.sources:
            raise tidemill.errors.InvalidOption(
                f"module {self.name} saves {name!r} already", hint="give this another name"
            )
        self.sources[name] = source

    def _take(self, source: str) -> Taken:
        """Save a source as it is now."""
        job, saved, shelf = current(), self._source(source), self._shelf(source)
        shelf.tidy()
        with shelf.draft() as draft:
            content = saved.take(draft, _telling(0, 90))
            manifest = shelf.put_up(draft, saved.kind, content, job.now, _telling(90, 98))
        rotated = self._rotated(shelf)
        taken = Taken(
            source=source,
            backup=manifest.id,
            path=str(shelf.folder / manifest.id),
            size=manifest.size,
            tables={name: each.rows for name, each in content.tables.items()},
            left_out=content.left_out,
            removed=rotated.removed,
        )
        job.progress(100, f"Saved {sum(taken.tables.values()):,} rows, {taken.size:,} bytes")
        self._tell("taken", source, manifest.id, size=taken.size, tables=taken.tables)
        return taken

    def _verify(self, source: str, backup: str = LATEST, *, compare: bool = True) -> Verified:
        """Restore a backup in a scratch place, and prove that it is what was saved."""
        with self._whole(source, backup) as (shelf, folder, manifest), shelf.scratch() as scratch:
            saved = self._of_kind(source, manifest)
            with saved.open_backup(folder, manifest, scratch, _telling(20, 40)) as restored:
                found = measured(restored, _telling(40, 60))
                _check_tables(manifest, found)
                tables = (
                    self._compared(saved, restored, found, scratch) if compare else _alone(found)
                )
        rows = sum(each.rows for each in found.values())
        same = all(each.same for each in tables) if compare else None
        verified = Verified(source=source, backup=manifest.id, rows=rows, same=same, tables=tables)
        current().progress(100, f"{rows:,} rows restored, as they were saved")
        self._tell("verified", source, manifest.id, rows=rows, same=same)
        return verified

    def _restore(self, source: str, backup: str = LATEST, *, in_place: bool = False) -> Restored:
        """Restore a backup beside what is there, or in its place; then that is saved first."""
        with self._whole(source, backup) as (shelf, folder, manifest):
            saved, before, tell = self._of_kind(source, manifest), "", _telling(20, 98)
            if in_place:
                before = self._saved_before(saved, shelf)
                with shelf.scratch() as scratch:
                    place = saved.restore_in_place(folder, manifest, scratch, tell)
            else:
                beside = shelf.place(manifest.id)
                with whole_or_gone(beside):
                    place = saved.restore_beside(folder, manifest, beside, tell)
        current().progress(100, f"Restored {manifest.id}")
        self._tell("restored", source, manifest.id, in_place=in_place, before=before)
        return Restored(source=source, backup=manifest.id, place=place, before=before)

    def _rotate(self, source: str) -> Rotated:
        """Remove the backups of a source that are older than is kept."""
        self._source(source)
        return self._rotated(self._shelf(source))

    def _saved_before(self, saved: Source, shelf: Shelf) -> str:
        """Save what is about to be replaced; nothing is removed for it."""
        try:
            with shelf.draft() as draft:
                content = saved.take(draft, _telling(10, 20))
                now = current().now
                return shelf.put_up(draft, saved.kind, content, now, _telling(20, 20)).id
        except (tidemill.errors.NotFound, SourceBroken) as error:
            # Which is why it is restored.
            current().log(f"what is there cannot be saved first: {error}", "warning")
            return ""

    @contextmanager
    def _whole(self, source: str, backup: str) -> Iterator[tuple[Shelf, Path, Manifest]]:
        """A backup whose files are those that were written; one that is damaged is marked."""
        self._source(source)
        shelf = self._shelf(source)
        found = _begun(shelf) if backup == LATEST else backup
        try:
            folder, manifest = shelf.find(found)
            check(folder, manifest, _telling(0, 20))
            yield shelf, folder, manifest
        except BackupDamaged as error:
            shelf.mark_damaged(found, error.message)
            self._tell("damaged", source, found, why=error.message)
            raise

    def _compared(
        self, saved: Source, restored: Readable, known: dict[str, Measure], scratch: Path
    ) -> list[Difference]:
        with saved.open_live() as live:
            tables = compared(restored, known, live, scratch, _telling(60, 99))
        for each in tables:
            if not each.same:
                current().log(
                    f"{each.table} has changed since: {each.only_live} rows were added, "
                    f"{each.only_backup} deleted, {each.changed} changed",
                    table=each.table,
                )
        return tables

    def _rotated(self, shelf: Shelf) -> Rotated:
        settings = current().settings
        return shelf.rotate(
            daily=_count("daily", settings.daily), weekly=_count("weekly", settings.weekly)
        )

    def _shelf(self, source: str) -> Shelf:
        return Shelf(Path(current().settings.folder).absolute(), source)

    def _source(self, name: str) -> Source:
        """What is saved under a name.

        Raises:
            InvalidArguments: nothing is.
        """
        settings: BackupSettings = current().settings
        if found := self.sources.get(name):
            return found
        if path := settings.sqlite.get(name):
            return SqliteSource(path)
        if path := settings.folders.get(name):
            return FolderSource(path, self._limits)
        if url := settings.postgres.get(name):
            return PostgresSource(url, programs=settings.programs)
        known = [*self.sources, *settings.sqlite, *settings.folders, *settings.postgres]
        raise tidemill.errors.InvalidArguments(
            f"module {self.name} does not save {name!r:.100}",
            hint=f"it saves {', '.join(known) or 'nothing yet'}",
        )

    def _of_kind(self, name: str, manifest: Manifest) -> Source:
        """The source, if the backup is of its kind.

        Raises:
            InvalidOption: it is not; the source has become another one since.
        """
        source = self._source(name)
        if source.kind != manifest.kind:
            raise tidemill.errors.InvalidOption(
                f"backup {manifest.id} of {name} is of kind {manifest.kind!r:.100}, and {name} is "
                f"of kind {source.kind}",
                hint="declare the source as it was, or take another backup",
            )
        return source

    def _tell(self, what: str, source: str, backup: str, **fields: Any) -> None:
        about = {"job": current().id, "source": source, "backup": backup}
        self.emit(f"{self.name}.{what}", about | fields)


def _telling(since: float, until: float) -> Tell:
    """Shows a part of the progress, and ends what tells it when the job is to stop."""

    def tell(says: str, share: float) -> None:
        job = current()
        job.raise_if_cancelled()
        job.progress(since + (until - since) * min(max(share, 0), 1), says)

    return tell


def _check_tables(manifest: Manifest, found: dict[str, Measure]) -> None:
    """See to it that what was restored is what was saved, table by table.

    Raises:
        BackupDamaged: it is not; it says which tables.
    """
    saved = manifest.content.tables
    wrong = [
        f"{name} has {found[name].rows if name in found else 0:,} rows of "
        f"{saved[name].rows if name in saved else 0:,}"
        for name in sorted(found.keys() | saved.keys())
        if found.get(name) != saved.get(name)
    ]
    if wrong:
        raise BackupDamaged(
            f"backup {manifest.id} of {manifest.source} is not what was saved: {'; '.join(wrong)}",
            hint="take another backup; an older one may be whole",
        )


def _begun(shelf: Shelf) -> str:
    """The latest backup, which every attempt of a job looks at; `LATEST`: there is none.

    An attempt that has found it damaged may have died before anybody heard of that: the next one is
    to find the same, and not that an older one is whole.
    """
    ids, begun = shelf.ids(), current().checkpoint_value
    found: str = begun if begun and begun == next(iter(ids), "") else shelf.latest()
    if found:
        current().checkpoint(found)
    return found or LATEST


def _alone(found: dict[str, Measure]) -> list[Difference]:
    """The tables of a backup that was compared with nothing."""
    return [Difference(table=name, rows=each.rows) for name, each in found.items()]


def _count(name: str, value: int) -> int:
    if value < 0:
        raise tidemill.errors.InvalidOption(f"{name}={value!r} is not possible", hint="from 0")
    return value
