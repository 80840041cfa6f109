"""Job definitions as they are kept: which handler of which module runs when, and with what."""

import re
from datetime import datetime
from typing import Any, Final, Literal, NamedTuple
from zoneinfo import available_timezones

import msgspec
from msgspec import Struct

from examples.automation.conditions import Condition, Hours
from tidemill.errors import InvalidOption

DEFAULT_TIMEOUT: Final = 300_000
"""Milliseconds that one attempt has, where nothing else is said: `JOB_DEFAULT_TIMEOUT`."""
DEFAULT_RETRIES: Final = 2
"""Attempts after the first one, where nothing else is said: three in all, `JOB_DEFAULT_RETRIES`."""
MOST_RETRIES: Final = 99

SCHEDULES: Final = "automation.job."
"""What the names of the schedules of definitions begin with."""

_ID: Final = re.compile(r"(?=.{1,100}\Z)[A-Za-z0-9_\-]+(\.[A-Za-z0-9_\-]+)*")


class Preset(NamedTuple):
    """A schedule that people choose by its name."""

    label: str
    schedule: str


PRESETS: Final = (
    Preset("Every minute", "* * * * *"),
    Preset("Every 5 minutes", "*/5 * * * *"),
    Preset("Every 15 minutes", "*/15 * * * *"),
    Preset("Every 30 minutes", "*/30 * * * *"),
    Preset("Every hour", "0 * * * *"),
    Preset("Every 6 hours", "0 */6 * * *"),
    Preset("Every day at midnight", "0 0 * * *"),
    Preset("Every day at noon", "0 12 * * *"),
    Preset("Every Monday at 9", "0 9 * * 1"),
    Preset("By hand only", ""),
)


PriorityName = Literal["low", "normal", "high", "critical"]


class Days(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Days on which a schedule rests.

    Attributes:
        business_days: it comes from Monday to Friday only.
        holidays: not on public holidays there: `"AU"`, `"AU-NSW"`.
        blackouts: not from each first moment on, up to and without each second.
    """

    business_days: bool = False
    holidays: str = ""
    blackouts: tuple[tuple[datetime, datetime], ...] = ()


class JobDefinition(Struct, frozen=True, kw_only=True, rename="camel"):
    """A job as people define it; each time that it runs is an execution.

    Attributes:
        module_id: the module that brings the handler.
        handler: the name of the handler in its module's manifest.
        schedule: cron expression; empty: by hand only.
        timezone: of the schedule.
        days: when the schedule rests.
        enabled: whether the schedule comes.
        priority: `"low"`, `"normal"`, `"high"` or `"critical"`.
        timeout: milliseconds that one attempt has.
        retries: attempts after the first one: `2` means three in all.
        config: what the handler is given as its configuration.
        conditions: what has to be so when it is to run; else the execution is cancelled.
        origin: `"manifest"` or `"person"`.
        declared: digest of what the manifest says of it.
        created_at: milliseconds since 1970.
        updated_at: the same, of the last change.
    """

    id: str
    name: str
    module_id: str
    handler: str
    description: str = ""
    schedule: str = ""
    timezone: str = "UTC"
    days: Days = Days()
    enabled: bool = True
    priority: PriorityName = "normal"
    timeout: int = DEFAULT_TIMEOUT
    retries: int = DEFAULT_RETRIES
    config: dict[str, Any] = {}
    conditions: tuple[Condition, ...] = ()
    origin: str = "person"
    declared: str = ""
    created_at: int = 0
    updated_at: int = 0

    @property
    def task(self) -> str:
        """The task that its executions are jobs of."""
        return f"{self.module_id}.{self.handler}"

    @property
    def schedule_name(self) -> str:
        """What its schedule is called."""
        return SCHEDULES + self.id

    @property
    def tag(self) -> str:
        """What its executions are found by."""
        return tag_of(self.id)


def tag_of(id_: str) -> str:
    """What the executions of a definition are found by."""
    return f"job:{id_}"


def id_of(tags: tuple[str, ...], task: str) -> str:
    """The definition that an execution is of; one that an event has called is of its handler."""
    named = [tag.removeprefix("job:") for tag in tags if tag.startswith("job:")]
    return named[0] if named else task


def checked(definition: JobDefinition) -> JobDefinition:
    """The definition, if its own parts make sense.

    Raises:
        InvalidOption: one of them does not.
    """
    if not _ID.fullmatch(definition.id):
        raise InvalidOption(
            f"{definition.id!r} is no id",
            hint="use words of letters, digits, '_' and '-', with dots between them",
        )
    if not definition.name.strip() or len(definition.name) > 200:
        raise InvalidOption("a job needs a name", hint="of up to 200 characters")
    if not 1 <= definition.timeout <= 86_400_000:
        raise InvalidOption(
            f"a timeout of {definition.timeout} ms is not possible", hint="from 1 ms to a day"
        )
    if not 0 <= definition.retries <= MOST_RETRIES:
        raise InvalidOption(
            f"{definition.retries} retries are not possible", hint=f"from 0 to {MOST_RETRIES}"
        )
    for condition in definition.conditions:
        if isinstance(condition, Hours) and condition.timezone not in available_timezones():
            raise InvalidOption(
                f"there is no time zone {condition.timezone!r}", hint='such as "Australia/Sydney"'
            )
    return definition


def plain(definition: Struct) -> dict[str, Any]:
    """A definition, or a template, as it is kept and as it travels."""
    told: dict[str, Any] = msgspec.to_builtins(definition)
    return told
