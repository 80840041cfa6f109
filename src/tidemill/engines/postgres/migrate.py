"""Brings a schema to this release's, one step at a time, while others work on it.

A step that waits for a lock makes all wait who come after it for the same table, so it waits for
half a second only, lets them pass, and tries anew.
"""

import time
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

import psycopg

from tidemill.core.errors import StoreLocked
from tidemill.engines.postgres.link import Connection
from tidemill.engines.postgres.manners import begun, ends_transactions, to_write
from tidemill.engines.postgres.server import Address, Server
from tidemill.engines.postgres.statements import in_schema, statement
from tidemill.engines.postgres.steps import Step, Taken, missing, refuse_others, steps, taken
from tidemill.engines.release import release
from tidemill.loops.failpoint import failpoint

LONGEST_IN_THE_WAY: Final = 500
"""Milliseconds for which a step may wait for a lock, with others behind it."""

_PATIENCE: Final = 60.0
"""Seconds to go on trying for a lock, or to wait for another process that migrates."""

_PAUSE: Final = 1.0
_LOOK_EVERY: Final = 0.1


class Migration:
    """The steps between a store and a release."""

    def __init__(self, server: Server, known: Sequence[Step] | None = None) -> None:
        """Do nothing yet; the steps that are known are those of this release, unless given."""
        self._server = server
        self._schema = server.address.schema
        self._known = steps() if known is None else known

    def run(self, *, finish: bool = False) -> int:
        """Take the steps that are missing; answer the number of the last one taken.

        Whoever comes second waits for the first to be done, and finds nothing left to do. What was
        cut short is gone on with.

        Args:
            finish: those, too, that take away what older releases need.

        Raises:
            SchemaMismatch: this release cannot work on what is there.
            StoreLocked: a lock was not free for a minute.
        """
        with self._server.connected() as connection:
            if self._missing(connection, finish=finish):
                with self._turn():
                    self._make(connection)
                    for step in self._missing(connection, finish=finish):
                        failpoint("migrate.step")
                        self._take(connection, step)
            return schema_number(connection, self._server.address)

    def script(self, *, finish: bool = False) -> str:
        """What `run` would do, as a script for psql; empty: nothing."""
        with self._server.connected() as connection:
            pending = self._missing(connection, finish=finish)
            is_new = not _is_there(connection, self._server.address)
        parts = [self._beginning()] if is_new else []
        return "\n".join([*parts, *map(self._script_of, pending)])

    def _missing(self, connection: Connection, *, finish: bool) -> list[Step]:
        had = _had(connection, self._server.address)
        refuse_others(had, self._server.address.shown, self._known)
        return missing(had, self._known, finish=finish)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Be the only one who migrates this schema.

        The lock is held by a transaction beside the steps, so that a pooler cannot part it from us.
        It is asked for again and again, never waited for: an index that is being built waits for
        every statement that is under way, and so would wait for who waits for it.
        """
        lock = zlib.crc32(f"{self._schema}/migrate".encode())
        begin = f"{to_write(None)}; SET LOCAL idle_in_transaction_session_timeout = 0"
        with self._server.connected() as beside, begun(beside, begin):
            # Without values and not prepared: else the last question stays open in the server, with
            # what it saw, and an index waits for that, too.
            question = f"SELECT pg_try_advisory_xact_lock({lock})"
            ends_at = time.monotonic() + _PATIENCE
            while beside.execute(question, prepare=False).fetchall() != [(True,)]:
                if time.monotonic() > ends_at:
                    raise StoreLocked(
                        f"{self._server.address.shown} has been migrated by another process for "
                        f"more than {_PATIENCE:g} s",
                        hint="wait for it; pg_stat_activity shows what it does",
                    )
                time.sleep(_LOOK_EVERY)
            yield

    def _make(self, connection: Connection) -> None:
        """Make the schema, if it is not there."""
        # Asked first: who may not make schemas may yet work in one that was made for them.
        if _says("SELECT to_regnamespace($1) IS NULL", self._schema, connection):
            connection.execute(f'CREATE SCHEMA IF NOT EXISTS "{self._schema}"')
        if not _is_there(connection, self._server.address):
            connection.execute(statement("make_steps", self._schema))

    def _take(self, connection: Connection, step: Step) -> None:
        """Take one step, as soon as the locks that it needs are free."""
        ends_at = time.monotonic() + _PATIENCE
        take = self._take_outside if step.is_outside else self._take_whole
        while True:
            try:
                return take(connection, step)
            except psycopg.errors.LockNotAvailable:
                if time.monotonic() > ends_at:
                    raise
                time.sleep(_PAUSE)

    def _take_whole(self, connection: Connection, step: Step) -> None:
        begin = f"{to_write(None)}; SET LOCAL lock_timeout = {LONGEST_IN_THE_WAY}"
        with begun(connection, begin):
            connection.execute(in_schema(step.text, self._schema))
            self._remember(connection, step)

    def _take_outside(self, connection: Connection, step: Step) -> None:
        """Run its statements one by one; an index that a kill left unfinished is built anew.

        The server may still build one for a process that was killed. Dropping it waits for that, in
        nobody's way.
        """
        limits = ["statement_timeout", *(["transaction_timeout"] * ends_transactions(connection))]
        for limit in limits:
            connection.execute(f"SET {limit} = 0")  # whatever the user's is: this takes long
        for text, index in step.statements(self._schema):
            is_valid = self._is_valid(connection, index) if index else None
            if is_valid is False:
                connection.execute(f'DROP INDEX CONCURRENTLY IF EXISTS "{self._schema}".{index}')
            if not is_valid:
                connection.execute(text)
        for limit in limits:
            connection.execute(f"RESET {limit}")
        self._remember(connection, step)

    def _is_valid(self, connection: Connection, index: str) -> bool | None:
        """Whether an index is whole; `None`: there is none."""
        rows = connection.execute(
            "SELECT indisvalid FROM pg_catalog.pg_index WHERE indexrelid = to_regclass($1)",
            (f'"{self._schema}".{index}',),
        ).fetchall()
        return bool(rows[0][0]) if rows else None

    def _remember(self, connection: Connection, step: Step) -> None:
        connection.execute(statement("add_step", self._schema), _facts(step))

    def _beginning(self) -> str:
        made = statement("make_steps", self._schema)
        return f'CREATE SCHEMA IF NOT EXISTS "{self._schema}";\n\n{made};\n'

    def _script_of(self, step: Step) -> str:
        """One step, and that it was taken, as psql runs them."""
        remembered = statement("add_step", self._schema)
        values = (str(step.number), *(f"'{each}'" for each in _facts(step)[1:]))
        for number, value in enumerate(values, start=1):
            remembered = remembered.replace(f"${number}", value)
        text = in_schema(step.text, self._schema).rstrip()
        if step.is_outside:
            return f"{text}\n\n{remembered};\n"
        begin = f"BEGIN;\nSET LOCAL lock_timeout = {LONGEST_IN_THE_WAY};\n"
        return f"{begin}\n{text}\n\n{remembered};\nCOMMIT;\n"


def schema_number(connection: Connection, address: Address) -> int:
    """The number of the last step taken, 0 for none."""
    return max(_had(connection, address), default=0)


def _had(connection: Connection, address: Address) -> dict[int, Taken]:
    """The steps that the schema has taken; none where there is no schema yet."""
    if not _is_there(connection, address):
        return {}
    return taken(connection.execute(statement("steps", address.schema)).fetchall())


def _is_there(connection: Connection, address: Address) -> bool:
    return _says("SELECT to_regclass($1) IS NOT NULL", f'"{address.schema}".step', connection)


def _says(question: str, value: object, connection: Connection) -> bool:
    """What the server answers to a question of one value."""
    ((answer,),) = connection.execute(question, (value,)).fetchall()
    return bool(answer)


def _facts(step: Step) -> tuple[int, str, str, str, str]:
    return (step.number, step.kind, step.name, step.checksum, release())
