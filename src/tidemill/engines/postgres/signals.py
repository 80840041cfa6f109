"""Hints: told in this process after each commit, and to other processes by NOTIFY.

NOTIFY takes a lock that all committing transactions of the database share, so it is never part of
one that stores jobs: a thread gathers what is to be told for the `wake_window` of the URL and sends
it in one go, on a connection of its own. The last hint of a burst is sent like the first.

Who listens does so on another connection. When that is lost, it is made anew, and `resync` makes
good whatever was missed meanwhile.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable
from queue import Empty, SimpleQueue
from typing import Final

import msgspec
import psycopg
from msgspec import Struct

from tidemill.core.errors import StoreError
from tidemill.core.identity import new_id
from tidemill.core.signal import RESYNC, Signal
from tidemill.engines.postgres.link import Connection
from tidemill.engines.postgres.server import Server

LISTEN_FOR: Final = 0.2
"""Seconds after which a listener looks whether it is still wanted."""

ASK_AFTER: Final = 3.0
"""Seconds of silence after which a listener asks whether the server is still there."""

ANSWER_WITHIN: Final = 4.0
"""Seconds that it gives the server for that."""

AGAIN_AFTER: Final = 1.0
"""Seconds after which a lost connection is made anew."""

MOST_NAMES: Final = 100
"""More names than these are told as all: a notification holds less than 8,000 bytes."""

_log = logging.getLogger("tidemill")

_Listener = Callable[[Signal], None]


class _Letter(Struct, frozen=True):
    """What one process tells the others."""

    sender: str
    signals: tuple[Signal, ...]


class PostgresSignals:
    """The port of hints."""

    def __init__(self, server: Server) -> None:
        """Connect when someone listens, or there is something to tell."""
        self._server = server
        self._sender = new_id()
        self._channel = f"{server.address.schema}_hints"
        self._lock = threading.Lock()
        self._listeners: tuple[_Listener, ...] = ()
        self._outbox: SimpleQueue[Signal | None] = SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._hears = self._sends = False
        self._stop = threading.Event()

    def send(self, signal: Signal) -> None:
        """Tell every listener, in this process and in others."""
        self.tell((signal,))

    def tell(self, signals: Iterable[Signal]) -> None:
        """Pass hints on, here at once and to others in a moment."""
        for signal in signals:
            self._tell_here(signal)
            self._outbox.put(signal)
        with self._lock:
            if not self._sends:
                self._sends = True
                self._start(self._send, "tidemill-postgres-notifier")

    def listen(self, listener: _Listener) -> Callable[[], None]:
        """Call the listener with every hint until the answer is called."""
        with self._lock:
            self._listeners = (*self._listeners, listener)
            if not self._hears:
                self._hears = True
                self._start(self._hear, "tidemill-postgres-listener", self._begin())

        def leave() -> None:
            with self._lock:
                self._listeners = tuple(x for x in self._listeners if x is not listener)

        return leave

    def close(self) -> None:
        """Send what is still to be told, then fall silent and deaf."""
        with self._lock:
            self._stop.set()
            self._outbox.put(None)
            threads, self._threads = self._threads, []
        for thread in threads:
            thread.join()
        with self._lock:
            self._listeners = ()
            self._hears = self._sends = False
            self._stop.clear()
            self._outbox = SimpleQueue()

    def _start(self, run: Callable[..., None], name: str, *args: object) -> None:
        thread = threading.Thread(target=run, args=args, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _tell_here(self, signal: Signal) -> None:
        for listener in self._listeners:
            try:
                listener(signal)
            except Exception:  # noqa: BLE001 - it is logged; whoever has committed must go on
                _log.exception("a listener to hints failed at %s", signal.kind)

    def _begin(self) -> Connection | None:
        """Listen: from here on nothing is missed; `None`: the server is away."""
        try:
            connection = self._server.connect()
            connection.patience = ANSWER_WITHIN
            connection.execute(f'LISTEN "{self._channel}"')
        except (StoreError, psycopg.Error):
            return None
        return connection

    def _hear(self, connection: Connection | None) -> None:
        while not self._stop.is_set():
            if connection is not None:
                self._attend(connection)
                connection.close()
            if self._stop.wait(AGAIN_AFTER if connection is None else 0):
                return
            connection = self._begin()
            if connection is not None:
                self._tell_here(RESYNC)
        if connection is not None:
            connection.close()

    def _attend(self, connection: Connection) -> None:
        """Pass on what others tell, until the connection is lost or nobody wants it any more."""
        try:
            heard = time.monotonic()
            while not self._stop.is_set():
                if time.monotonic() - heard > ASK_AFTER:
                    # A peer that is gone without a word is as silent as one with nothing to tell.
                    connection.execute("SELECT 1")
                    heard = time.monotonic()
                for notice in connection.notifies(timeout=LISTEN_FOR):
                    heard = time.monotonic()
                    letter = msgspec.json.decode(notice.payload, type=_Letter)
                    if letter.sender != self._sender:
                        for signal in letter.signals:
                            self._tell_here(signal)
        except psycopg.Error:
            return

    def _send(self) -> None:
        connection: Connection | None = None
        going_on = True
        while going_on:
            first = self._outbox.get()
            if first is None:
                break
            time.sleep(self._server.address.wake_window)
            signals, going_on = self._gather(first)
            connection = self._post(connection, signals)
        if connection is not None:
            connection.close()

    def _gather(self, first: Signal) -> tuple[tuple[Signal, ...], bool]:
        """Everything that waits to be told, each kind once; whether there may be more to come."""
        names: dict[str, frozenset[str]] = {first.kind: first.names}
        going_on = True
        while going_on:
            try:
                signal = self._outbox.get_nowait()
            except Empty:
                break
            if signal is None:
                going_on = False
            elif signal.kind not in names:
                names[signal.kind] = signal.names
            else:
                known = names[signal.kind]
                # No names mean any.
                names[signal.kind] = known | signal.names if known and signal.names else frozenset()
        return tuple(
            Signal(kind, few if len(few) <= MOST_NAMES else frozenset())  # type: ignore[arg-type]  # a key is the kind of a signal
            for kind, few in names.items()
        ), going_on

    def _post(
        self, connection: Connection | None, signals: tuple[Signal, ...]
    ) -> Connection | None:
        """Tell other processes; answer the connection, if it still is one."""
        letter = msgspec.json.encode(_Letter(self._sender, signals)).decode()
        try:
            connection = connection or self._server.connect()
            connection.execute("SELECT pg_notify($1, $2)", (self._channel, letter))
        except (StoreError, psycopg.Error):
            if connection is not None:
                connection.close()
            return None
        return connection
