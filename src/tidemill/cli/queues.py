"""`tidemill queues`: what waits where, and the rules of queues."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Any

import msgspec
import typer

from tidemill.cli import render
from tidemill.cli.options import AsJson, Asked, Url, Yes, store, when
from tidemill.cli.sweep import by_filter
from tidemill.client.lookup import FilterKeywords
from tidemill.core.errors import InvalidOption
from tidemill.core.instants import words
from tidemill.core.query import QueueCounts
from tidemill.core.rules import QueueRules
from tidemill.core.state import FINISHED, LIVE, State
from tidemill.tasks.options import RateLimit

queues = typer.Typer(
    help="See what waits where; pause, limit, keep, drain and clean queues.", no_args_is_help=True
)

Name = Annotated[str, typer.Argument(metavar="QUEUE", help="The queue meant.")]


@queues.command("list")
def list_queues(as_json: AsJson = False, url: Url = "") -> None:
    """List queues: their live jobs by state, and their rules."""
    with store(url) as app:
        counts = app.jobs.counts()
        rules = app.queues.find()
        now = app.now()
    if as_json:
        render.show_json({"rules": rules, "counts": counts})
    else:
        rows = [_row(each, counts, now) for each in rules]
        render.show(rows, empty="No queue has had a job yet.", below="rules")


@queues.command()
def pause(
    queue: Name,
    note: Annotated[str, typer.Option(metavar="TEXT", help="Why, for whoever looks.")] = "",
    url: Url = "",
) -> None:
    """Claim nothing from a queue any more; what runs, runs on."""
    with store(url) as app, _doubt(app, queue):
        app.queues.pause(queue, note)
    render.echo(f"{queue} is paused")


@queues.command()
def resume(queue: Name, url: Url = "") -> None:
    """Claim from a queue again."""
    with store(url) as app:
        app.queues.resume(queue)
    render.echo(f"{queue} goes on")


@queues.command()
def limit(
    queue: Name,
    most: Annotated[
        str | None, typer.Option(metavar="N", help='Jobs that run at once; "none": no limit.')
    ] = None,
    rate: Annotated[
        str | None,
        typer.Option(metavar="N/TIME", help='Starts per time, as 100/1m; "none": no limit.'),
    ] = None,
    tenant_most: Annotated[
        str | None, typer.Option(metavar="N", help='Of one tenant at once; "none": no limit.')
    ] = None,
    fair: Annotated[
        bool | None, typer.Option("--fair/--unfair", help="Whether tenants take turns.")
    ] = None,
    url: Url = "",
) -> None:
    """Set the limits of a queue; what is not given stays.

    They hold for all workers together.
    """
    changes: dict[str, Any] = {}
    if most is not None:
        changes["most"] = _number(most)
    if tenant_most is not None:
        changes["tenant_most"] = _number(tenant_most)
    if rate is not None:
        changes["rate"] = _rate(rate)
    if fair is not None:
        changes["fair"] = fair
    if not changes:
        raise InvalidOption("no limit is given", hint="see `tidemill queues limit --help`")
    with store(url) as app, _doubt(app, queue):
        app.queues.limit(queue, **changes)
    render.echo(f"{queue}: the limits are set")


@queues.command()
def keep(
    queue: Name,
    completed: Annotated[
        str | None, typer.Option(metavar="TIME", help='As 12h or 30d; "none": as it is set.')
    ] = None,
    failed: Annotated[str | None, typer.Option(metavar="TIME", help="As above.")] = None,
    cancelled: Annotated[str | None, typer.Option(metavar="TIME", help="As above.")] = None,
    url: Url = "",
) -> None:
    """Set how long finished jobs are kept.

    By how they ended; what is not given stays.
    """
    written = {"completed": completed, "failed": failed, "cancelled": cancelled}
    lengths: dict[str, Any] = {
        outcome: None if length == "none" else length
        for outcome, length in written.items()
        if length is not None
    }
    if not lengths:
        raise InvalidOption("no time is given", hint="see `tidemill queues keep --help`")
    with store(url) as app, _doubt(app, queue):
        app.queues.keep(queue, **lengths)
    render.echo(f"{queue}: it is set how long jobs are kept")


@queues.command()
def drain(
    queue: Name,
    later: Annotated[
        bool, typer.Option("--later", help="Those that are due later, too, and retries.")
    ] = False,
    yes: Yes = False,
    url: Url = "",
) -> None:
    """Cancel what waits in a queue; what runs, runs on.

    `tidemill jobs retry` brings it back.
    """
    states = [State.WAITING, State.BLOCKED]
    if later:
        states += [State.SCHEDULED, State.RETRYING]
    which = FilterKeywords(queues=[queue], states=states)
    with store(url) as app:
        by_filter(app, "cancel", which, yes, app.jobs.cancel, reason="drained")


@queues.command()
def clean(
    queue: Name,
    state: Annotated[
        list[State] | None,
        typer.Option(help="Those that ended so; else the completed and the cancelled ones."),
    ] = None,
    until: Annotated[
        str | None, typer.Option(metavar="TIME", help="Enqueued before: 7d ago, or 2026-11-30.")
    ] = None,
    yes: Yes = False,
    url: Url = "",
) -> None:
    """Delete what has finished in a queue, for good."""
    states = state or [State.COMPLETED, State.CANCELLED]
    if not FINISHED.issuperset(states):
        raise InvalidOption(
            "what has not finished cannot be cleaned", hint="see `tidemill queues drain`"
        )
    which = FilterKeywords(queues=[queue], states=states)
    with store(url) as app:
        if until is not None:
            which["created_before"] = when(until)(app.now())
        by_filter(app, "delete", which, yes, app.jobs.delete)


@contextmanager
def _doubt(app: Asked, queue: str) -> Iterator[None]:
    """Say on the side that a name may be mistyped; what is not there yet may be meant as well."""
    known = {each.queue for each in app.queues.find()}
    yield
    if queue not in known:
        render.echo(f"note: no job has been in the queue {queue} yet; is that its name?", err=True)


def _number(written: str) -> int | None:
    if written == "none":
        return None
    if not written.isdecimal():
        raise InvalidOption(f"{written!r} is no number", hint='write a number, or "none"')
    return int(written)


def _rate(written: str) -> RateLimit | None:
    if written == "none":
        return None
    count, slash, per = written.partition("/")
    if not slash or not count.isdecimal():
        raise InvalidOption(f"{written!r} is no rate", hint='write "100/1m", or "none"')
    return RateLimit(int(count), per=per if per[:1].isdecimal() else f"1{per}")


def _row(rules: QueueRules, counts: Sequence[QueueCounts], now: int) -> dict[str, str]:
    mine = [each for each in counts if each.queue == rules.queue]
    by_state: Counter[State] = Counter()
    for each in mine:
        by_state[each.state] += each.count
    waiting = [each.oldest_at for each in mine if each.state is State.WAITING]
    states = {state.value: f"{by_state[state]:,}" for state in State if state in LIVE}
    return {
        "queue": rules.queue,
        **states,
        "oldest": words(max(now - min(waiting), 0)) if waiting else "",
        "rules": _told(rules),
    }


def _told(rules: QueueRules) -> str:
    """The rules that differ from plain ones, in words."""
    parts = []
    if rules.paused:
        parts.append(f"paused: {rules.note}" if rules.note else "paused")
    if rules.most is not None:
        parts.append(f"{rules.most:,} at once")
    if rules.tenant_most is not None:
        parts.append(f"{rules.tenant_most:,} of a tenant at once")
    if rules.rate is not None:
        parts.append(f"{rules.rate.count:,} per {words(rules.rate.per)}")
    if rules.fair:
        parts.append("fair")
    kept = msgspec.structs.asdict(rules.retention)
    parts += [f"{name} kept {words(length)}" for name, length in kept.items() if length is not None]
    return ", ".join(parts)
