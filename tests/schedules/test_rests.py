"""A calendar leaves out the ticks that fall into its rests, however many they are."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from tidemill.core.instants import from_datetime
from tidemill.core.job import NewJob
from tidemill.schedules.calendar import Calendar
from tidemill.schedules.schedule import Schedule, checked
from tidemill.testing.clock import START


def test_rests_are_left_out() -> None:
    def first_tick(calendar: Calendar, after: str) -> str:
        schedule = Schedule(
            name="c", job=NewJob(id="", task="sync"), cron="0 9 * * *", zone="Australia/Sydney",
            calendar=calendar,
        )  # fmt: skip
        instant = checked(schedule).tick_after(from_datetime(datetime.fromisoformat(after)))
        assert instant is not None
        return datetime.fromtimestamp(instant / 1_000, UTC).isoformat()

    friday = "2026-11-20T00:00:00+00:00"
    assert first_tick(Calendar(), friday) == "2026-11-20T22:00:00+00:00"
    assert first_tick(Calendar(business_days=True), friday) == "2026-11-22T22:00:00+00:00"
    before_new_year = "2026-12-31T00:00:00+00:00"
    assert first_tick(Calendar(holidays="AU-NSW"), before_new_year) == "2027-01-01T22:00:00+00:00"
    blackout = (from_datetime(datetime(2026, 11, 20, tzinfo=UTC)), 1_796_000_000_000)
    assert first_tick(Calendar(blackouts=(blackout,)), friday) == "2026-11-30T22:00:00+00:00"


def test_a_rest_may_be_longer_than_any_number_of_ticks() -> None:
    """A shutdown of three weeks leaves out 30,000 minutes; the schedule goes on behind them."""
    begin, end = START + 86_400_000, START + 22 * 86_400_000
    resting = Calendar(blackouts=((begin, end),))
    minutely = Schedule(
        name="m", job=NewJob(id="", task="sync"), cron="* * * * *", calendar=resting
    )
    assert minutely.tick_after(begin - 60_000) == end
    often = Schedule(
        name="o", job=NewJob(id="", task="sync"), every=1_000, anchor=500, calendar=resting
    )
    assert often.tick_after(begin - 500) == end + 500


def test_a_tick_every_second_goes_on_after_a_weekend_in_its_zone() -> None:
    schedule = Schedule(
        name="s", job=NewJob(id="", task="sync"), cron="* * * * * *", zone="Australia/Sydney",
        calendar=Calendar(business_days=True),
    )  # fmt: skip
    last = from_datetime(datetime.fromisoformat("2026-11-20T23:59:59+11:00"))
    monday = from_datetime(datetime.fromisoformat("2026-11-23T00:00:00+11:00"))
    assert schedule.tick_after(last) == monday


def test_a_rest_ends_where_a_day_begins_without_a_midnight() -> None:
    """Lebanon's clocks pass over midnight: the Monday after that Sunday begins as ever."""
    schedule = Schedule(
        name="s", job=NewJob(id="", task="sync"), every=60_000, zone="Asia/Beirut",
        calendar=Calendar(business_days=True),
    )  # fmt: skip
    saturday = from_datetime(datetime.fromisoformat("2026-03-28T12:00:00+02:00"))
    monday = from_datetime(datetime.fromisoformat("2026-03-30T00:00:00+03:00"))
    assert schedule.tick_after(saturday) == monday


def test_at_the_end_of_all_dates_nothing_rests() -> None:
    calendar = Calendar(business_days=True, holidays="AU")
    last = from_datetime(datetime.max.replace(tzinfo=UTC))
    for instant in (last, last + 10**12):
        assert calendar.end_of_rest(instant, ZoneInfo("Australia/Sydney")) == instant
