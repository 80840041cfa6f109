"""What a server sends, as the values that the store would have given."""

from datetime import datetime
from typing import Any

import msgspec

from tidemill.client.job import LogLine
from tidemill.client.why import Cause
from tidemill.core.error_info import ErrorInfo
from tidemill.core.instants import Instant, Millis, from_datetime
from tidemill.core.job import Attempt, Progress, Snapshot
from tidemill.core.outcome import Ending
from tidemill.core.state import State


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


def snapshot(sent: dict[str, Any]) -> Snapshot:
    """A job as it was at that moment; what servers keep for themselves is empty."""
    plain = {name: sent[name] for name in _ALIKE}
    moments = {name: instant(sent[name]) for name in _MOMENTS}
    result = sent["result"]
    return Snapshot(
        **plain,
        **moments,
        state=State(sent["state"]),
        args=msgspec.json.encode(sent["arguments"]),
        result=None if result is None else msgspec.json.encode(result),
        timeout=length(sent["timeout"]),
        tags=tuple(sent["tags"]),
        error=_error(sent["error"]),
        progress=_progress(sent["progress"]),
        attempts=tuple(map(_attempt, sent.get("attempts") or ())),
        policy=b"",
        fence=0,
        headers={},
        checkpoint=None,
    )


def log_line(sent: dict[str, Any]) -> LogLine:
    """A line of what a job said."""
    return LogLine(_known(sent["at"]), sent["level"], sent["message"], sent["fields"])


def cause(sent: dict[str, Any]) -> Cause:
    """A reason for which a job does not run."""
    moments = {name: instant(sent[name]) for name in ("until", "since")}
    return msgspec.convert({**sent, **moments}, Cause)


_ALIKE = (
    "id", "task", "queue", "tenant", "priority", "attempt", "max_attempts", "crashes", "gate",
    "waits_for", "worker", "cancel_requested", "unique_key", "limit_key", "rate_key", "batch",
    "source", "reason",
)  # fmt: skip
_MOMENTS = ("created_at", "ready_at", "started_at", "finished_at", "expires_at")


def _known(written: str) -> Instant:
    return from_datetime(datetime.fromisoformat(written))


def _error(sent: dict[str, str] | None) -> ErrorInfo | None:
    return None if sent is None else ErrorInfo(**sent)


def _progress(sent: dict[str, Any] | None) -> Progress | None:
    return None if sent is None else Progress(**{**sent, "at": _known(sent["at"])})


def _attempt(sent: dict[str, Any]) -> Attempt:
    ending = sent["ending"]
    return Attempt(
        sent["number"],
        sent["worker"],
        _known(sent["started_at"]),
        instant(sent["ended_at"]),
        None if ending is None else Ending(ending),
        _error(sent["error"]),
    )
