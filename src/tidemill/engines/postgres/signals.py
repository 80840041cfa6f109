"""Hints: told in this process after each commit, and to other processes by NOTIFY.

Of the transactions that have notified only one on the whole server commits at a time, so one that
stores jobs never does, unless a caller asks for it: a thread of its own sends hints on a connection
of its own. It sends the first one of a burst at once, rests for the `wake_window` of the URL, and
then sends in one go what was gathered meanwhile.

Who listens does so on another connection, which a thread of its own makes: nobody waits for it, for
whoever begins to listen may be an event loop. When it is there, and each time that it was lost and
is there again, `resync` makes good whatever was missed meanwhile.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable
from queue import SimpleQueue
from typing import Final, Literal

import msgspec
import psycopg
from msgspec import Struct

from tidemill.core.errors import StoreError
from tidemill.core.identity import new_id
from tidemill.core.signal import RESYNC, Signal
from tidemill.engines.postgres.hearing import hears
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
"""More names than these are not gathered, but told as any."""

MOST_BYTES: Final = 7_900
"""A longer letter names nobody: the server refuses a notification of 8,000 bytes or more, and with
it the transaction that it is told in."""

A_TRANSACTION: Final = "tx"
"""Who tells when it is no process of ours, but the commit of somebody's transaction."""

_log = logging.getLogger("tidemill")

_Kind = Literal["work", "control", "event", "resync"]
_Listener = Callable[[Signal], None]


class _Letter(Struct, frozen=True):
    """What one process tells the others."""

    sender: str
    signals: tuple[Signal, ...]


def channel_of(schema: str) -> str:
    """Where the hints of a store are told."""
    return f"{schema}_hints"


def letter(sender: str, signals: Iterable[Signal]) -> str:
    """What is told, as a notification carries it: names that do not fit into it are told as any."""
    told = _Letter(sender, tuple(signals))
    written = msgspec.json.encode(told)
    if len(written) > MOST_BYTES:
        kinds = dict.fromkeys([signal.kind for signal in told.signals])
        written = msgspec.json.encode(_Letter(sender, tuple([Signal(kind) for kind in kinds])))
    return written.decode()


class PostgresSignals:
    """The port of hints."""

    def __init__(self, server: Server) -> None:
        """Connect when someone listens, or there is something to tell."""
        self._server = server
        self._sender = new_id()
        self._channel = channel_of(server.address.schema)
        self._lock = threading.Lock()
        self._listeners: tuple[_Listener, ...] = ()
        self._untold: dict[_Kind, frozenset[str]] = {}
        self._bell: SimpleQueue[None] = SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._hears = self._sends = False
        self._is_away = self._is_in_vain = False
        self._is_open = False
        self._stop = threading.Event()

    def open(self) -> None:
        """Tell others from now on, and listen to them if somebody wants it."""
        with self._lock:
            self._is_open = True
            self._hear_others()

    def send(self, signal: Signal) -> None:
        """Tell every listener, in this process and in others."""
        self.tell((signal,))

    def tell(self, signals: Iterable[Signal]) -> None:
        """Pass hints on, here at once and to others in a moment."""
        for signal in signals:
            self._tell_here(signal)
            # No lock for this look: what is taken from here later on is sent later on.
            known = self._untold.get(signal.kind)
            if known is None or (known and not (signal.names and signal.names <= known)):
                self._gather(signal)

    def listen(self, listener: _Listener) -> Callable[[], None]:
        """Call the listener with every hint until the answer is called.

        Those of other processes are heard in a moment, when there is a connection. Whoever listens
        by then is told `resync`, so that nothing is missed from the call on.
        """
        with self._lock:
            self._listeners = (*self._listeners, listener)
            self._hear_others()

        def leave() -> None:
            with self._lock:
                self._listeners = tuple(x for x in self._listeners if x is not listener)

        return leave

    def close(self) -> None:
        """Send what is still to be told, then fall silent and deaf.

        What is told later, of work on other threads that ends only now, does not reach others.
        """
        with self._lock:
            self._is_open = False
            self._stop.set()
            self._bell.put(None)
            threads, self._threads = self._threads, []
        for thread in threads:
            thread.join()
        with self._lock:
            self._listeners = ()
            self._hears = self._sends = self._is_in_vain = False
            self._stop.clear()
            self._untold = {}
            self._bell = SimpleQueue()

    def _hear_others(self) -> None:
        """See to it that a thread listens if somebody wants it; under the lock."""
        wanted = self._listeners and self._is_open
        if wanted and not self._hears and self._server.address.listens is not None:
            self._hears = True
            self._start(self._hear, "tidemill-postgres-listener")

    def _start(self, run: Callable[[], None], name: str) -> None:
        thread = threading.Thread(target=run, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _tell_here(self, signal: Signal) -> None:
        for listener in self._listeners:
            try:
                listener(signal)
            except Exception:  # noqa: BLE001 - it is logged; whoever has committed must go on
                _log.exception("a listener to hints failed at %s", signal.kind)

    def _begin(self) -> Connection | None:
        """Listen: from the end of this on nothing is missed; `None`: away, or in vain."""
        connection: Connection | None = None
        try:
            connection = self._server.connect_to_listen()
            connection.patience = ANSWER_WITHIN
            # Before we listen: whatever else is heard while it is tried out, is thrown away.
            if connection.is_pooled and not self._is_heard_on(connection):
                self._is_in_vain = True
                connection.close()
                _log.warning(
                    "hints do not arrive through %s, which is a pooler: jobs are found by looking, "
                    "every `poll` (name the server itself: ?listen=postgresql://...)",
                    self._server.address.shown,
                )
                return None
            connection.execute(f'LISTEN "{self._channel}"')
        except (StoreError, psycopg.Error) as error:
            if connection is not None:
                connection.close()
            self._say_away(error)
            return None
        self._is_away = False
        return connection

    def _is_heard_on(self, listener: Connection) -> bool:
        with self._server.connect() as teller:
            return hears(listener, teller, self._server.address.schema)

    def _say_away(self, error: Exception) -> None:
        """Once, until it is back."""
        if not self._is_away:
            _log.warning("no hints are heard for now, jobs are found by looking: %s", error)
        self._is_away = True

    def _hear(self) -> None:
        while not self._stop.is_set():
            connection = self._begin()
            if self._is_in_vain:
                return
            if connection is None:
                self._stop.wait(AGAIN_AFTER)
                continue
            self._tell_here(RESYNC)
            self._attend(connection)
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
                    self._open_letter(notice.payload)
        except psycopg.Error:
            return

    def _open_letter(self, payload: str) -> None:
        try:
            told = msgspec.json.decode(payload, type=_Letter)
        except msgspec.DecodeError:
            return  # anyone may notify anything
        if told.sender != self._sender:
            for signal in told.signals:
                self._tell_here(signal)

    def _gather(self, signal: Signal) -> None:
        """Have it told to other processes."""
        with self._lock:
            if not self._is_open:
                return
            if not self._untold:
                self._bell.put(None)
            # No names mean any.
            known = self._untold.get(signal.kind, signal.names)
            names = known | signal.names if known and signal.names else frozenset()
            self._untold[signal.kind] = names if len(names) <= MOST_NAMES else frozenset()
            if not self._sends:
                self._sends = True
                self._start(self._send, "tidemill-postgres-notifier")

    def _send(self) -> None:
        connection: Connection | None = None
        is_last = False
        while not is_last:
            self._bell.get()
            is_last = self._stop.is_set()
            with self._lock:
                untold, self._untold = self._untold, {}
            if untold:
                signals = tuple([Signal(kind, names) for kind, names in untold.items()])
                connection = self._post(connection, signals)
                self._stop.wait(self._server.address.wake_window)
        if connection is not None:
            connection.close()

    def _post(
        self, connection: Connection | None, signals: tuple[Signal, ...]
    ) -> Connection | None:
        """Tell other processes; answer the connection, if it still is one."""
        told = letter(self._sender, signals)
        try:
            connection = connection or self._server.connect()
            # A hint need not outlive the server, so nobody waits for the disk; in one statement,
            # for a pooler may give the next one to another session.
            connection.execute(
                "SELECT set_config('synchronous_commit', 'off', true), pg_notify($1, $2)",
                (self._channel, told),
            )
        except (StoreError, psycopg.Error):
            if connection is not None:
                connection.close()
            return None
        return connection
