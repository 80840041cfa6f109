"""A SQLite database: saved by SQLite's own backup, at one moment, while others write."""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

import tidemill
from tidemill.kits.backup.aside import aside
from tidemill.kits.backup.comparison import Readable, Row, measured
from tidemill.kits.backup.manifest import Content, Manifest, Tell, settle
from tidemill.kits.backup.outcome import BackupDamaged, SourceBroken
from tidemill.kits.backup.sql import statement

_DATA: Final = "data.sqlite"
_PAGES: Final = 2_000
_PATIENCE: Final = 30.0
"""Seconds to wait for whoever holds a lock."""


class SqliteSource:
    """A database in a file."""

    kind = "sqlite"

    def __init__(self, path: str | Path) -> None:
        """Save the database of this file."""
        self.path = Path(path).absolute()

    def take(self, into: Path, tell: Tell) -> Content:
        """Copy it page by page, as it is when the copy begins."""
        copy = into / _DATA
        try:
            with _connected(self.path) as live, closing(sqlite3.connect(copy)) as made:
                # While this is open, what others commit is not seen, and no copy begins anew.
                live.execute("BEGIN")
                live.execute(statement("sqlite_tables")).fetchone()
                _copy(live, made, f"Saving {self.path.name}", tell)
                live.execute("ROLLBACK")
                made.execute("PRAGMA journal_mode = DELETE")  # one file, whatever the other has
        except sqlite3.OperationalError:
            raise  # a lock or the disk: it may be better the next time
        except sqlite3.DatabaseError as error:
            raise SourceBroken(
                f"database {self.path} is damaged: SQLite says {error}",
                hint="restore a backup of it",
            ) from error
        with self._reading(copy) as state:
            return Content(tables=measured(state, tell))

    @contextmanager
    def open_backup(
        self, backup: Path, manifest: Manifest, scratch: Path, tell: Tell
    ) -> Iterator[Readable]:
        """Restore it into a file, have SQLite check that, and read it."""
        restored = scratch / "restored.sqlite"
        tell("Restoring", 0)
        shutil.copyfile(backup / _DATA, restored)
        try:
            with self._reading(restored) as state:
                self._check(state, manifest)
                yield state
        except sqlite3.DatabaseError as error:
            raise _damaged(manifest, str(error)) from error

    @contextmanager
    def open_live(self) -> Iterator[Readable]:
        """Read the database itself, as it is at one moment."""
        with self._reading(self.path) as state:
            yield state

    def restore_beside(self, backup: Path, manifest: Manifest, place: Path, tell: Tell) -> str:
        """Restore it into a file of its own."""
        restored = place / _DATA
        tell("Restoring", 0)
        shutil.copyfile(backup / _DATA, restored)
        restored.chmod(0o600)
        settle(restored)
        with self._reading(restored) as state:
            self._check(state, manifest)
        return str(restored)

    def restore_in_place(self, backup: Path, manifest: Manifest, place: Path, tell: Tell) -> str:
        """Put the pages of the backup in place of those of the database, in one transaction.

        A file that is no database any more is put aside, with the backup's id in its name.
        """
        with self.open_backup(backup, manifest, place, tell):
            pass
        try:
            self._replace(place / "restored.sqlite", tell)
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError:
            kept = aside(self.path, manifest.id)
            for end in ("-wal", "-shm", "-journal", ""):
                broken = self.path.with_name(self.path.name + end)
                if broken.exists():
                    broken.rename(f"{kept}{end}")
            self._replace(place / "restored.sqlite", tell)
        return str(self.path)

    def _replace(self, restored: Path, tell: Tell) -> None:
        with (
            _connected(restored) as saved,
            closing(sqlite3.connect(self.path, timeout=_PATIENCE)) as live,
        ):
            _copy(saved, live, f"Restoring {self.path.name}", tell)

    @contextmanager
    def _reading(self, path: Path) -> Iterator["Tables"]:
        with _connected(path) as connection:
            connection.execute("BEGIN")
            yield Tables(connection)

    def _check(self, state: "Tables", manifest: Manifest) -> None:
        try:
            found = state.trouble()
        except sqlite3.DatabaseError as error:
            raise _damaged(manifest, str(error)) from error
        if found:
            raise _damaged(manifest, found)


class Tables:
    """The tables of a database that is open."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Read by this connection."""
        self._connection = connection

    def tables(self) -> list[str]:
        """The tables that hold rows of their own."""
        return [name for (name,) in self._connection.execute(statement("sqlite_tables"))]

    def rows(self, table: str) -> Iterator[Row]:
        """Its rows, by their primary key where it has one."""
        columns = self._connection.execute(statement("sqlite_keys"), (table,)).fetchall()
        names = [name for name, _ in columns]
        keys = [names.index(name) for name, place in columns if place]
        query = statement("sqlite_rows").format(
            columns=", ".join(map(_quoted, names)), table=_quoted(table)
        )
        for row in self._connection.execute(query):
            key = repr(tuple([row[place] for place in keys])) if keys else ""
            yield Row(key.encode(), repr(row).encode())

    def trouble(self) -> str:
        """What SQLite finds wrong with the file; empty: nothing."""
        (found,) = self._connection.execute("PRAGMA integrity_check(1)").fetchone()
        return "" if found == "ok" else str(found)


def _copy(one: sqlite3.Connection, other: sqlite3.Connection, says: str, tell: Tell) -> None:
    def progress(_status: int, remaining: int, total: int) -> None:
        tell(says, 1 - remaining / max(total, 1))

    one.backup(other, pages=_PAGES, progress=progress)


@contextmanager
def _connected(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a database that is there; nothing is written by this connection."""
    try:
        # Not read-only: a log that another process has left has to be read, and locks be taken.
        connection = sqlite3.connect(
            f"{path.as_uri()}?mode=rw", uri=True, timeout=_PATIENCE, isolation_level=None
        )
    except sqlite3.OperationalError as error:
        if path.exists() and os.access(path, os.R_OK | os.W_OK):
            raise
        raise tidemill.errors.NotFound(
            f"database {path} cannot be opened: {error}",
            hint="name a file that is there, and that this process may write",
        ) from error
    with closing(connection):
        connection.text_factory = _text
        yield connection


def _text(stored: bytes) -> str:
    """Text as it is stored, though it need not be UTF-8."""
    return stored.decode("utf-8", "surrogateescape")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _damaged(manifest: Manifest, says: str) -> BackupDamaged:
    return BackupDamaged(
        f"backup {manifest.id} of {manifest.source} cannot be restored: SQLite says {says}",
        hint="take another backup; an older one may be whole",
    )
