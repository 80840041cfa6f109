"""What a server sends, as the values that the store would have given."""

from datetime import datetime
from typing import Any, Final

import msgspec

from tidemill.client.job import LogLine
from tidemill.client.why import Cause
from tidemill.core.instants import Instant, Millis, from_datetime
from tidemill.core.job import Snapshot

Sent = dict[str, Any]
"""A JSON object of a server."""

_KEPT: Final = {"policy": b"", "fence": 0, "headers": {}, "checkpoint": None}
"""What servers tell nobody of a job."""


def instant(written: str | None) -> Instant | None:
    """A point in time.

    Example:
        >>> instant("1970-01-01T00:00:01.500Z")
        1500
    """
    return None if written is None else from_datetime(datetime.fromisoformat(written))


def length(seconds: float | None) -> Millis | None:
    """A length of time.

    Example:
        >>> length(1.5)
        1500
    """
    return None if seconds is None else round(seconds * 1_000)


def snapshot(sent: Sent) -> Snapshot:
    """A job as it was at that moment."""
    attempts = [_timed(each, "started_at", "ended_at") for each in sent.get("attempts") or ()]
    timed = _timed(sent, "created_at", "ready_at", "started_at", "finished_at", "expires_at")
    read = {
        "args": msgspec.json.encode(sent["arguments"]),
        "result": _json(sent["result"]),
        "timeout": length(sent["timeout"]),
        "progress": sent["progress"] and _timed(sent["progress"], "at"),
        "attempts": attempts,
    }
    return msgspec.convert(timed | read | _KEPT, Snapshot, builtin_types=(bytes,))


def log_line(sent: Sent) -> LogLine:
    """A line of what a job said."""
    return msgspec.convert(_timed(sent, "at"), LogLine)


def cause(sent: Sent) -> Cause:
    """A reason for which a job does not run."""
    return msgspec.convert(_timed(sent, "until", "since"), Cause)


def _timed(sent: Sent, *names: str) -> Sent:
    """The same, with these moments as the store has them."""
    return {**sent, **{name: instant(sent[name]) for name in names}}


def _json(sent: object) -> bytes | None:
    return None if sent is None else msgspec.json.encode(sent)
