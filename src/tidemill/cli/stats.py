"""`tidemill stats`: how much ended, how well, and how long it waited and ran."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final, Literal, TypeVar

import typer

from tidemill.cli import render
from tidemill.cli.options import AsJson, Url, store
from tidemill.client.statistics import Spread, Statistics, summarise
from tidemill.core.errors import InvalidOption
from tidemill.core.instants import Instant, Millis, millis
from tidemill.core.query import STEPS, Bucket, Step

K = TypeVar("K", tuple[str, str], Instant)

By = Literal["task", "minute", "hour", "day"]

MOST_ROWS: Final = 1_000


def stats(
    last: Annotated[str, typer.Option(metavar="TIME", help="So far back: 15m, 24h, 7d.")] = "1h",
    by: Annotated[By, typer.Option(help="A line for each task, or each stretch of time.")] = "task",
    queue: Annotated[str | None, typer.Option(metavar="NAME", help="Of this queue only.")] = None,
    task: Annotated[str | None, typer.Option(metavar="NAME", help="Of this task only.")] = None,
    as_json: AsJson = False,
    url: Url = "",
) -> None:
    """Show how much has ended, how well, and how long it took.

    p50, p95 and p99 of the times: so long or less took half of them, 95 and 99 of 100.
    """
    span = _span(last, by)
    with store(url) as app:
        found = app.jobs.statistics(
            datetime.now(UTC) - timedelta(milliseconds=span),
            step=_step(span) if by == "task" else by,
            queue=queue,
            task=task,
        )
    if as_json:
        render.show_json(found)
        return
    rows = _by_task(found, span) if by == "task" else _by_time(found.buckets, STEPS[by])
    render.show(rows, empty=f"Nothing has ended in the last {render.length(span)}.")


def _span(last: str, by: By) -> Millis:
    """How far back one looks.

    Raises:
        InvalidOption: not at all, beyond all dates, or so far that the lines cannot be read.
    """
    span = millis(last)
    if not 0 < span <= millis("36500d"):
        raise InvalidOption(f"--last {last} is not possible", hint="write 15m, 24h or 7d")
    if by != "task" and span > MOST_ROWS * STEPS[by]:
        raise InvalidOption(
            f"--last {last} by the {by} is more than {MOST_ROWS:,} lines",
            hint="take a longer stretch, or look less far back",
        )
    return span


def _step(span: Millis) -> Step:
    """The finest step that is kept for so long."""
    if span <= millis("2d"):
        return "minute"
    return "hour" if span <= millis("90d") else "day"


def _by_task(found: Statistics, span: Millis) -> list[dict[str, str]]:
    rows = [
        {"queue": queue, "task": task, **_figures(summarise(buckets), span)}
        for (queue, task), buckets in _grouped(
            found.buckets, lambda bucket: (bucket.queue, bucket.task)
        )
    ]
    if len(rows) > 1:
        rows.append({"queue": "all", "task": "", **_figures(found, span)})
    return rows


def _by_time(buckets: Sequence[Bucket], step: Millis) -> list[dict[str, str]]:
    return [
        {"from": render.moment(at), **_figures(summarise(mine), step)}
        for at, mine in _grouped(buckets, lambda bucket: bucket.at)
    ]


def _grouped(buckets: Sequence[Bucket], key: Callable[[Bucket], K]) -> list[tuple[K, list[Bucket]]]:
    groups: defaultdict[K, list[Bucket]] = defaultdict(list)
    for bucket in buckets:
        groups[key(bucket)].append(bucket)
    return sorted(groups.items(), key=lambda group: group[0])


def _figures(found: Statistics, span: Millis) -> dict[str, str]:
    ended = sum(found.endings.values())
    rate = found.success_rate
    return {
        "ended": f"{ended:,}",
        "a minute": f"{ended * STEPS['minute'] / span:,.1f}",
        "well": "" if rate is None else f"{rate:.1%}",
        "waited p50/95/99": _percentiles(found.wait),
        "ran p50/95/99": _percentiles(found.run),
    }


def _percentiles(spread: Spread) -> str:
    return " ".join(render.length(each) for each in (spread.p50, spread.p95, spread.p99))
