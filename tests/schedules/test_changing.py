"""Schedules are paused, run by hand, edited and declared anew while their ticks go on."""

from datetime import UTC, datetime

import pytest

from tests.schedules.ticking import call, jobs_of, made_by, template, tick
from tidemill import Tidemill
from tidemill.core.errors import InvalidOption, NotFound, VersionConflict
from tidemill.core.state import State
from tidemill.schedules.schedule import Schedule
from tidemill.schedules.store import ScheduleKeywords, Schedules
from tidemill.testing import ManualClock


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
    schedule = Schedule(name="j", job=template(app), every=60_000, jitter=30_000)
    delays = {(schedule.job_of(at).due_at or 0) - at for at in range(0, 6_000_000, 60_000)}
    assert len(delays) > 50
    assert all(0 <= delay <= 30_000 for delay in delays)
    assert schedule.job_of(60_000) == schedule.job_of(60_000)


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
