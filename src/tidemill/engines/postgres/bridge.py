"""Connections of asynchronous drivers, used from a thread.

What a verb does between its statements is synchronous code, written once for all engines. So for a
caller's asynchronous connection it runs on a thread of its own, and each statement goes back to the
event loop to which the connection belongs, while the thread waits.
"""

import asyncio
import sys
from collections.abc import Callable, Coroutine, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Protocol, TypeVar

import psycopg
from psycopg.rows import tuple_row

from tidemill.engines.postgres.session import Session, encoding_of, teach
from tidemill.engines.relational.link import Row, Values

T = TypeVar("T")


class Remote(Protocol):
    """A connection of an asynchronous driver."""

    async def fetch(self, text: str, values: Values) -> list[Row]:
        """Run a statement to its end and answer its rows."""
        ...

    async def run(self, text: str, values: Values) -> int:
        """Run a statement and answer how many rows it changed."""
        ...

    @property
    def encoding(self) -> str:
        """How text is sent and answered, as the server calls it."""
        ...

    @property
    def is_closed(self) -> bool:
        """Whether nothing can be run any more."""
        ...


class AsyncPsycopg:
    """An asynchronous connection of psycopg."""

    def __init__(self, connection: psycopg.AsyncConnection[Any]) -> None:
        """Run statements on this connection."""
        self._connection = connection
        self._cursor: psycopg.AsyncRawCursor[Row] = psycopg.AsyncRawCursor(
            connection, row_factory=tuple_row
        )
        teach(self._cursor.adapters)

    async def fetch(self, text: str, values: Values) -> list[Row]:
        """Run a statement to its end and answer its rows."""
        return await (await self._cursor.execute(text, values, binary=True)).fetchall()

    async def run(self, text: str, values: Values) -> int:
        """Run a statement and answer how many rows it changed."""
        return (await self._cursor.execute(text, values)).rowcount

    @property
    def encoding(self) -> str:
        """How text is sent and answered, as the server calls it."""
        return encoding_of(self._connection)

    @property
    def is_closed(self) -> bool:
        """Whether nothing can be run any more."""
        return self._connection.closed


class Asyncpg:
    """A connection of asyncpg; its errors are told as those of psycopg with the same code."""

    def __init__(self, connection: Any) -> None:
        """Run statements on this connection."""
        self._connection = connection

    async def fetch(self, text: str, values: Values) -> list[Row]:
        """Run a statement to its end and answer its rows."""
        # Rows of a caller's own class might be gone through in another way.
        plain = partial(self._connection.fetch, record_class=sys.modules["asyncpg"].Record)
        return [tuple(record) for record in await self._told(plain, text, values)]

    async def run(self, text: str, values: Values) -> int:
        """Run a statement and answer how many rows it changed, as its status ends with."""
        status = await self._told(self._connection.execute, text, values)
        count = status.rpartition(" ")[2]
        return int(count) if count.isdigit() else -1

    @property
    def encoding(self) -> str:
        """How text is sent and answered, as the server calls it."""
        return str(self._connection.get_settings().client_encoding)

    @property
    def is_closed(self) -> bool:
        """Whether nothing can be run any more."""
        return bool(self._connection.is_closed())

    async def _told(self, do: Callable[..., Any], text: str, values: Values) -> Any:
        try:
            return await do(text, *values)
        except Exception as error:
            code = getattr(error, "sqlstate", None)
            if code is not None:
                raise _kind(code)(str(error)) from error
            if type(error).__module__.startswith("asyncpg"):
                raise psycopg.InterfaceError(str(error)) from error
            raise


def _kind(code: str) -> type[psycopg.Error]:
    """The error of psycopg with a code, as psycopg itself would raise it."""
    try:
        return psycopg.errors.lookup(code)
    except KeyError:
        return psycopg.DatabaseError  # anyone may raise a code of their own, as in a trigger


class Bridge:
    """A session whose statements are run by an event loop while this thread waits."""

    def __init__(self, remote: Remote, loop: asyncio.AbstractEventLoop) -> None:
        """Send statements to this connection, on the loop that it belongs to."""
        self._remote = remote
        self._loop = loop

    def rows(self, text: str, values: Values) -> list[Row]:
        """Run a statement to its end and answer its rows."""
        return self._send(self._remote.fetch(text, values))

    def run(self, text: str, values: Values = ()) -> int:
        """Run a statement and answer how many rows it changed."""
        return self._send(self._remote.run(text, values))

    def many(self, text: str, rows: Iterable[Values]) -> int:
        """Run a statement once for each row of values and answer how many rows it changed."""
        return sum(self.run(text, values) for values in rows)

    @property
    def encoding(self) -> str:
        """How text is sent and answered, as the server calls it."""
        return self._remote.encoding

    @property
    def is_closed(self) -> bool:
        """Whether nothing can be run any more."""
        return self._remote.is_closed

    def _send(self, statement: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(statement, self._loop).result()


async def across(remote: Remote, work: Callable[[Session], T]) -> T:
    """Do synchronous work on an asynchronous connection, whole even if the caller is cancelled.

    A cancelled caller is told so when the work is done: until then the connection is in use.
    """
    loop = asyncio.get_running_loop()
    # Not from a pool: all its threads might wait for a lock that is held by the transaction of a
    # caller who waits for a thread.
    thread = ThreadPoolExecutor(1, "tidemill-transaction")
    try:
        doing = loop.run_in_executor(thread, work, Bridge(remote, loop))
        try:
            return await asyncio.shield(doing)
        except asyncio.CancelledError:
            await asyncio.wait([doing])
            raise
    finally:
        thread.shutdown(wait=False)
