"""Events as they travel."""

from typing import Annotated, Any

from pydantic import Field

from tidemill.api.shapes.shape import At, In, Json, Key, Limit, Name, Out, Past, Span, moment
from tidemill.client.event_figures import EventFigures
from tidemill.core.event import Event
from tidemill.events.subscription import Subscription
from tidemill.tasks.secret import MASK
from tidemill.tasks.veil import veiled

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
    since: Past | None = None
    until: Past | None = None
    cursor: Annotated[int | None, Field(ge=0, le=(1 << 63) - 1)] = None
    limit: Limit = 25


class LiveIn(In):
    """Which events are sent as they happen."""

    topics: Annotated[
        str,
        Field(max_length=2_000, examples=["jobs.*,invoice.**"], description="Patterns, by commas."),
    ] = "**"


class EventOut(Out):
    """A fact that happened."""

    position: int
    at: At
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


class FiguresIn(In):
    """Which events are counted."""

    since: Annotated[Past | None, Field(description="By default a day ago.")] = None
    pattern: Pattern = "**"
    tenant: Name | None = None


class CountOut(Out):
    """How many of one name, or of one source."""

    name: str
    count: int


class MinuteOut(Out):
    """How many in one minute."""

    at: At
    count: int


class FiguresOut(Out):
    """Events counted."""

    since: Annotated[str, Field(description="Later than asked for, where there were too many.")]
    whole: Annotated[bool, Field(description="Whether all since the moment asked for are counted.")]
    count: int
    names: Annotated[list[CountOut], Field(description="The twenty most frequent.")]
    sources: Annotated[list[CountOut], Field(description="The twenty most frequent.")]
    minutes: Annotated[list[MinuteOut], Field(description="Minutes without any are left out.")]


class CleanEventsIn(In):
    """What is to be deleted."""

    older_than: Annotated[Span, Field(description="At least 1h.", examples=["30d"])]


class CleanedOut(Out):
    """How much was deleted."""

    deleted: Annotated[int, Field(description="Events, and lines that jobs have said.")]


def figures_out(figures: EventFigures) -> dict[str, Any]:
    """Events counted, as they travel."""
    return {
        "since": moment(figures.since),
        "whole": figures.whole,
        "count": figures.count,
        "names": [{"name": name, "count": count} for name, count in figures.names],
        "sources": [{"name": name, "count": count} for name, count in figures.sources],
        "minutes": [{"at": moment(at), "count": count} for at, count in figures.minutes],
    }


def subscription_out(subscription: Subscription) -> dict[str, Any]:
    """A task that runs for events, as it travels."""
    return {
        "task": subscription.name,
        "pattern": subscription.pattern,
        "position": subscription.position,
    }


def event_out(event: Event, *, masked: bool) -> dict[str, Any]:
    """An event as it travels."""
    return {
        "position": event.position,
        "at": moment(event.at),
        "name": event.name,
        "tenant": event.tenant,
        "source": event.source,
        "payload": MASK if masked else veiled(event.payload),
        "masked": masked,
    }
