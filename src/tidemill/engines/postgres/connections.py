"""Connections to one server: made by whoever needs one and finds none idle, and kept for the next.

Not a pool that connects in the background: where the server is away, the caller is told what is
wrong at once, and where it is back, the next caller finds it, however long it was away.
"""

import select
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

import psycopg
from psycopg.abc import PQGen

from tidemill.core.errors import StoreUnavailable
from tidemill.engines.postgres.link import Connection, PostgresLink
from tidemill.engines.postgres.manners import ends_transactions, suits

_OK: Final = psycopg.pq.ConnStatus.OK
_IDLE: Final = psycopg.pq.TransactionStatus.IDLE

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
    _poll: Any = None

    def greet(self, question: str) -> None:
        """Ask what the session is like.

        Whoever stands in between gives us a number of its own making, by which we could cancel;
        the process that serves us has another one.

        Raises:
            psycopg.Error: there was no answer.
        """
        ((pid, isolation, statements, locks, whole),) = self.execute(question).fetchall()
        self.is_pooled = pid != self.info.backend_pid
        self.suits = suits(isolation, statements, locks, whole, self.patience)

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

    def take_time(self) -> None:
        """Let statements take as long as they do, whatever the defaults of the user are.

        Not behind a pooler: it would set this for whoever is lent the session next.

        Raises:
            psycopg.Error: there was no answer.
        """
        if not self.is_pooled:
            self.execute("SET statement_timeout = 0")
            if ends_transactions(self):
                self.execute("SET transaction_timeout = 0")

    def run_long(self, statement: str, goes_on: Callable[[], bool]) -> bool:
        """Run a statement that may take longer than our patience; whether it has ended.

        Args:
            statement: without values.
            goes_on: asked now and then whether to go on waiting.

        Raises:
            psycopg.Error: it failed, or the connection was lost.
        """
        self.pgconn.send_query(statement.encode())
        while True:
            while self.pgconn.is_busy():
                if self.has_word(within=_INTERVAL):
                    self.pgconn.consume_input()
                elif not goes_on():
                    return False
            result = self.pgconn.get_result()
            if result is None:
                return True
            if result.status == psycopg.pq.ExecStatus.FATAL_ERROR:
                raise psycopg.errors.error_from_result(result)

    def has_word(self, *, within: float = 0) -> bool:
        """Whether the server has said something that nobody has read, such as a farewell."""
        if sys.platform == "win32":
            return bool(select.select([self.pgconn.socket], [], [], within)[0])
        if self._poll is None:
            self._poll = select.poll()  # which knows sockets of any number
            self._poll.register(self.pgconn.socket, select.POLLIN)
        return bool(self._poll.poll(within * 1_000))


Loan = tuple[OwnConnection, PostgresLink]
"""A connection, and the link that runs statements on it.

The link is kept with the connection, because it learns how values of each type are sent."""


class Connections:
    """A few connections, lent and taken back."""

    def __init__(
        self,
        connect: Callable[[], OwnConnection],
        link: Callable[[OwnConnection], PostgresLink],
        most: int,
        lost: Callable[[], None],
    ) -> None:
        """Make at most so many, when they are needed; call `lost` when one was."""
        self._connect = connect
        self._link = link
        self._idle: list[Loan] = []
        self._room = most
        self._lost = lost
        self._waiting = 0
        self._change = threading.Condition()
        self._is_closed = False

    def take(self, patience: float) -> Loan:
        """An idle connection, or else a new one.

        Raises:
            StoreError: the one that names why there is none.
        """
        # The way of nearly every statement: one step that no other thread can come between.
        try:
            loan = self._idle.pop()
        except IndexError:
            return self._wait(patience) or self._make()
        # Nobody has asked it anything: a word from there says that it is gone, or why it will be.
        if not loan[0].has_word():
            return loan
        self._end(loan)
        return self.take(patience)

    def give_back(self, loan: Loan) -> None:
        """Keep it for the next one; if it was lost, others may be, too."""
        server_side = loan[0].pgconn
        if server_side.status != _OK:
            self._lost()
            self._end(loan)
        elif server_side.transaction_status != _IDLE:
            self._end(loan)
        else:
            self._idle.append(loan)
            if self._waiting:
                self._tell_of_change()
            if self._is_closed:
                self.forget_idle()

    def forget_idle(self) -> None:
        """End those that nobody has."""
        with suppress(IndexError):
            while True:
                self._end(self._idle.pop())

    def close(self) -> None:
        """End all that are idle now, and the others when they are given back."""
        self._is_closed = True
        self.forget_idle()

    def _wait(self, patience: float) -> Loan | None:
        """Wait for an idle connection, or for room to make one: `None`."""
        end = time.monotonic() + patience
        with self._change:
            # Said before the look: whoever gives one back later tells of it.
            self._waiting += 1
            try:
                while True:
                    with suppress(IndexError):
                        return self._idle.pop()
                    if self._room:
                        self._room -= 1
                        return None
                    if not self._change.wait(end - time.monotonic()):
                        break
            finally:
                self._waiting -= 1
        raise StoreUnavailable(
            f"no connection was free within {patience:g} s",
            hint="end what holds them for so long, or raise ?patience=",
        )

    def _make(self) -> Loan:
        try:
            connection = self._connect()
            return connection, self._link(connection)
        except BaseException:
            self._tell_of_change(made_room=1)
            raise

    def _end(self, loan: Loan) -> None:
        loan[0].close()
        self._tell_of_change(made_room=1)

    def _tell_of_change(self, *, made_room: int = 0) -> None:
        with self._change:
            self._room += made_room
            self._change.notify()
