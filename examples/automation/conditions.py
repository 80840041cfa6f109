"""Conditions: what has to be so when a job is to run, looked at when it is about to."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from msgspec import Meta, Struct

from examples.automation.executions import Status, status_of
from tidemill import JobContext, State, Tidemill

Clock = Annotated[str, Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
Minutes = Annotated[int, Meta(ge=1, le=43_200)]
"""Up to thirty days, for which events are kept."""


class LastStatus(Struct, frozen=True, rename="camel", tag="lastStatus", tag_field="rule"):
    """The last finished execution of a job came to this.

    Attributes:
        status: what it came to.
        job_id: of another job; empty: of this one.
    """

    status: Status
    job_id: str = ""


class Hours(Struct, frozen=True, rename="camel", tag="hours", tag_field="rule"):
    """The clock shows a time from one hour and minute on, up to and without another.

    Attributes:
        since: `"08:00"`.
        until: `"18:00"`; before `since` it means that of the next day.
    """

    since: Clock
    until: Clock
    timezone: str = "UTC"


class EventSeen(Struct, frozen=True, rename="camel", tag="eventSeen", tag_field="rule"):
    """An event of a pattern has happened within so many minutes."""

    pattern: Annotated[str, Meta(pattern=r"^[\w*-]+(\.[\w*-]+)*$")]
    minutes: Minutes = 60


class AtMost(Struct, frozen=True, rename="camel", tag="atMost", tag_field="rule"):
    """The job has been started less often than this within so many minutes."""

    times: Annotated[int, Meta(ge=1, le=1_000)]
    minutes: Minutes = 60


Condition = LastStatus | Hours | EventSeen | AtMost


class Facts(Struct, frozen=True):
    """What conditions look at.

    Attributes:
        tag: what executions of the job are found by.
    """

    app: Tidemill
    job: JobContext
    tag: str

    @property
    def now(self) -> datetime:
        """The moment at which they are looked at."""
        return datetime.fromtimestamp(self.app.store.clock.now() / 1_000, UTC)


async def unmet(conditions: tuple[Condition, ...], facts: Facts) -> str:
    """Why a job is not to run; empty: it is."""
    for each in conditions:
        if why := await look(each, facts):
            return why
    return ""


async def look(condition: Condition, facts: Facts) -> str:
    """Why one condition does not hold; empty: it does."""
    match condition:
        case LastStatus():
            return await _last_status(condition, facts)
        case Hours():
            return _hours(condition, facts)
        case EventSeen():
            return await _event_seen(condition, facts)
        case AtMost():
            return await _at_most(condition, facts)


async def _last_status(condition: LastStatus, facts: Facts) -> str:
    tag = f"job:{condition.job_id}" if condition.job_id else facts.tag
    ended = (State.COMPLETED, State.FAILED, State.CANCELLED)
    found = facts.app.jobs.find(tags=[tag], states=ended, tenant=facts.job.tenant)
    last = "none"
    async for each in found:
        seen = await each.asnapshot()
        # What a condition has held back has not run, and says nothing of how the job fares.
        if each.id != facts.job.id and seen.started_at is not None and not held_back(seen.reason):
            last = status_of(seen)
            break
    if last == condition.status:
        return ""
    return f"the last execution of {tag} is {last}, not {condition.status}"


def _hours(condition: Hours, facts: Facts) -> str:
    shows = facts.now.astimezone(ZoneInfo(condition.timezone)).strftime("%H:%M")
    since, until = condition.since, condition.until
    within = since <= shows < until if since <= until else shows >= since or shows < until
    if within:
        return ""
    return f"it is {shows} in {condition.timezone}, not from {since} to {until}"


async def _event_seen(condition: EventSeen, facts: Facts) -> str:
    since = facts.now - timedelta(minutes=condition.minutes)
    seen = await facts.app.events.astatistics(
        since, pattern=condition.pattern, tenant=facts.job.tenant
    )
    if seen.count:
        return ""
    return f"no event {condition.pattern} within {condition.minutes} minutes"


async def _at_most(condition: AtMost, facts: Facts) -> str:
    since = facts.now - timedelta(minutes=condition.minutes)
    count = 0
    async for each in facts.app.jobs.find(
        tags=[facts.tag], created_from=since, tenant=facts.job.tenant
    ):
        seen = each.seen or await each.asnapshot()
        started = seen.started_at is not None and not held_back(seen.reason)
        count += started and each.id != facts.job.id
        if count >= condition.times:
            return f"it has started {count} times within {condition.minutes} minutes"
    return ""


HELD_BACK: Final = "condition: "
"""What the reason of an execution begins with that a condition has held back."""


def held_back(reason: str) -> bool:
    """Whether an execution was held back by a condition."""
    return reason.startswith(HELD_BACK)
