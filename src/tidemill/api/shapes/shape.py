"""What all shapes have in common, and the words that they are made of."""

from datetime import UTC, datetime
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, Strict

from tidemill.core.instants import LONGEST_WORDS, Instant, Millis, to_datetime

_FIRST: Final = datetime(1970, 1, 1, tzinfo=UTC)
_END: Final = datetime(9001, 1, 1, tzinfo=UTC)
"""Where moments end that one may ask about: so far from the last one that `datetime` knows that it
can be moved by a length of time and told in any time zone."""


class In(BaseModel):
    """What callers send: whatever is not asked for is refused, and nothing is guessed."""

    model_config = ConfigDict(extra="forbid")


class Out(BaseModel):
    """What callers get, as the document says it; what is sent is written by hand."""

    model_config = ConfigDict(extra="forbid")


def with_zone(moment: datetime) -> datetime:
    """A moment in UTC.

    Raises:
        ValueError: nobody can tell which one it is, or it is too far away.
    """
    if moment.tzinfo is None:
        raise ValueError("a moment needs its offset, such as 2026-11-30T08:00:00Z")
    if not _FIRST <= moment < _END:
        raise ValueError("a moment lies in the years 1970 to 9000")
    return moment.astimezone(UTC)


Moment = Annotated[
    datetime,
    AfterValidator(with_zone),
    Field(
        description="RFC 3339, with an offset; from 1970 to 9000.",
        examples=["2026-11-30T08:00:00Z"],
    ),
]
Past = Annotated[
    Moment
    | Annotated[str, Field(pattern=r"^-\d{1,6}[smhdw]$", description="So long ago by our clock.")],
    Field(description="A moment, or so long ago.", examples=["-24h"]),
]
"""Where a stretch of time begins or ends that one asks about; `Desk.moment` reads it."""
At = Annotated[
    str, Field(json_schema_extra={"format": "date-time"}, examples=["2026-11-30T08:00:00.000Z"])
]
"""A moment in an answer: in UTC, to the millisecond."""
Span = Annotated[
    Annotated[str, Field(max_length=LONGEST_WORDS)] | Annotated[float, Strict()],
    Field(
        description='A length of time: seconds, or words such as `"1h30m"`.', examples=["10m", 90]
    ),
]
Name = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.\-]{0,127}$",
        description="Letters, digits, `_`, `.` and `-`; at most 128.",
        examples=["email"],
    ),
]
Key = Annotated[str, Field(min_length=1, max_length=255, description="Any printable text.")]
Words = Annotated[str, Field(max_length=10_000)]
Limit = Annotated[int, Field(ge=1, le=200, description="Things on one page, at most.")]
Json = Annotated[Any, Field(description="Any JSON value.")]


def moment(instant: Instant | None) -> str | None:
    """A point in time as it travels.

    Example:
        >>> moment(0)
        '1970-01-01T00:00:00.000Z'
    """
    if instant is None:
        return None
    return to_datetime(instant).strftime("%Y-%m-%dT%H:%M:%S.") + f"{instant % 1_000:03}Z"


def seconds(length: Millis | None) -> float | None:
    """A length of time as it travels."""
    return None if length is None else length / 1_000
