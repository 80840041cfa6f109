"""Brings a file to this release's schema, one numbered step at a time, each whole or not at all."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from tidemill.core.errors import SchemaMismatch
from tidemill.engines.sqlite.driver import Link
from tidemill.engines.sqlite.file import StoreFile
from tidemill.engines.sqlite.origin import APPLICATION, schema

_FOLDER = Path(__file__).parent / "migrations"


def steps() -> list[Path]:
    """The migrations, in order; the n-th one leads to schema n."""
    return sorted(_FOLDER.glob("[0-9][0-9][0-9][0-9]_*.sql"))


def migrate(link: Link, file: StoreFile) -> int:
    """Apply what is missing; answer the number of the schema.

    Raises:
        StoreMissing: there was a store, and none is in the file.
        SchemaMismatch: a newer release has written the file.
    """
    newest = len(steps())
    file.begin(link)
    try:
        current = schema(link)
        if current > newest:
            raise SchemaMismatch(
                f"{file.path} has schema {current}, this release knows {newest}",
                hint="use the newer release that wrote it: pip install --upgrade tidemill",
            )
        if not current:
            file.refuse_unmade()
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


def _statements(script: str) -> Iterator[str]:
    """The statements of a migration; a trigger holds semicolons of its own, so SQLite is asked."""
    statement = ""
    for line in script.splitlines():
        statement += line.split("--", 1)[0] + "\n"
        if sqlite3.complete_statement(statement):
            yield statement.strip()
            statement = ""
