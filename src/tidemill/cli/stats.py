"""`tidemill stats`: how much ended, how well, and how long it waited and ran."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from tidemill.cli import render
from tidemill.cli.options import AsJson, Url, store
from tidemill.client.statistics import Statistics, summarise
from tidemill.core.instants import millis
from tidemill.core.query import Bucket, Step


def stats(
    last: Annotated[str, typer.Option(metavar="TIME", help="So far back: 15m, 24h, 7d.")] = "1h",
    queue: Annotated[str | None, typer.Option(metavar="NAME", help="Of this queue only.")] = None,
    task: Annotated[str | None, typer.Option(metavar="NAME", help="Of this task only.")] = None,
    as_json: AsJson = False,
    url: Url = "",
) -> None:
    """Show by task what has ended: how much, how well, how long it waited and ran."""
    span = millis(last)
    with store(url) as app:
        found = app.jobs.statistics(
            datetime.now(UTC) - timedelta(milliseconds=span),
            step=_step(span),
            queue=queue,
            task=task,
        )
    if as_json:
        render.show_json(found)
        return
    by_task: defaultdict[tuple[str, str], list[Bucket]] = defaultdict(list)
    for bucket in found.buckets:
        by_task[bucket.queue, bucket.task].append(bucket)
    rows = [_row(*key, summarise(buckets), span) for key, buckets in sorted(by_task.items())]
    if len(rows) > 1:
        rows.append(_row("all", "", found, span))
    render.show(rows, empty=f"Nothing has ended in the last {render.length(span)}.")


def _step(span: int) -> Step:
    """The finest step that is kept for so long."""
    if span <= millis("2d"):
        return "minute"
    return "hour" if span <= millis("90d") else "day"


def _row(queue: str, task: str, found: Statistics, span: int) -> dict[str, str]:
    ended = sum(found.endings.values())
    rate = found.success_rate
    return {
        "queue": queue,
        "task": task,
        "ended": f"{ended:,}",
        "a minute": f"{ended * 60_000 / span:,.1f}",
        "well": "" if rate is None else f"{rate:.1%}",
        "wait p50": render.length(found.wait.p50),
        "p95": render.length(found.wait.p95),
        "p99": render.length(found.wait.p99),
        "run p50": render.length(found.run.p50),
        "run p95": render.length(found.run.p95),
        "run p99": render.length(found.run.p99),
    }
