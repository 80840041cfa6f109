"""What a server sends, as the values that the store would have given."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, TypeVar
from urllib.parse import quote

import msgspec

from tidemill.client.directory import Kept
from tidemill.client.job import LogLine
from tidemill.client.why import Cause
from tidemill.core.identity import check_name
from tidemill.core.instants import Instant, Millis, from_datetime, to_datetime
from tidemill.core.job import Snapshot

T = TypeVar("T")
S = TypeVar("S", bound=msgspec.Struct)

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


def moment(written: datetime) -> str:
    """A point in time as it is sent."""
    return to_datetime(from_datetime(written)).isoformat()


def part(name: str) -> str:
    """A name as a part of a path."""
    return quote(name, safe="")


def value(
    type_: type[T], sent: Sent, *, at: Sequence[str] = (), spans: Sequence[str] = (), **read: Any
) -> T:
    """A value as the store has it.

    Args:
        type_: what it is.
        sent: its fields.
        at: which of them are points in time.
        spans: which are lengths of time.
        read: those that are read already.
    """
    times = {name: instant(sent[name]) for name in at}
    lengths = {name: length(sent[name]) for name in spans}
    return msgspec.convert(sent | times | lengths | read, type_, builtin_types=(bytes,))


def kept(of: S, sent: Sent, key: str) -> Kept[S]:
    """A value with the version that the server has told."""
    return Kept(key, of, msgspec.convert(sent["version"], int))


def nothing(_: Any) -> None:
    """What is read where there is nothing to say."""


def snapshot(sent: Sent) -> Snapshot:
    """A job as it was at that moment."""
    progress = sent["progress"]
    return value(
        Snapshot,
        sent,
        at=("created_at", "ready_at", "started_at", "finished_at", "expires_at"),
        spans=("timeout",),
        args=msgspec.json.encode(sent["arguments"]),
        result=None if sent["result"] is None else msgspec.json.encode(sent["result"]),
        progress=progress and progress | {"at": instant(progress["at"])},
        attempts=[_attempt(each) for each in sent.get("attempts") or ()],
        **_KEPT,
    )


def log_line(sent: Sent) -> LogLine:
    """A line of what a job said."""
    return value(LogLine, sent, at=("at",))


def causes(sent: Sent) -> tuple[Cause, ...]:
    """The reasons for which something does not run."""
    return tuple(
        [value(Cause, each, at=("until", "since"), spans=("per",)) for each in sent["causes"]]
    )


def _attempt(sent: Sent) -> Sent:
    return sent | {name: instant(sent[name]) for name in ("started_at", "ended_at")}


def owned(name: str) -> tuple[str, str]:
    """The tenant whose a thing is, and the part of a path that names it there.

    To those who reach every tenant, what is one tenant's is called `tenant/name`; no path of a
    server holds such a name, for it is asked about on behalf of that tenant.

    Raises:
        InvalidName: what stands before the slash is no name of a tenant.

    Example:
        >>> owned("acme/nightly"), owned("nightly")
        (('acme', 'nightly'), ('', 'nightly'))
    """
    owner, _, plain = name.rpartition("/")
    return owner and check_name("tenant", owner), part(plain)
