"""The reference says what the code does: each keyword, default, topic, pattern and time of it."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from inspect import signature
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from msgspec import structs

import tidemill
from tests.docs.pages import DOCS
from tidemill.client.queues import Queues
from tidemill.client.wishes import WishKeywords
from tidemill.core.event import Event, Topic, matches
from tidemill.core.instants import millis
from tidemill.core.job import NewJob
from tidemill.core.retry import RetryPolicy
from tidemill.core.unique import Unique
from tidemill.events.subscription import PLATFORM
from tidemill.schedules.cron import MACROS, parse
from tidemill.schedules.moments import next_moment
from tidemill.schedules.schedule import Schedule
from tidemill.schedules.store import ScheduleKeywords
from tidemill.tasks.options import TaskKeywords, TaskOptions
from tidemill.worker.options import Options, WorkerKeywords

OPTIONS = DOCS / "reference" / "options.md"
EVENTS = DOCS / "reference" / "events.md"
CRON = DOCS / "reference" / "cron.md"

NOT_LITERAL = {"by the function", "none", "host and process id"}


def section(page: Path, title: str) -> str:
    """What stands below a heading, up to the next one."""
    return page.read_text().split(f"\n## {title}\n", 1)[1].partition("\n## ")[0]


def rows(text: str) -> Iterator[list[str]]:
    """The cells of the rows that begin with a word of code."""
    for line in text.splitlines():
        if line.startswith("| `"):
            yield [cell.strip() for cell in line.strip("|").split(" | ")]


def code(cell: str) -> str:
    """The first word of code in a cell."""
    found = re.match(r"\|? ?`(.+?)`", cell)
    assert found, cell
    return found[1]


@pytest.mark.parametrize(
    ("title", "keywords"),
    [
        ("Tasks", list(TaskKeywords.__annotations__)),
        ("Retry policies", [*signature(tidemill.Retry.exponential).parameters]),
        ("Unique", [*signature(tidemill.unique).parameters][1:]),
        ("Wishes of one call", list(WishKeywords.__annotations__)),
        ("Schedules", list(ScheduleKeywords.__annotations__)),
        ("Rules of queues", [*signature(Queues.limit).parameters][2:]),
        ("Workers", list(WorkerKeywords.__annotations__)),
        ("The application", [*signature(tidemill.Tidemill).parameters]),
    ],
)
def test_each_keyword_is_there_and_none_is_invented(title: str, keywords: list[str]) -> None:
    assert [code(row[0]) for row in rows(section(OPTIONS, title))] == keywords


@pytest.mark.parametrize(
    ("title", "holder"),
    [
        ("Tasks", TaskOptions(executor="async")),
        ("Retry policies", RetryPolicy()),
        ("Unique", Unique()),
        ("Workers", Options(name="any")),
    ],
)
def test_each_default_is_as_it_says(title: str, holder: Any) -> None:
    for name, _, default, *_ in rows(section(OPTIONS, title)):
        if default not in NOT_LITERAL:
            assert is_default(default, getattr(holder, code(name)))


def test_the_defaults_of_schedules_are_as_it_says() -> None:
    plain = Schedule(name="plain", job=NewJob(id="", task="plain"))
    defaults = structs.asdict(plain) | structs.asdict(plain.calendar) | {"tz": plain.zone}
    for name, _, default, *_ in rows(section(OPTIONS, "Schedules")):
        if code(name) == "catchup":
            assert (default, plain.catchup) == ('`"latest"`', 1)
        elif default not in NOT_LITERAL:
            assert is_default(default, defaults[code(name)])


def is_default(said: str, value: object) -> bool:
    """Whether a value is what a cell says, where lengths of time are said in words."""
    meant = eval(code(said), dict(vars(tidemill)))  # noqa: S307 - our own page
    return bool(value == (millis(meant) if isinstance(meant, str) and value != meant else meant))


def test_the_events_of_the_platform_are_all_there() -> None:
    text = section(EVENTS, "The platform's events")
    assert [code(row[0]) for row in rows(text)] == [topic.value for topic in Topic]
    assert set(re.findall(r"`(\w+)`", text.partition(".")[0])) == PLATFORM


def test_the_fields_of_an_event_are_all_there() -> None:
    head = EVENTS.read_text().partition("\n## ")[0]
    fields = [code(row[0]) for row in rows(head)]
    assert fields == list(Event.__struct_fields__)


def test_patterns_mean_what_the_page_says() -> None:
    table = list(rows(section(EVENTS, "Patterns")))
    assert len(table) > 3
    for row in table:
        (pattern,), meant, others = (re.findall(r"`(.+?)`", cell) for cell in row)
        assert all(matches(pattern, name) for name in meant)
        assert not any(matches(pattern, name) for name in others)


def ticks(expression: str, where: ZoneInfo, begin: datetime, count: int) -> list[datetime]:
    """The first times, the beginning included, at which an expression comes."""
    found: list[datetime] = []
    before = begin - timedelta(seconds=1)
    while len(found) < count:
        moment = next_moment(parse(expression), where, before)
        assert moment is not None
        found.append(moment.astimezone(where))
        before = moment
    return found


def test_what_a_field_may_hold_comes_when_the_page_says() -> None:
    table = list(rows(section(CRON, "What a field may hold")))
    assert len(table) > 10
    utc = ZoneInfo("UTC")
    for expression, _, comes in table:
        said = comes.strip(" |").split(", ")
        found = ticks(code(expression), utc, datetime(2026, 1, 1, tzinfo=utc), len(said))
        assert [f"{tick:%d %b %H:%M}" for tick in found] == said


def test_through_a_change_of_the_clock_it_comes_when_the_page_says() -> None:
    table = list(rows(section(CRON, "When a clock is changed")))
    assert len(table) > 5
    for expression, zone, begin, comes in table:
        where, said = ZoneInfo(zone), comes.strip(" |").split(", ")
        first = datetime.fromisoformat(begin).replace(tzinfo=where)
        found = ticks(code(expression), where, first, len(said))
        assert [f"{tick:%d %b %H:%M %z}" for tick in found] == said


def test_the_macros_are_all_there() -> None:
    assert all(f"`{macro}`" in CRON.read_text() for macro in MACROS)
