"""A PostgreSQL database: saved by `pg_dump`, restored by `pg_restore`, read by `psql`."""

import json
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import tidemill
from tidemill.kits.backup.comparison import Readable, Row, measured
from tidemill.kits.backup.manifest import Content, Manifest, Tell
from tidemill.kits.backup.outcome import BackupDamaged, SourceBroken
from tidemill.kits.backup.programs import Programs
from tidemill.kits.backup.sql import statement

_DATA: Final = "data.dump"
_ANYWHERE: Final = "postgres"
"""The database that every server has, to be asked through about others."""

_WITH_CODES: Final = "\\set VERBOSITY verbose"
"""Has psql tell the code of an error (SQLSTATE), whatever language the server speaks."""

_BROKEN: Final = re.compile(r": +(XX|58)[0-9A-Z]{3}: ")
"""Codes of what is damaged, and of what the server's own system cannot read."""

_UNREADABLE: Final = re.compile(
    r"pg_restore: error: [^:\"\n]*"
    r"(input file|archive|file header|block|uncompress|corrupt|end of file)"
)
"""What pg_restore says of the file itself: behind a colon or a quote stand a server's words, and
the names of tables, which may be called `archive`."""

_SNAPSHOT: Final = re.compile(r"[0-9A-Fa-f-]{1,64}")
_PATIENCE: Final = "-c lock_timeout=300000"
"""Whoever holds a table for longer has a job tried again: nobody can end one that waits in psql."""

_ROWS_ALIKE: Final = (
    "-c timezone=UTC -c datestyle=ISO -c intervalstyle=postgres -c bytea_output=hex "
    "-c extra_float_digits=1"
)


class PostgresSource:
    """A database on a server.

    The programs have to be on this machine, of the server's release or a later one. A backup is
    proved in a database of its own on the same server, for which the user needs `CREATEDB`.
    """

    kind = "postgres"

    def __init__(self, url: str, *, programs: str | Path = "") -> None:
        """Save the database of a URL.

        Args:
            url: such as `postgresql://app@localhost/shop`; the password may be left to libpq.
            programs: the folder of `pg_dump` and its kin; by default those on the `PATH`.

        Raises:
            InvalidOption: no URL of PostgreSQL.
        """
        self._programs = Programs(url, programs, _ROWS_ALIKE, _PATIENCE)

    def take(self, into: Path, tell: Tell) -> Content:
        """Have it dumped, and its rows counted, as they are at one moment."""
        try:
            with self._snapshot() as snapshot:
                tell("Saving", 0)
                self._programs.run(
                    "pg_dump",
                    "--format=custom",
                    "--no-password",
                    f"--snapshot={snapshot}",
                    f"--file={into / _DATA}",
                    tell=tell,
                )
                tables = measured(Tables(self._programs, snapshot), tell)
        except tidemill.errors.ServiceError as error:
            self._check_there()
            self._check_sound(error, tell)
            raise
        return Content(tables=tables)

    def _check_there(self) -> None:
        """See to it that the database is there, if the server answers.

        Raises:
            NotFound: it is not.
        """
        name = self._programs.database
        try:
            asked = self._programs.at(_ANYWHERE).lines(statement("postgres_databases"))
            there = [json.loads(line) for line in asked]
        except tidemill.errors.ServiceError:
            return  # it may be another one's to know
        if name not in there:
            raise tidemill.errors.NotFound(
                f"database {name} is not there", hint="name one that is, or restore a backup of it"
            )

    def _check_sound(self, error: Exception, tell: Tell) -> None:
        """See to it that the server can read all of it: a full disk of ours breaks no database.

        Raises:
            SourceBroken: it cannot.
        """
        try:
            measured(Tables(self._programs, before=(_WITH_CODES,)), tell)
        except tidemill.errors.ServiceError as trouble:
            if _BROKEN.search(trouble.message):
                raise SourceBroken(
                    f"database {self._programs.database} is damaged: {trouble.message}",
                    hint="restore a backup of it",
                ) from error

    @contextmanager
    def open_backup(
        self,
        backup: Path,
        manifest: Manifest,
        scratch: Path,  # noqa: ARG002 - the server has the room
        tell: Tell,
    ) -> Iterator[Readable]:
        """Restore it in a database that is dropped in the end, and read it there."""
        name = f"tidemill_scratch_{manifest.source}"
        # One that a killed process has left is in the way: sources are proved one at a time.
        self._ask("postgres_drop", name)
        self._ask("postgres_create", name)
        try:
            self._restore(backup, manifest, name, tell)
            yield Tables(self._programs.at(name))
        finally:
            with suppress(tidemill.errors.ServiceError):
                self._ask("postgres_drop", name)

    @contextmanager
    def open_live(self) -> Iterator[Readable]:
        """Read the database itself, as it is at one moment."""
        with self._snapshot() as snapshot:
            yield Tables(self._programs, snapshot)

    def restore_beside(
        self,
        backup: Path,
        manifest: Manifest,
        place: Path,  # noqa: ARG002 - the server has the room
        tell: Tell,
    ) -> str:
        """Restore it into a database of its own on the same server."""
        name = f"{self._programs.database}_restored_{secrets.token_hex(4)}"[-63:]
        self._ask("postgres_create", name)
        try:
            self._restore(backup, manifest, name, tell)
        except BaseException:
            with suppress(tidemill.errors.ServiceError):
                self._ask("postgres_drop", name)
            raise
        return name

    def restore_in_place(
        self,
        backup: Path,
        manifest: Manifest,
        place: Path,  # noqa: ARG002 - the server has the room
        tell: Tell,
    ) -> str:
        """Drop and make anew, in one transaction, what the backup has.

        A database that is not there is made first.
        """
        name = self._programs.database
        try:
            self._check_there()
        except tidemill.errors.NotFound:
            self._ask("postgres_create", name)
        self._restore(
            backup, manifest, name, tell, "--clean", "--if-exists", "--single-transaction"
        )
        return name

    def _restore(
        self, backup: Path, manifest: Manifest, database: str, tell: Tell, *options: str
    ) -> None:
        tell("Restoring", 0)
        words = ("--no-owner", "--no-privileges", "--exit-on-error", "--no-password")
        try:
            self._programs.run(
                "pg_restore",
                *words,
                *options,
                f"--dbname={database}",
                str(backup / _DATA),
                tell=tell,
            )
        except tidemill.errors.ServiceError as error:
            if not _UNREADABLE.search(error.message):
                raise
            raise BackupDamaged(
                f"backup {manifest.id} of {manifest.source} cannot be restored: {error.message}",
                hint="take another backup; an older one may be whole",
            ) from error

    def _ask(self, name: str, database: str) -> None:
        """Have the server make or drop a database; which other one hears of it does not matter."""
        query = statement(name).format(database=_quoted(database))
        try:
            self._programs.ask(query)
        except tidemill.errors.ServiceError as error:
            try:
                self._programs.at(_ANYWHERE).ask(query)  # the source may be what is gone
            except tidemill.errors.ServiceError:
                raise error from None

    @contextmanager
    def _snapshot(self) -> Iterator[str]:
        """Hold the database as it is now: others may read it so by this name."""
        words = (statement("postgres_begin"), statement("postgres_snapshot"))
        with self._programs.session() as session:
            for each in words:
                session.say(each)
            name = session.answer()
            if not _SNAPSHOT.fullmatch(name):
                raise tidemill.errors.ServiceError(f"psql answered {name!r:.100} for a snapshot")
            yield name


class Tables:
    """The tables of a database on a server."""

    def __init__(
        self, programs: Programs, snapshot: str = "", *, before: tuple[str, ...] = ()
    ) -> None:
        """Read by psql, as the database is now or was when a snapshot was taken.

        Args:
            programs: for the database.
            snapshot: the name of one that is held; empty: as it is now.
            before: what psql is told first.
        """
        self._programs = programs
        self._before = before
        if snapshot:
            see = statement("postgres_see_snapshot").format(snapshot=snapshot)
            self._before = (statement("postgres_begin"), see)
        self._known: dict[str, dict[str, str | None]] = {}

    def tables(self) -> list[str]:
        """All that are not the server's own."""
        lines = self._programs.lines(*self._before, statement("postgres_tables"))
        found = [json.loads(line) for line in lines]
        self._known = {each["name"]: each for each in found}
        return list(self._known)

    def rows(self, table: str) -> Iterator[Row]:
        """Its rows as text, by their primary key where it has one."""
        known = self._known[table]
        key = f"ROW({known['key']})::text" if known["key"] else "''"
        query = statement("postgres_rows").format(key=key, table=known["quoted"])
        for line in self._programs.lines(*self._before, query):
            name, _, content = line.partition(b"\t")
            yield Row(name, content)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
