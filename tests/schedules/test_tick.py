"""One tick makes one job, for any number of nodes, and however late they are."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, ClassVar, cast

import msgspec
import pytest

from tests.schedules.ticking import call, jobs_of, made_by, template, tick
from tidemill import Tidemill, unique
from tidemill.core.errors import NotUnique
from tidemill.core.instants import to_datetime
from tidemill.core.record import Put
from tidemill.core.state import State
from tidemill.engines.protocol import Engine
from tidemill.schedules.schedule import ON_TIME, Schedule
from tidemill.schedules.store import Schedules
from tidemill.schedules.tick import Scheduler, due_ticks
from tidemill.testing import ManualClock
from tidemill.testing.clock import START


def test_a_tick_makes_a_job_when_its_time_comes(
    app: Tidemill, schedules: Schedules, clock: ManualClock
) -> None:
    schedules.create("hourly", call(app), pattern="0 * * * *")
    tick(app.open(), clock)
    assert jobs_of(app, "hourly") == []
    clock.advance("1h")
    tick(app.open(), clock)
    tick(app.open(), clock)
    assert jobs_of(app, "hourly") == [clock.now()]


def test_eight_nodes_over_a_day_make_each_tick_once(
    app: Tidemill, schedules: Schedules, clock: ManualClock
) -> None:
    patterns = ["*/7 * * * *", "0 * * * *", "*/15 8-17 * * *", "30 2 * * *"]
    for number, pattern in enumerate(patterns):
        schedules.create(f"s{number}", call(app), pattern=pattern, tz="Europe/Berlin")
    schedules.create("s4", call(app), every="90s")
    begun = clock.now()
    engine, dice = app.open(), random.Random(7)
    nodes = [Scheduler(engine, clock) for _ in range(8)]

    async def one_day() -> None:
        while clock.now() < begun + 86_400_000:
            # A tick that is found more than a minute late counts as missed.
            clock.advance(dice.choice([1, 57, 58, 59]))
            await asyncio.gather(*(node.run_once() for node in dice.sample(nodes, 3)))

    asyncio.run(one_day())
    for number in range(5):
        schedule = schedules.get(f"s{number}")
        expected, at = [], schedule.tick_after(begun)
        while at is not None and at <= clock.now():
            expected.append(at)
            at = schedule.tick_after(at)
        made = made_by(app, schedule.name)
        assert len(made) == len(expected)
        assert {job.id for job in made} == {schedule.job_of(at).id for at in expected}


@pytest.mark.parametrize(("catchup", "made"), [("none", 0), ("latest", 1), (3, 3), ("all", 9)])
def test_missed_ticks_are_made_up_for_as_the_schedule_says(
    app: Tidemill, schedules: Schedules, clock: ManualClock, catchup: str | int, made: int
) -> None:
    schedules.create("hourly", call(app), pattern="0 * * * *", catchup=catchup)
    clock.advance("9h30m")
    tick(app.open(), clock)
    assert len(jobs_of(app, "hourly")) == made
    clock.advance("30m")
    tick(app.open(), clock)
    assert len(jobs_of(app, "hourly")) == made + 1


def test_a_long_downtime_of_a_short_interval_is_jumped_over(
    app: Tidemill, schedules: Schedules, clock: ManualClock
) -> None:
    schedules.create("often", call(app), every="1s", catchup="latest")
    clock.advance("365d")
    tick(app.open(), clock)
    # The last minute is on time, one tick a second, and the latest missed one is made up for.
    assert len(jobs_of(app, "often")) == 62


def test_a_long_downtime_of_a_cron_expression_is_jumped_over(app: Tidemill) -> None:
    """Every second for a year: of its 31 million ticks only those that count are walked."""
    year = 365 * 86_400_000
    schedule = Counted(
        name="often", job=template(app), cron="* * * * * *", next_at=START, catchup=3
    )
    ticks, onward = due_ticks(schedule, START + year)
    assert ticks == [START + year - ON_TIME + second * 1_000 for second in range(-3, 61)]
    assert onward == START + year + 1_000
    assert Counted.walked < 2_000


def test_a_tick_that_a_zone_no_longer_has_is_still_the_first_one_missed(app: Tidemill) -> None:
    odd = START + 1_234_000
    schedule = Schedule(name="odd", job=template(app), cron="0 * * * *", next_at=odd, catchup=9)
    ticks, _ = due_ticks(schedule, START + 3 * 3_600_000)
    assert ticks == [odd, *(START + hour * 3_600_000 for hour in (1, 2, 3))]


class Counted(Schedule, frozen=True, kw_only=True):
    """Counts how often the next tick is computed."""

    walked: ClassVar[int] = 0

    def tick_after(self, instant: int) -> int | None:
        Counted.walked += 1
        return super().tick_after(instant)


def test_a_schedule_that_cannot_tick_does_not_keep_the_others_from_it(
    app: Tidemill, schedules: Schedules, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    schedules.create("a", call(app), pattern="* * * * *")
    schedules.create("b", call(app), pattern="* * * * *")
    engine = app.open()
    # As a node with another database of time zones may have stored it.
    strange = msgspec.structs.replace(schedules.get("a"), zone="Mars/Base")
    engine.records.put(Put("schedule", "a", msgspec.json.encode(strange))).wait()
    scheduler = Scheduler(engine, clock)
    for _ in range(3):
        clock.advance("1m")
        asyncio.run(run_once(scheduler))
    assert len(jobs_of(app, "b")) == 3
    said = [record.getMessage() for record in caplog.records]
    assert [line for line in said if "schedule a" in line and "Mars/Base" in line] == said


async def run_once(scheduler: Scheduler) -> None:
    await scheduler.run_once()


def test_a_schedule_whose_task_refuses_a_second_job_leaves_its_tick_out(
    app: Tidemill, schedules: Schedules, clock: ManualClock
) -> None:
    @app.task(name="alone", unique=unique(on_duplicate="reject"))
    def alone() -> None: ...

    schedules.create("alone", alone.bind(), pattern="* * * * *")
    for _ in range(3):
        clock.advance("1m")
        tick(app.open(), clock)
    assert len(jobs_of(app, "alone")) == 1
    assert schedules.upcoming("alone", 1) == (to_datetime(clock.now() + 60_000),)
    with pytest.raises(NotUnique):
        schedules.run("alone")


def test_skip_leaves_out_a_tick_while_the_last_run_is_not_done(
    app: Tidemill, schedules: Schedules, clock: ManualClock
) -> None:
    schedules.create("slow", call(app), pattern="* * * * *", overlap="skip")
    for _ in range(3):
        clock.advance("1m")
        tick(app.open(), clock)
    assert len(jobs_of(app, "slow")) == 1


def test_replace_cancels_what_an_earlier_tick_left(
    app: Tidemill, schedules: Schedules, clock: ManualClock
) -> None:
    schedules.create("fresh", call(app), pattern="* * * * *", overlap="replace")
    for _ in range(3):
        clock.advance("1m")
        tick(app.open(), clock)
    assert [job.state for job in made_by(app, "fresh")] == [
        State.WAITING,
        State.CANCELLED,
        State.CANCELLED,
    ]


def test_replace_cancels_however_many_there_are(
    app: Tidemill, schedules: Schedules, clock: ManualClock
) -> None:
    schedules.create("fresh", call(app), pattern="* * * * *", overlap="replace", catchup="all")
    clock.advance("5h")
    tick(app.open(), clock)
    made = made_by(app, "fresh")
    assert len(made) == 300
    assert [job.id for job in made if job.state is State.WAITING] == [made[0].id]


class Slow:
    """An engine on which another node ticks before this one's next question is answered."""

    def __init__(self, engine: Engine, meanwhile: Callable[[], Awaitable[None]]) -> None:
        self.jobs, self.records, self.reader = engine.jobs, engine.records, self
        self._engine = engine
        self._meanwhile = meanwhile

    async def get(self, ids: Sequence[str]) -> Any:
        await self._meanwhile()
        return await self._engine.reader.get(ids)

    async def find(self, *which: Any, **page: Any) -> Any:
        await self._meanwhile()
        return await self._engine.reader.find(*which, **page)


def test_a_node_that_is_late_does_not_replace_a_later_run(
    app: Tidemill, schedules: Schedules, clock: ManualClock
) -> None:
    schedules.create("fresh", call(app), pattern="* * * * *", overlap="replace")
    engine = app.open()
    overtaken: list[bool] = []

    async def overtake() -> None:
        if not overtaken:
            overtaken.append(True)
            clock.advance("1m")
            await Scheduler(engine, clock).run_once()

    clock.advance("1m")
    asyncio.run(run_once(Scheduler(cast("Engine", Slow(engine, overtake)), clock)))
    assert [job.state for job in made_by(app, "fresh")] == [State.WAITING, State.CANCELLED]
