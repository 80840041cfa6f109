"""What happened, told by a server, and saying it there; see `client.events.Events`."""

from itertools import islice, takewhile
from typing import Any, Final

import msgspec

from tidemill.core.event import Event
from tidemill.remote.reading import Sent, value
from tidemill.remote.wire import Wire

_MOST: Final = 200
"""Events on one page."""


class RemoteEvents:
    """The events behind a server."""

    def __init__(self, wire: Wire) -> None:
        """Ask this server."""
        self._wire = wire

    def emit(self, name: str, payload: Any = None, *, source: str = "") -> int:
        """Say that something happened; answer the event's position in the log."""
        body = {"name": name, "payload": payload, "source": source or None}
        return self._wire.ask(_position, "POST", "/events", body)

    def recent(self, count: int = 25, *, pattern: str = "**") -> list[Event]:
        """The newest events of a pattern, newest first, however far back they lie."""
        pages = self._wire.pages(
            _event, "/events", "events", {"pattern": pattern}, limit=min(count, _MOST)
        )
        return list(islice(pages, count))

    def read(self, after: int = 0) -> list[Event]:
        """Events behind a position, oldest first; go on from the last one's position."""
        pages = self._wire.pages(_event, "/events", "events", {}, limit=_MOST)
        return [*takewhile(lambda event: event.position > after, pages)][::-1]


def _event(sent: Sent) -> Event:
    return value(Event, sent, at=("at",))


def _position(sent: Sent) -> int:
    return msgspec.convert(sent["position"], int)
