"""How long a host wants to be left in peace, in the words of RFC 9110, section 10.2.3."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from tidemill.core.instants import Instant, Millis, from_datetime

_DIGITS = 9


def retry_after(headers: Mapping[str, str], now: Instant) -> Millis | None:
    """What `Retry-After` asks for, in seconds or until a moment; `None`: nothing sensible.

    A moment is told by the host's clock, so it counts from the answer's own `Date`.

    Args:
        headers: of the answer; names are looked up as they are written here.
        now: by our clock, where the answer has no date.

    Example:
        >>> retry_after({"Retry-After": "120"}, 0)
        120000
    """
    written = headers.get("Retry-After", "").strip()
    if written.isascii() and written.isdigit():
        return int(written) * 1_000 if len(written) <= _DIGITS else None
    at = _moment(written)
    if at is None:
        return None
    said_at = _moment(headers.get("Date", ""))
    return max(at - (now if said_at is None else said_at), 0)


def _moment(written: str) -> Instant | None:
    try:
        moment: datetime = parsedate_to_datetime(written)
        return from_datetime(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    except (ValueError, TypeError, OverflowError):
        return None
