"""One tick makes one job, for any number of nodes, through downtime, pauses and edits."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar, cast

import msgspec
import pytest

from tidemill import Tidemill, unique
from tidemill.client.bound import Bound
from tidemill.client.terms import Terms
from tidemill.client.wishes import NONE
from tidemill.core.errors import InvalidOption, NotFound, NotUnique, VersionConflict
from tidemill.core.instants import to_datetime
from tidemill.core.job import NewJob, Snapshot
from tidemill.core.record import Put
from tidemill.core.state import State
from tidemill.engines.protocol import Engine
from tidemill.schedules.schedule import ON_TIME, Schedule
from tidemill.schedules.store import ScheduleKeywords, Schedules
from tidemill.schedules.tick import Scheduler, due_ticks
from tidemill.testing import ManualClock
from tidemill.testing.clock import START


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture(params=["memory", "sqlite"])
def app(request: pytest.FixtureRequest, clock: ManualClock, tmp_path: Path) -> Iterator[Tidemill]:
    url = "memory://" if request.param == "memory" else f"sqlite:///{tmp_path}/jobs.db"
    with Tidemill(url, clock=clock) as app:

        @app.task(name="sync")
        def sync(number: int = 0) -> int:
            return number

        yield app


@pytest.fixture
def schedules(app: Tidemill) -> Schedules:
    return app.schedules


def call(app: Tidemill) -> Bound[Any]:
    declaration = app.registry.get("sync")
    return Bound(Terms(declaration, NONE), declaration.signature.encode_json({"number": 1}))


def tick(engine: Engine, clock: ManualClock) -> None:
    asyncio.run(_tick(engine, clock))


async def _tick(engine: Engine, clock: ManualClock) -> None:
    await Scheduler(engine, clock).run_once()


def jobs_of(app: Tidemill, name: str) -> list[int]:
    """When each job of a schedule is ready, oldest first."""
    return sorted(job.ready_at for job in made_by(app, name))


def made_by(app: Tidemill, name: str) -> list[Snapshot]:
    """The jobs of a schedule, newest first."""
    return [job.seen for job in app.jobs.find(source=f"schedule:{name}") if job.seen]


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
            clock.advance(dice.choice([1, 5, 20, 59]))
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
        name="often", job=_template(app), cron="* * * * * *", next_at=START, catchup=3
    )
    ticks, onward = due_ticks(schedule, START + year)
    assert ticks == [START + year - ON_TIME + second * 1_000 for second in range(-3, 61)]
    assert onward == START + year + 1_000
    assert Counted.walked < 2_000


def test_a_tick_that_a_zone_no_longer_has_is_still_the_first_one_missed(app: Tidemill) -> None:
    odd = START + 1_234_000
    schedule = Schedule(name="odd", job=_template(app), cron="0 * * * *", next_at=odd, catchup=9)
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


def test_a_pause_misses_nothing_and_resume_may_bring_another_pattern(
    app: Tidemill, schedules: Schedules, clock: ManualClock
) -> None:
    schedules.create("nightly", call(app), pattern="0 2 * * *")
    schedules.pause("nightly", note="moving house")
    clock.advance("3d")
    tick(app.open(), clock)
    assert jobs_of(app, "nightly") == []
    assert schedules.upcoming("nightly") == ()
    resumed = schedules.resume("nightly", pattern="30 3 * * *", tz="Australia/Sydney")
    assert not resumed.paused
    assert schedules.upcoming("nightly", 1) == (datetime(2026, 1, 4, 16, 30, tzinfo=UTC),)


def test_one_that_is_made_paused_has_no_tick_before_it_is_resumed(
    app: Tidemill, schedules: Schedules, clock: ManualClock
) -> None:
    made = schedules.create("nightly", call(app), pattern="0 2 * * *", paused=True)
    assert (made.paused, made.next_at) == (True, None)
    assert schedules.get("nightly") == made
    clock.advance("3d")
    tick(app.open(), clock)
    assert jobs_of(app, "nightly") == []
    schedules.resume("nightly")
    clock.advance("1d")
    tick(app.open(), clock)
    assert len(jobs_of(app, "nightly")) == 1


def test_run_now_stands_beside_the_ticks(
    app: Tidemill, schedules: Schedules, clock: ManualClock
) -> None:
    schedules.create("manual", call(app))
    made = schedules.run("manual")
    assert app.jobs.get(made).state is State.WAITING
    clock.advance("365d")
    tick(app.open(), clock)
    assert len(jobs_of(app, "manual")) == 1


def test_another_call_recurs_from_now_on_and_all_else_stays(
    app: Tidemill, schedules: Schedules, clock: ManualClock
) -> None:
    schedules.create("hourly", call(app), pattern="0 * * * *")
    clock.advance("1h")
    tick(app.open(), clock)
    other = app.bind("sync", {"number": 2}, tags=["other"], queue="others")
    schedules.edit("hourly", call=other)
    clock.advance("1h")
    tick(app.open(), clock)
    assert [(job.args, job.queue, job.tags) for job in made_by(app, "hourly")] == [
        (b'{"number":2}', "others", ("other",)),
        (b'{"number":1}', "default", ()),
    ]
    with pytest.raises(InvalidOption, match="a time of its own"):
        schedules.edit("hourly", call=app.bind("sync", {"number": 2}, delay="1h"))


def test_a_schedule_is_checked_without_being_stored(schedules: Schedules) -> None:
    schedules.check(pattern="0 * * * *", tz="Australia/Sydney", business_days=True)
    with pytest.raises(InvalidOption):
        schedules.check(pattern="0 99 * * *")
    assert schedules.find() == ()


def test_an_edit_at_the_moment_of_a_tick_loses_neither(
    app: Tidemill, schedules: Schedules, clock: ManualClock
) -> None:
    schedules.create("hourly", call(app), pattern="0 * * * *")
    clock.advance("1h")
    engine = app.open()
    stale = engine.records.get("schedule", "hourly").wait()
    tick(engine, clock)
    schedules.edit("hourly", pattern="30 * * * *")
    assert stale is not None
    assert len(jobs_of(app, "hourly")) == 1
    clock.advance("30m")
    tick(engine, clock)
    assert len(jobs_of(app, "hourly")) == 2


def test_code_is_followed_until_a_person_edits_and_again_when_code_changes(app: Tidemill) -> None:
    def release(pattern: str) -> Schedules:
        """The wing of a program that starts anew, with this pattern in its code."""
        schedules = Schedules(app.schedules.client)
        schedules.declare("sync", lambda: call(app), pattern=pattern)
        schedules.publish()
        return schedules

    release("0 1 * * *").edit("sync", pattern="0 5 * * *")
    assert release("0 1 * * *").get("sync").cron == "0 5 * * *"
    assert release("0 2 * * *").get("sync").cron == "0 2 * * *"


def test_two_of_one_name_are_refused(app: Tidemill, schedules: Schedules) -> None:
    schedules.create("x", call(app), every="1h")
    with pytest.raises(VersionConflict):
        schedules.create("x", call(app), every="1h")
    with pytest.raises(NotFound, match="no schedule 'y'"):
        schedules.pause("y")


def test_jitter_is_decided_by_the_tick_and_stays_within_its_bound(app: Tidemill) -> None:
    schedule = Schedule(name="j", job=_template(app), every=60_000, jitter=30_000)
    delays = {(schedule.job_of(at).due_at or 0) - at for at in range(0, 6_000_000, 60_000)}
    assert len(delays) > 50
    assert all(0 <= delay <= 30_000 for delay in delays)
    assert schedule.job_of(60_000) == schedule.job_of(60_000)


def _template(app: Tidemill) -> NewJob:
    return call(app).new_job("", ManualClock())


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"pattern": "0 0 30 2 *"}, "never comes"),
        ({"pattern": "0 1 * * *", "every": "1h"}, "give one"),
        ({"every": "0.5s"}, "too often"),
        ({"pattern": "0 1 * * *", "tz": "Mars/Base"}, "no time zone"),
        ({"every": "1h", "overlap": "maybe"}, "not known"),
        ({"every": "1h", "catchup": "some"}, "not possible"),
        ({"every": "1h", "holidays": "Atlantis"}, "no public holidays"),
        ({"every": "1h", "holidays": "HolidayBase"}, "no public holidays"),
        ({"every": "1h", "holidays": "registry"}, "no public holidays"),
        ({"every": "1h", "holidays": "XX"}, "no public holidays"),
        ({"every": "1h", "colour": "red"}, "no schedule has colour"),
    ],
)
def test_options_that_make_no_sense_are_refused(
    app: Tidemill, schedules: Schedules, options: ScheduleKeywords, said: str
) -> None:
    with pytest.raises(InvalidOption, match=said):
        schedules.create("x", call(app), **options)
    assert schedules.find() == ()
