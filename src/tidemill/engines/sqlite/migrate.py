"""Brings a file to this release's schema, one numbered step at a time, each whole or not at all."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tidemill.core.errors import SchemaMismatch, StoreCorrupt
from tidemill.engines.sqlite.driver import Link
from tidemill.engines.sqlite.file import StoreFile

_FOLDER = Path(__file__).parent / "migrations"

APPLICATION: Final = 0x71DE_0111
"""Marks a file as ours (`PRAGMA application_id`), so that no stranger's database is written to."""


def steps() -> list[Path]:
    """The migrations, in order; the n-th one leads to schema n."""
    return sorted(_FOLDER.glob("[0-9][0-9][0-9][0-9]_*.sql"))


def migrate(link: Link, file: StoreFile) -> int:
    """Apply what is missing; answer the number of the schema.

    Raises:
        SchemaMismatch: a newer release has written the file.
        StoreCorrupt: the file is someone else's database.
    """
    newest = len(steps())
    check_origin(link, file)
    file.begin(link)
    try:
        current = schema(link)
        if current > newest:
            raise SchemaMismatch(
                f"{file.path} has schema {current}, this release knows {newest}",
                hint="use the newer release of tidemill that wrote it",
            )
        for step in steps()[current:]:
            for statement in _statements(step.read_text()):
                link.run(statement)
        link.run(f"PRAGMA application_id = {APPLICATION}")
        link.run(f"PRAGMA user_version = {newest}")
        link.run("COMMIT")
    except BaseException:
        file.roll_back(link)
        raise
    return newest


def schema(link: Link) -> int:
    """The number of the schema that the file has."""
    return int(link.rows("PRAGMA user_version")[0][0])


def check_origin(link: Link, file: StoreFile) -> None:
    """Refuse a database that tidemill has not made.

    An application's own database is welcome to hold our tables beside its own: it is ours once
    our tables are there, and it may become ours while it holds no marks of a third party.
    """
    mark = int(link.rows("PRAGMA application_id")[0][0])
    version = schema(link)
    if mark not in (0, APPLICATION) or (mark == 0 and version != 0):
        raise StoreCorrupt(
            f"{file.path} is another application's database",
            hint="name a file of its own for tidemill, or one without an application id",
        )


def _statements(script: str) -> Iterator[str]:
    """The statements of a migration; a trigger holds semicolons of its own, so SQLite is asked."""
    statement = ""
    for line in script.splitlines():
        statement += line.split("--", 1)[0] + "\n"
        if sqlite3.complete_statement(statement):
            yield statement.strip()
            statement = ""
