"""Why a schedule does not run a job now: all that stands in its way."""

from collections.abc import Iterator, Sequence

from tidemill.client.scan import newest_jobs
from tidemill.client.steps import Steps, ask
from tidemill.client.why import Cause, paused
from tidemill.core.instants import Instant, words
from tidemill.core.job import Snapshot
from tidemill.core.lease import WORKER
from tidemill.core.query import JobFilter
from tidemill.core.state import LIVE
from tidemill.engines.protocol import Engine
from tidemill.schedules.schedule import ON_TIME, Schedule

_MOST_NAMED = 20


def why(engine: Engine, schedule: Schedule, now: Instant) -> Steps[tuple[Cause, ...]]:
    """Every cause there is, in the order in which one would remove them."""
    live = JobFilter(source=schedule.source, states=tuple(LIVE))
    earlier = yield from newest_jobs(engine, live, _MOST_NAMED)
    workers = yield from ask(engine.leases.find(WORKER))
    return tuple(_causes(schedule, earlier, now, attended=bool(workers)))


def _causes(
    schedule: Schedule, earlier: Sequence[Snapshot], now: Instant, *, attended: bool
) -> Iterator[Cause]:
    if schedule.paused:
        yield paused("schedule_paused", "the schedule", schedule.key, schedule)
    elif not (schedule.cron or schedule.every):
        yield Cause(kind="schedule_by_hand", text="it runs by hand only", what=schedule.key)
    elif schedule.next_at is None:
        yield Cause(kind="schedule_over", text="it never comes again", what=schedule.key)
    if earlier:
        yield from _of_overlap(schedule, earlier)
    if schedule.skipped_at is not None and schedule.skipped_at == schedule.last_at:
        text = f"its last tick was skipped, for {schedule.skipped_for}"
        yield Cause(
            kind="schedule_quota",
            text=text,
            what=schedule.owner,
            since=schedule.skipped_at,
            note=schedule.skipped_for,
        )
    if not attended:
        text = "no worker is there, and it is workers that look at schedules"
        yield Cause(kind="no_worker", text=text)
    if schedule.next_at is not None:
        yield _of_time(schedule, schedule.next_at, now)


def _of_overlap(schedule: Schedule, earlier: Sequence[Snapshot]) -> Iterator[Cause]:
    ids = tuple(job.id for job in earlier)
    oldest = earlier[-1]
    still = f"job {oldest.id} of an earlier tick is still {oldest.state}"
    told = {
        "skip": f"its ticks are skipped, for {still}",
        "queue": f"jobs of its ticks run one after the other, and {still}",
    }
    text = told.get(schedule.overlap)
    if text is not None:
        yield Cause(kind="schedule_overlap", text=text, what=schedule.key, jobs=ids)


def _of_time(schedule: Schedule, tick: Instant, now: Instant) -> Cause:
    if tick > now:
        text = f"it comes in {words(tick - now)}"
        return Cause(kind="schedule_due", text=text, what=schedule.key, until=tick)
    if now - tick <= ON_TIME:
        return Cause(kind="soon", text="it is due, and comes now", what=schedule.key)
    text = f"it has been due for {words(now - tick)}"
    return Cause(kind="schedule_late", text=text, what=schedule.key, since=tick)
