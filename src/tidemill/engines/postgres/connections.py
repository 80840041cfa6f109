"""Connections to one server: made by whoever needs one and finds none idle, and kept for the next.

Not a pool that connects in the background: where the server is away, the caller is told what is
wrong at once, and where it is back, the next caller finds it, however long it was away.
"""

import threading
from collections.abc import Callable
from typing import Any, Final

import psycopg
from psycopg.abc import PQGen

from tidemill.core.errors import StoreUnavailable
from tidemill.engines.postgres.link import Connection, PostgresLink
from tidemill.engines.postgres.session import PsycopgSession

_INTERVAL: Final = 0.1
"""Seconds between two looks of psycopg at whether to go on waiting."""


class OwnConnection(Connection):
    """A connection of our own, that does not wait for an answer for ever.

    A peer that has vanished without a word looks like one that thinks: the system's own keepalives
    take hours, and do not see beyond a proxy. So silence is taken for a loss.

    Attributes:
        patience: seconds to wait for the answer to a statement; `None`: for ever.
    """

    patience: float | None = None

    def wait(
        self, gen: PQGen[Any], interval: float = _INTERVAL, timeout: float | None = None
    ) -> Any:
        """Wait for an answer, and close the connection if none comes.

        Raises:
            psycopg.OperationalError: none came.
        """
        if timeout is not None or self.patience is None:
            return super().wait(gen, interval, timeout)
        try:
            return super().wait(gen, interval, self.patience)
        except psycopg.errors._WaitTimeout as error:  # noqa: SLF001 - its public base has other causes
            self.close()
            raise psycopg.OperationalError(f"no answer within {self.patience:g} s") from error


class Connections:
    """A few connections, lent and taken back."""

    def __init__(self, connect: Callable[[], OwnConnection], schema: str, most: int) -> None:
        """Make at most so many, when they are needed."""
        self._connect = connect
        self._schema = schema
        self._room = threading.Semaphore(most)
        self._lock = threading.Lock()
        self._idle: list[tuple[OwnConnection, PostgresLink]] = []
        self._is_closed = False

    def take(self, patience: float) -> tuple[OwnConnection, PostgresLink]:
        """An idle connection, or else a new one, and the link that runs statements on it.

        The link is kept with the connection, because it learns how values of each type are sent.

        Raises:
            StoreError: the one that names why there is none.
        """
        if not self._room.acquire(timeout=patience):
            raise StoreUnavailable(
                f"no connection was free within {patience:g} s",
                hint="end what holds them for so long, or raise ?patience=",
            )
        try:
            with self._lock:
                if self._idle:
                    return self._idle.pop()
            connection = self._connect()
            return connection, PostgresLink(PsycopgSession(connection), self._schema)
        except BaseException:
            self._room.release()
            raise

    def give_back(self, connection: OwnConnection, link: PostgresLink) -> None:
        """Keep it for the next one; if it was lost, so are all that were made before."""
        idle = psycopg.pq.TransactionStatus.IDLE
        if connection.closed:
            self._forget_idle()
        elif connection.info.transaction_status != idle:
            connection.close()
        with self._lock:
            if not connection.closed and not self._is_closed:
                self._idle.append((connection, link))
        if self._is_closed:
            connection.close()
        self._room.release()

    def close(self) -> None:
        """End all that are idle now, and the others when they are given back."""
        self._is_closed = True
        self._forget_idle()

    def _forget_idle(self) -> None:
        with self._lock:
            idle, self._idle = self._idle, []
        for connection, _ in idle:
            connection.close()
