"""Subscription: a task that is to run for every event of a pattern, and how far it has come."""

from typing import Any, Final

import msgspec
from msgspec import Struct

from tidemill.core.errors import InvalidName
from tidemill.core.event import Event, Topic, check_event_name, compile_pattern, matches
from tidemill.core.identity import derived_id
from tidemill.core.instants import Millis
from tidemill.core.job import NewJob
from tidemill.core.record import Entry

KIND: Final = "subscription"
"""The kind of record that subscriptions are."""

PLATFORM: Final = frozenset(topic.split(".", 1)[0] for topic in Topic)
"""First words of the names of the platform's own events; nobody else may use them."""


class Subscription(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """As it is kept.

    Attributes:
        name: of the task that handles the events.
        pattern: of the events' names.
        job: what is enqueued for each, but for its id, its tenant, the event itself, and the times
            that are counted from the event; where it has a tenant, only events of that one count.
        delay: not before so long after the event.
        expires: cancelled if it has not started so long after it was due.
        position: every event up to here has been handed over.
    """

    name: str
    pattern: str
    job: NewJob
    delay: Millis | None = None
    expires: Millis | None = None
    position: int = 0

    def wants(self, name: str) -> bool:
        """Whether an event of this name is meant.

        A pattern that begins with a wildcard means the application's events only: what is done
        for every event ends in an event of the platform's, so it would never come to an end.
        """
        wild = self.pattern.startswith("*")
        return matches(self.pattern, name) and not (wild and is_platforms(name))

    def job_of(self, entry: Entry) -> NewJob | None:
        """The job for one event, always of the same id; `None` if it is not for this one."""
        if not self.wants(entry.topic) or self.job.tenant not in ("", entry.tenant):
            return None
        payload = self._without_own(entry.topic, msgspec.json.decode(entry.data))
        if payload is _NOTHING:
            return None
        event = Event(entry.position, entry.at, entry.topic, entry.tenant, entry.source, payload)
        due_at = self.job.due_at if self.delay is None else entry.at + self.delay
        return msgspec.structs.replace(
            self.job,
            id=derived_id("event", str(entry.position), self.name),
            args=msgspec.json.encode({"event": event}),
            due_at=due_at,
            expires_at=None if self.expires is None else (due_at or entry.at) + self.expires,
            tenant=entry.tenant,
            source=f"event:{entry.position}",
        )

    def _without_own(self, name: str, payload: Any) -> Any:
        """The payload without the handler's own jobs, whose ends would call it for ever."""
        if not is_platforms(name) or "jobs" not in payload:
            return payload
        others = [job for job in payload["jobs"] if job["task"] != self.name]
        return {**payload, "jobs": others} if others else _NOTHING


_NOTHING: Final = object()


def is_platforms(name: str) -> bool:
    """Whether an event of this name is one of the platform's own."""
    return name.split(".", 1)[0] in PLATFORM


def check_own_name(name: str) -> str:
    """Return the name if an application may emit events of it.

    Raises:
        InvalidName: it is no name of an event, or is one of the platform's.
    """
    if is_platforms(check_event_name(name)):
        raise InvalidName(
            f"event name {name!r} is the platform's",
            hint=f"begin with another word than {', '.join(sorted(PLATFORM))}",
        )
    return name


def check_pattern(pattern: str) -> str:
    """Return the pattern if it is one.

    Raises:
        InvalidName: it holds anything but words, `*` and `**` between dots.
    """
    compile_pattern(pattern)
    return pattern
