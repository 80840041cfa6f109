"""Hints: told in this process after each commit, noticed in others by watching the file.

`PRAGMA data_version` changes on a connection whenever another connection has committed, for a few
microseconds a look and with no lock. So each process that listens watches the file on a
connection of its own that never writes, and passes `resync` on when it sees a change. It cannot
miss one: the number only grows, and it is compared with the last one seen, for the first time
before `listen` returns. What came while the file could not be looked at is made good by one
`resync` more. A commit of this process's writer changes the number, too; those are told at once,
and the watcher's look after them costs a listener at most one needless question.
"""

import logging
import threading
from collections.abc import Callable, Iterable
from typing import Final

from tidemill.core.errors import StoreError
from tidemill.core.signal import RESYNC, Signal
from tidemill.engines.sqlite.driver import Link, Row
from tidemill.engines.sqlite.file import StoreFile

LOOK_EVERY: Final = 0.005
"""Seconds between looks at the file while someone listens."""

AGAIN_AFTER: Final = 1.0
"""Seconds after which a file that could not be looked at is opened anew."""

_log = logging.getLogger("tidemill")

_Sight = tuple[Link, list[Row]]
"""A connection, and what it saw of the file last."""

_Listener = Callable[[Signal], None]


class SQLiteSignals:
    """The port of hints."""

    def __init__(self, file: StoreFile) -> None:
        """Watch nothing until someone listens."""
        self._file = file
        self._lock = threading.Lock()
        self._listeners: tuple[_Listener, ...] = ()
        self._watcher: threading.Thread | None = None
        self._stop = threading.Event()

    def send(self, signal: Signal) -> None:
        """Tell every listener in this process; others notice the commit that caused it."""
        self.tell((signal,))

    def tell(self, signals: Iterable[Signal]) -> None:
        """Pass hints on."""
        for listener in self._listeners:
            for signal in signals:
                try:
                    listener(signal)
                except Exception:  # noqa: BLE001 - it is logged; the writer must go on
                    _log.exception("a listener to hints failed at %s", signal.kind)

    def listen(self, listener: _Listener) -> Callable[[], None]:
        """Call the listener with every hint until the answer is called."""
        with self._lock:
            self._listeners = (*self._listeners, listener)
            if self._watcher is None:
                self._stop.clear()
                self._watcher = threading.Thread(
                    target=self._watch,
                    args=(self._begin(),),
                    name="tidemill-sqlite-watcher",
                    daemon=True,
                )
                self._watcher.start()

        def leave() -> None:
            with self._lock:
                self._listeners = tuple(x for x in self._listeners if x is not listener)

        return leave

    def close(self) -> None:
        """Stop watching."""
        with self._lock:
            watcher, self._watcher = self._watcher, None
            self._listeners = ()
        if watcher is not None:
            self._stop.set()
            watcher.join()

    def _begin(self) -> _Sight | None:
        """Look for the first time: from here on nothing is missed; `None`: the store is away."""
        try:
            link = self._file.connect(read_only=True)
        except StoreError:
            return None
        try:
            return link, link.rows("PRAGMA data_version")
        except self._file.driver.errors:
            link.close()
            return None

    def _watch(self, sight: _Sight | None) -> None:
        while not self._stop.is_set():
            if sight is not None:
                self._look(*sight)
            elif self._stop.wait(AGAIN_AFTER):
                return
            # The store is away: it has no news, and when it is back there may be some.
            sight = self._begin()
            if sight is not None:
                self.tell((RESYNC,))

    def _look(self, link: Link, seen: list[Row]) -> None:
        try:
            while not self._stop.wait(LOOK_EVERY):
                version = link.rows("PRAGMA data_version")
                if version != seen:
                    seen = version
                    self.tell((RESYNC,))
        except self._file.driver.errors:
            return
        finally:
            link.close()
