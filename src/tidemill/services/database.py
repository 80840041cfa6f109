"""`database`: asks SQL databases, with bound parameters, through a pool of each process."""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final, LiteralString, TypeAlias

from msgspec import Struct
from sqlalchemy import TextClause, text
from sqlalchemy.engine import CursorResult, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from tidemill.core.errors import AnswerTooLarge, InvalidArguments, InvalidOption
from tidemill.core.instants import Millis, words

_DRIVERS: Final = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+psycopg"}
_ASKS: Final = re.compile(r"\s*(--[^\n]*\n\s*)*(select|values|table|with)\b", re.IGNORECASE)
_END_AFTER: Final = text("select set_config('statement_timeout', :millis, true)")
_CANCELLED: Final = "57014"
_CUT: Final = 5.0

Params: TypeAlias = Mapping[str, Any] | None

_WRITES: Final = re.compile(r"\b(insert|update|delete|merge)\b", re.IGNORECASE)


class Bounds(Struct, frozen=True):
    """What may be used at most.

    Attributes:
        rows: rows that an answer may have.
        pool: connections of this process.
        timeout: for a statement, room in the pool included.
    """

    rows: int = 10_000
    pool: int = 5
    timeout: Millis = 30_000


class Transaction:
    """Statements that all count, or none; made by `Database.transaction`."""

    def __init__(self, connection: AsyncConnection, bounds: Bounds) -> None:
        """Speak by this connection."""
        self._connection = connection
        self._bounds = bounds

    async def query(
        self, sql: LiteralString, params: Params = None, *, most: int | None = None
    ) -> list[dict[str, Any]]:
        """Ask for rows; see `Database.query`."""
        most = self._bounds.rows if most is None else most
        statement, values = _bound(sql, params)
        async with self._in_time():
            if _ASKS.match(sql) and not _WRITES.search(sql):
                # A cursor of the server's: what nobody takes is never sent.
                async with self._connection.stream(statement, values) as streamed:
                    rows = await streamed.mappings().fetchmany(most + 1)
            else:
                answer = await self._connection.execute(statement, values)
                rows = answer.mappings().fetchmany(most + 1) if answer.returns_rows else []
        if len(rows) > most:
            raise AnswerTooLarge(
                f"an answer has more than {most:,} rows",
                hint="ask for less of it, page by page, or give the call a larger `most`",
            )
        return [dict(row) for row in rows]

    async def execute(self, sql: LiteralString, params: Params = None) -> int:
        """Have something done; see `Database.execute`."""
        statement, values = _bound(sql, params)
        async with self._in_time():
            answer: CursorResult[Any] = await self._connection.execute(statement, values)
        return max(answer.rowcount, 0)

    @asynccontextmanager
    async def _in_time(self) -> AsyncIterator[None]:
        """Have the database itself end what takes too long: PostgreSQL has been told when."""
        length = self._bounds.timeout / 1_000
        driver = (await self._connection.get_raw_connection()).driver_connection
        ending: list[asyncio.Future[Any]] = []
        overdue = None
        if self._connection.dialect.name == "sqlite" and driver is not None:
            overdue = asyncio.get_running_loop().call_later(
                length, lambda: ending.append(asyncio.ensure_future(driver.interrupt()))
            )
        try:
            # The longer one is for a network that is cut: there is nobody to end it then.
            async with asyncio.timeout(length + _CUT):
                yield
        except DBAPIError as error:
            if ending or getattr(error.orig, "sqlstate", "") == _CANCELLED:
                told = words(self._bounds.timeout)
                raise TimeoutError(f"a statement took longer than {told}") from None
            raise
        finally:
            if overdue is not None:
                overdue.cancel()


class Database:
    """One database, SQLite or PostgreSQL.

    SQL is written in the program, and every value is a parameter, written `:name`: a type checker
    that knows `LiteralString` refuses a statement that is put together from anything else.

    Example:
        >>> db = current().services["database"]  # doctest: +SKIP
        >>> await db.query("select * from invoice where id = :id", {"id": 1})  # doctest: +SKIP
    """

    def __init__(self, url: str, bounds: Bounds | None = None) -> None:
        """Prepare; nothing is connected.

        Args:
            url: `sqlite:///shop.db` or `postgresql://user:password@host/name`.
            bounds: what may be used at most.

        Raises:
            InvalidOption: the URL is none, or one of another kind of database.
        """
        self._bounds = bounds or Bounds()
        self._others: dict[str, Database] = {}
        self._engine = _engine(url, self._bounds)

    def at(self, url: str) -> "Database":
        """Another database, with a pool of its own, that is closed with this one."""
        if url not in self._others:
            self._others[url] = Database(url, self._bounds)
        return self._others[url]

    async def query(
        self,
        sql: LiteralString,
        params: Mapping[str, Any] | None = None,
        *,
        most: int | None = None,
    ) -> list[dict[str, Any]]:
        """Ask for rows, each of which is answered as its values by column.

        Args:
            sql: one statement; parameters are written `:name`.
            params: a value for each of them.
            most: rows that the answer may have.

        Raises:
            AnswerTooLarge: there are more rows.
            InvalidArguments: a parameter without a value, or a value without a parameter.
            TimeoutError: it took too long.
            sqlalchemy.exc.SQLAlchemyError: the database refused it, or is away.
        """
        async with self.transaction() as transaction:
            return await transaction.query(sql, params, most=most)

    async def execute(self, sql: LiteralString, params: Params = None) -> int:
        """Have something done, in a transaction of its own; how many rows it has met.

        Args:
            sql: one statement; parameters are written `:name`.
            params: a value for each of them.

        Raises:
            InvalidArguments: a parameter without a value, or a value without a parameter.
            TimeoutError: it took too long; nothing was done.
            sqlalchemy.exc.SQLAlchemyError: the database refused it, or is away.
        """
        async with self.transaction() as transaction:
            return await transaction.execute(sql, params)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """Several statements that count when the block ends, and not if it raises.

        Example:
            >>> async with db.transaction() as tx:  # doctest: +SKIP
            ...     await tx.execute("update stock set left = left - 1 where id = :id", {"id": 7})
            ...     await tx.execute("insert into sold (id) values (:id)", {"id": 7})
        """
        async with self._engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                await connection.execute(_END_AFTER, {"millis": str(self._bounds.timeout)})
            yield Transaction(connection, self._bounds)

    async def aclose(self) -> None:
        """Let go of every connection."""
        others, self._others = self._others, {}
        for each in others.values():
            await each.aclose()
        await self._engine.dispose()


def _engine(url: str, bounds: Bounds) -> AsyncEngine:
    try:
        read = make_url(url)
    except ArgumentError:
        raise InvalidOption("the URL of a database is none", hint="write sqlite:///…") from None
    if read.drivername not in _DRIVERS:
        raise InvalidOption(
            f"no database is asked by {read.drivername}://",
            hint="use sqlite:/// or postgresql://",
        )
    return create_async_engine(
        read.set(drivername=_DRIVERS[read.drivername]),
        pool_size=bounds.pool,
        max_overflow=0,
        pool_timeout=bounds.timeout / 1_000,
        pool_pre_ping=True,  # a server may have been started anew
        # What is wrong with a statement is told in its job; its values may be nobody's business.
        hide_parameters=True,
    )


def _bound(sql: str, params: Params) -> tuple[TextClause, dict[str, Any]]:
    statement, values = text(sql), dict(params or {})
    wanted = statement.compile().params.keys()
    if wanted != values.keys():
        odd = ", ".join(sorted(map(str, wanted ^ values.keys())))
        raise InvalidArguments(
            f"parameters and values do not fit each other: {odd}",
            hint="write each as :name, and give a value for each name",
        )
    return statement, values
