"""The engine of an application, opened when it is first needed and once."""

import os
import threading
from collections.abc import Callable
from typing import Final
from weakref import WeakSet

from tidemill.client.steps import Steps, ask
from tidemill.engines import open_engine
from tidemill.engines.protocol import Engine
from tidemill.loops.call import Elsewhere
from tidemill.loops.clock import Clock

_inherited: Final[list[Engine]] = []


class Store:
    """Hands out the open engine to any thread and any event loop.

    Attributes:
        url: where the jobs are kept.
        clock: the time that the store goes by, if it has none of its own.
        makes: whether a store that is not there is made when it is opened.
    """

    def __init__(self, url: str, clock: Clock) -> None:
        """Remember where the jobs are kept; nothing is opened yet."""
        self.url = url
        self.clock = clock
        self.makes = True
        self._lock = threading.Lock()
        self._engine: Engine | None = None
        self._open: Engine | None = None
        _stores.add(self)

    def engine(self) -> Steps[Engine]:
        """The open engine, as steps: opening may take a while the first time.

        Raises:
            InvalidOption: the URL names no engine.
            StoreError: the store cannot be opened.
        """
        return self._open or (yield from ask(Elsewhere(self.open_now)))

    @property
    def opened(self) -> Engine | None:
        """The engine if it is open already; for the shortest path."""
        return self._open

    def open_now(self) -> Engine:
        """The open engine; see `engine`."""
        with self._lock:
            if self._open is None:
                self._engine = self._engine or open_engine(self.url, clock=self.clock)
                self._engine.open(make=self.makes).wait()
                self._open = self._engine
            return self._open

    def close(self) -> Steps[None]:
        """Let go of the engine; the next use opens it again. Safe twice, and unopened."""
        with self._lock:
            engine, self._open = self._open, None
        if engine is not None:
            yield engine.close()

    def lend(self, url: str, clock: Clock) -> Callable[[], None]:
        """Keep jobs elsewhere for a while, by another clock; for tests of what uses this store.

        Returns:
            What ends it: the store elsewhere is let go of, and this one is as it was.
        """
        kept = (self.url, self.clock, self._engine, self._open)
        self.url, self.clock, self._engine, self._open = url, clock, None, None

        def give_back() -> None:
            if self._open is not None:
                self._open.close().wait()
            self.url, self.clock, self._engine, self._open = kept

        return give_back

    def forget(self) -> None:
        """After a fork the connections are still the parent's: open anew, and touch theirs never.

        They are kept rather than dropped, because closing an inherited SQLite connection would
        free the locks that the parent holds (sqlite.org, "How To Corrupt", section 2.6).
        """
        if self._engine is not None:
            _inherited.append(self._engine)
        self._lock = threading.Lock()
        self._engine = self._open = None


_stores: Final[WeakSet[Store]] = WeakSet()


def _forget_all() -> None:
    for store in _stores:
        store.forget()


if hasattr(os, "register_at_fork"):  # where there is fork, there is this
    os.register_at_fork(after_in_child=_forget_all)
