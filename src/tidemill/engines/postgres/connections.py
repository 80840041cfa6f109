"""Connections to one server: made by whoever needs one and finds none idle, and kept for the next.

Not a pool that connects in the background: where the server is away, the caller is told what is
wrong at once, and where it is back, the next caller finds it, however long it was away.
"""

import select
import sys
import threading
from collections.abc import Callable
from typing import Any, Final

import psycopg
from psycopg.abc import PQGen

from tidemill.core.errors import StoreUnavailable
from tidemill.engines.postgres.link import Connection, PostgresLink
from tidemill.engines.postgres.manners import suits

_INTERVAL: Final = 0.1
"""Seconds between two looks of psycopg at whether to go on waiting."""


class OwnConnection(Connection):
    """A connection of our own, that does not wait for an answer for ever.

    A peer that has vanished without a word looks like one that thinks: the system's own keepalives
    take hours, and do not see beyond a proxy. So silence is taken for a loss.

    Attributes:
        patience: seconds to wait for the answer to a statement; `None`: for ever.
        is_pooled: whether somebody in between may hand each transaction another session.
        suits: whether a statement alone may run under the defaults of its user and database.
    """

    patience: float | None = None
    is_pooled = False
    suits = True

    def greet(self, question: str) -> None:
        """Ask what the session is like.

        Whoever stands in between gives us a number of its own making, by which we could cancel;
        the process that serves us has another one.

        Raises:
            psycopg.Error: there was no answer.
        """
        ((pid, isolation, for_statements, for_locks),) = self.execute(question).fetchall()
        self.is_pooled = pid != self.info.backend_pid
        self.suits = suits(isolation, for_statements, for_locks, self.patience)

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

    def has_word(self) -> bool:
        """Whether the server has said something that nobody has read, such as a farewell."""
        socket = self.pgconn.socket
        if sys.platform == "win32":
            return bool(select.select([socket], [], [], 0)[0])
        poll = select.poll()  # which knows sockets of any number
        poll.register(socket, select.POLLIN)
        return bool(poll.poll(0))


class Connections:
    """A few connections, lent and taken back."""

    def __init__(
        self,
        connect: Callable[[], OwnConnection],
        link: Callable[[OwnConnection], PostgresLink],
        most: int,
    ) -> None:
        """Make at most so many, when they are needed."""
        self._connect = connect
        self._link = link
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
            while (idle := self._take_idle()) is not None:
                if not idle[0].has_word():
                    return idle
                # Nobody has asked it anything: it says that it is gone, or why it will be.
                idle[0].close()
            connection = self._connect()
            return connection, self._link(connection)
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

    def _take_idle(self) -> tuple[OwnConnection, PostgresLink] | None:
        with self._lock:
            return self._idle.pop() if self._idle else None

    def _forget_idle(self) -> None:
        with self._lock:
            idle, self._idle = self._idle, []
        for connection, _ in idle:
            connection.close()
