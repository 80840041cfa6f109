"""Events as they travel."""

from typing import Annotated, Any

from pydantic import Field

from tidemill.api.shapes.jobs import MASK
from tidemill.api.shapes.shape import In, Json, Key, Limit, Moment, Name, Out, moment
from tidemill.core.event import Event

EventName = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9_\-]+(\.[A-Za-z0-9_\-]+)*$",
        max_length=255,
        examples=["invoice.paid"],
        description="Dotted words.",
    ),
]
Pattern = Annotated[
    str,
    Field(
        max_length=255,
        examples=["invoice.*"],
        description="Dotted words; `*` is one word, `**` any number.",
    ),
]


class EmitIn(In):
    """Something that has happened."""

    name: EventName
    payload: Json = None
    source: Annotated[Key | None, Field(description="Who says it.")] = None
    tenant: Annotated[
        Name | None, Field(description="Only for callers who reach every tenant.")
    ] = None


class EmittedOut(Out):
    """Where an event stands in the log."""

    position: int


class EventsIn(In):
    """Which events are looked for; every one given must hold."""

    pattern: Pattern = "**"
    source: Key | None = None
    tenant: Name | None = None
    since: Moment | None = None
    until: Moment | None = None
    cursor: Annotated[int | None, Field(ge=0, le=(1 << 63) - 1)] = None
    limit: Limit = 25


class EventOut(Out):
    """A fact that happened."""

    position: int
    at: str
    name: str
    tenant: str
    source: str
    payload: Json
    masked: bool


class EventsOut(Out):
    """Events, newest first."""

    events: list[EventOut]
    cursor: Annotated[
        int | None,
        Field(description="For what comes before; a page may be short and yet have one."),
    ]


class SubscriptionOut(Out):
    """A task that runs for every event of a pattern."""

    task: str
    pattern: str
    position: Annotated[int, Field(description="The last event that was handed over.")]


class SubscriptionsOut(Out):
    """Tasks that run for events."""

    subscriptions: list[SubscriptionOut]


def event_out(event: Event, *, masked: bool) -> dict[str, Any]:
    """An event as it travels."""
    return {
        "position": event.position,
        "at": moment(event.at),
        "name": event.name,
        "tenant": event.tenant,
        "source": event.source,
        "payload": MASK if masked else event.payload,
        "masked": masked,
    }
