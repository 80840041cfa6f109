"""`/statistics`: how many, how well, how fast."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Query, Response

from tidemill.access.role import Permission
from tidemill.api import PREFIX
from tidemill.api.answers import sent
from tidemill.api.callers import needs
from tidemill.api.desk import Desk
from tidemill.api.shapes.queues import counts_out
from tidemill.api.shapes.shape import moment
from tidemill.api.shapes.statistics import (
    BucketsOut,
    LiveListOut,
    StatisticsIn,
    StatisticsOut,
    bucket_out,
    figures_out,
    live_out,
    queues_out,
    series_out,
    tasks_out,
)
from tidemill.client.statistics import Statistics
from tidemill.core.errors import InvalidOption
from tidemill.core.instants import from_datetime, to_datetime
from tidemill.core.query import STEPS

routes: Final = APIRouter(prefix=f"{PREFIX}/statistics", tags=["statistics"])

MOST_STRETCHES: Final = 3_000
"""Two days by the minute, 90 by the hour: so long both are kept where nothing else is set."""

Reading = Annotated[Desk, needs(Permission.STATISTICS_READ)]


@routes.get("", operation_id="getStatistics", response_model=StatisticsOut)
async def get(which: Annotated[StatisticsIn, Query()], desk: Reading) -> Response:
    """Sum up what ended, by stretches of time, by task and by queue."""
    since, until = _stretch(which, desk)
    figures = await _figures(which, desk, since, until)
    live = [
        each
        for each in await desk.counts()
        if which.queue in (None, each.queue) and which.task in (None, each.task)
    ]
    return sent(
        {
            "since": moment(from_datetime(since)),
            "until": moment(from_datetime(until)),
            "step": which.step,
            **figures_out(figures),
            "series": series_out(figures.buckets),
            "tasks": tasks_out(figures.buckets),
            "queues": queues_out(figures.buckets),
            "live": counts_out(live),
        }
    )


@routes.get("/buckets", operation_id="getBuckets", response_model=BucketsOut)
async def get_buckets(which: Annotated[StatisticsIn, Query()], desk: Reading) -> Response:
    """Tell what ended as it was counted, for those who sum it up themselves."""
    figures = await _figures(which, desk, *_stretch(which, desk))
    return sent({"buckets": [bucket_out(each) for each in figures.buckets]})


@routes.get("/live", operation_id="countLiveJobs", response_model=LiveListOut)
async def count_live(desk: Reading) -> Response:
    """Count the jobs that are not finished, by queue, task and state."""
    return sent({"live": [live_out(each) for each in await desk.counts()]})


def _stretch(which: StatisticsIn, desk: Desk) -> tuple[datetime, datetime]:
    """From when to when is asked."""
    until = desk.moment(which.until) or to_datetime(desk.client.store.clock.now() + 1)
    return desk.moment(which.since) or until - timedelta(hours=1), until


async def _figures(which: StatisticsIn, desk: Desk, since: datetime, until: datetime) -> Statistics:
    """What ended in a stretch of time that has an end."""
    _check_length(since, until, STEPS[which.step])
    return await desk.jobs.astatistics(
        since, until, step=which.step, queue=which.queue, task=which.task, tenant=which.tenant
    )


def _check_length(since: datetime, until: datetime, step: int) -> None:
    """See to it that an answer has an end.

    Raises:
        InvalidOption: it would have too many stretches, or begin after its end.
    """
    length = (until.astimezone(UTC) - since.astimezone(UTC)).total_seconds() * 1_000
    if length < 0:
        raise InvalidOption("since lies after until", hint="since is the earlier one")
    if length / step > MOST_STRETCHES:
        raise InvalidOption(
            f"these are more than {MOST_STRETCHES:,} stretches of time",
            hint='take a larger step, such as "hour" or "day"',
        )
