"""What all shapes have in common, and the words that they are made of."""

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, Strict

from tidemill.core.instants import Instant, Millis, to_datetime


class In(BaseModel):
    """What callers send: whatever is not asked for is refused, and nothing is guessed."""

    model_config = ConfigDict(extra="forbid")


class Out(BaseModel):
    """What callers get, as the document says it; what is sent is written by hand."""

    model_config = ConfigDict(extra="forbid")


def _with_zone(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment needs its offset, such as 2026-11-30T08:00:00Z")
    return moment.astimezone(UTC)


Moment = Annotated[
    datetime,
    AfterValidator(_with_zone),
    Field(description="RFC 3339, with an offset.", examples=["2026-11-30T08:00:00Z"]),
]
Span = Annotated[
    str | Annotated[float, Strict()],
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
