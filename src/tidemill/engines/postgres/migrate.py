"""Brings a schema to this release's, one numbered step at a time, under a lock."""

import zlib
from pathlib import Path
from typing import Final

from tidemill.core.errors import SchemaMismatch
from tidemill.engines.postgres.link import Connection
from tidemill.engines.postgres.manners import begun, to_write
from tidemill.engines.postgres.server import Address
from tidemill.engines.postgres.statements import in_schema

_FOLDER: Final = Path(__file__).parent / "migrations"


def steps() -> list[Path]:
    """The migrations, in order; the n-th one leads to schema n."""
    return sorted(_FOLDER.glob("[0-9][0-9][0-9][0-9]_*.sql"))


def migrate(connection: Connection, address: Address) -> int:
    """Apply what is missing; answer the number of the schema.

    Whoever comes second waits for the first to be done, and finds nothing left to do.

    Raises:
        SchemaMismatch: a newer release has been here.
    """
    newest = len(steps())
    lock = zlib.crc32(f"{address.schema}/migrate".encode())
    with begun(connection, to_write(None)):
        connection.execute("SELECT pg_advisory_xact_lock($1)", (lock,))
        current = schema_number(connection, address)
        if current > newest:
            raise SchemaMismatch(
                f"{address.shown} has schema {current}, this release knows {newest}",
                hint="use the newer release that wrote it: pip install --upgrade tidemill",
            )
        if current == newest:
            return newest
        if not current:
            connection.execute(f'CREATE SCHEMA IF NOT EXISTS "{address.schema}"')
            connection.execute(
                in_schema("CREATE TABLE tidemill.meta (schema BIGINT NOT NULL)", address.schema)
            )
            connection.execute(in_schema("INSERT INTO tidemill.meta VALUES (0)", address.schema))
        for step in steps()[current:]:
            connection.execute(in_schema(step.read_text(), address.schema))
        connection.execute(
            in_schema("UPDATE tidemill.meta SET schema = $1", address.schema), (newest,)
        )
    return newest


def schema_number(connection: Connection, address: Address) -> int:
    """The number of the schema that is there, 0 for none."""
    meta = f'"{address.schema}".meta'
    ((there,),) = connection.execute("SELECT to_regclass($1) IS NOT NULL", (meta,)).fetchall()
    if not there:
        return 0
    ((number,),) = connection.execute(
        in_schema("SELECT schema FROM tidemill.meta", address.schema)
    ).fetchall()
    return int(number)
