"""Hints, told at once to every listener of this engine."""

import logging
from collections.abc import Callable

from tidemill.core.signal import Signal

_log = logging.getLogger("tidemill")


class MemorySignals:
    """The port of hints."""

    def __init__(self) -> None:
        """Begin with nobody who listens."""
        self._listeners: dict[object, Callable[[Signal], None]] = {}

    def send(self, signal: Signal) -> None:
        """Tell every listener, on this thread."""
        # A copy, for a listener may leave, or bring another one, while it is told.
        for listener in tuple(self._listeners.values()):
            try:
                listener(signal)
            except Exception:  # noqa: BLE001 - it is logged; what was done is done
                _log.exception("a listener to hints failed at %s", signal.kind)

    def listen(self, listener: Callable[[Signal], None]) -> Callable[[], None]:
        """Call the listener with every hint until the answer is called."""
        seat = object()
        self._listeners[seat] = listener

        def leave() -> None:
            self._listeners.pop(seat, None)

        return leave

    def close(self) -> None:
        """Let all listeners go."""
        self._listeners.clear()
