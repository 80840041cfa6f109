"""`tidemill doctor`: what is wrong with the store and the work, and what to do about it."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from msgspec import Struct

from tidemill.app import Tidemill
from tidemill.cli import render
from tidemill.cli.engine import tell
from tidemill.cli.options import AsJson, StoreUrl, store_itself
from tidemill.client.worker_info import WorkerInfo
from tidemill.core.instants import Instant, Millis, words
from tidemill.core.query import QueueCounts
from tidemill.core.rules import QueueRules, Rules, TaskRules
from tidemill.core.state import State
from tidemill.engines.health import Finding
from tidemill.schedules.schedule import Schedule

LATE: Final[Millis] = 60_000
"""What is due for longer has not merely been caught between two looks."""

LATELY: Final = timedelta(days=1)


class Look(Struct, frozen=True):
    """What there is to be seen of the work at one moment.

    Attributes:
        abandoned: running jobs whose worker's lease has run out, up to a thousand.
        failed: attempts that ended badly lately.
    """

    now: Instant
    counts: tuple[QueueCounts, ...]
    rules: tuple[Rules, ...]
    workers: Sequence[WorkerInfo]
    schedules: tuple[Schedule, ...]
    abandoned: int
    failed: int

    def due(self) -> list[QueueCounts]:
        """Jobs that wait, or whose time has come, and that no pause holds back."""
        held = {each.queue for each in self.rules if isinstance(each, QueueRules) and each.paused}
        tasks = {each.task for each in self.rules if isinstance(each, TaskRules) and each.paused}
        return [
            each
            for each in self.counts
            if each.queue not in held
            and each.task not in tasks
            and (
                each.state is State.WAITING
                or (
                    each.state in (State.SCHEDULED, State.RETRYING)
                    and each.oldest_at < self.now - LATE
                )
            )
        ]


def doctor(as_json: AsJson = False, url: StoreUrl = "") -> None:
    """Say what is wrong, and what to do; exit with 1 if it is grave."""
    with store_itself(url) as app:
        health = app.open().health().wait()
        findings = (*health.findings, *findings_of(_look(app)))
    tell(health, findings, as_json=as_json)


def findings_of(look: Look) -> Iterator[Finding]:
    """What keeps jobs from being run, and what does not do well."""
    if look.workers:
        yield from _of_queues(look)
        yield from _of_tasks(look)
        yield from _of_workers(look)
    else:
        yield from _of_nobody(look)
    yield from _of_pauses(look)
    yield from _of_schedules(look)
    if look.failed:
        yield Finding(
            f"{render.number(look.failed, 'attempt')} ended badly in the last day",
            "tidemill jobs list --state failed; tidemill stats --last 1d",
        )


def _look(app: Tidemill) -> Look:
    endings = app.jobs.statistics(datetime.now(UTC) - LATELY, step="hour").endings
    return Look(
        now=app.store.clock.now(),
        counts=app.jobs.counts(),
        rules=app.queues.rules(),
        workers=app.jobs.workers(),
        schedules=app.schedules.find(),
        abandoned=len(app.open().reader.expired(1_000).wait()),
        failed=sum(endings.get(ending, 0) for ending in ("failed", "timed_out", "crashed")),
    )


def _of_nobody(look: Look) -> Iterator[Finding]:
    """What stands still because no worker is there."""
    remedy = "start one: tidemill worker --app MODULE:NAME"
    due = look.due()
    if due:
        jobs = sum(each.count for each in due)
        yield Finding(
            f"{render.number(jobs, 'job')} could run, and no worker is there",
            remedy,
            grave=any(each.oldest_at < look.now - LATE for each in due),
        )
    if look.abandoned:
        yield Finding(
            f"{render.number(look.abandoned, 'job')} ran on a worker that is gone, and no other "
            "one is there to take over",
            remedy,
            grave=True,
        )


def _of_queues(look: Look) -> Iterator[Finding]:
    """Queues from which nobody takes, and those that take long."""
    everything = any(not each.info.get("queues") for each in look.workers)
    taken = {name for each in look.workers for name in each.info.get("queues") or ()}
    for each in look.due():
        waited = look.now - each.oldest_at
        if not everything and each.queue not in taken:
            yield Finding(
                f"{render.number(each.count, 'job')} of {each.task} could run, and no worker takes "
                f"from the queue {each.queue}",
                f"start one that does: tidemill worker --queues {each.queue}",
                grave=waited > LATE,
            )
        elif waited > LATE:
            yield Finding(
                f"{render.number(each.count, 'job')} of {each.task} could run, the first one "
                f"for {words(waited)}",
                "see `tidemill queues list` for limits, or start more workers",
            )


def _of_tasks(look: Look) -> Iterator[Finding]:
    """Jobs of tasks that no worker has heard of, where all workers have named all they know."""
    # Imported here: the other commands need nothing of a worker.
    from tidemill.worker.shift import MOST_TASKS_NAMED  # noqa: PLC0415 - see above

    named = [each.info.get("tasks") or () for each in look.workers]
    if any(len(tasks) >= MOST_TASKS_NAMED for tasks in named):
        return
    known = {task for tasks in named for task in tasks}
    for task in sorted({each.task for each in look.counts} - known):
        jobs = sum(each.count for each in look.counts if each.task == task)
        yield Finding(
            f"no worker knows the task {task}, which has {render.number(jobs, 'job')}",
            "start a worker of the application that declares it, or cancel them: "
            f"tidemill jobs cancel --task {task}",
            grave=True,
        )


def _of_workers(look: Look) -> Iterator[Finding]:
    """Workers that live and do not move, and workers of several releases."""
    for each in look.workers:
        progress_at = each.info.get("progress_at")
        if progress_at is not None and look.now - progress_at > LATE:
            yield Finding(
                f"the event loop of {each.info.get('name', each.name)} has not moved for "
                f"{words(look.now - progress_at)}",
                "its log names the job that blocks it; make that task `def`, not `async def`",
                grave=True,
            )
    versions = sorted(
        {str(each.info["version"]) for each in look.workers if "version" in each.info}
    )
    if len(versions) > 1:
        yield Finding(
            f"workers of several releases are at work: {', '.join(versions)}",
            "fine while they are being replaced; else restart the older ones",
        )


def _of_pauses(look: Look) -> Iterator[Finding]:
    """What people have stopped, while jobs wait behind it."""
    for each in look.rules:
        match each:
            case QueueRules(queue=name, paused=True, note=note):
                held = sum(count.count for count in look.counts if count.queue == name)
                what, remedy = f"the queue {name}", f"tidemill queues resume {name}"
            case TaskRules(task=name, paused=True, note=note):
                held = sum(count.count for count in look.counts if count.task == name)
                what, remedy = f"the task {name}", f"tidemill tasks resume {name}"
            case _:
                continue
        why = f" ({note})" if note else ""
        if held:
            yield Finding(f"{what} is paused{why}; {render.number(held, 'job')} in it", remedy)


def _of_schedules(look: Look) -> Iterator[Finding]:
    """Schedules whose tick has passed and not been seen to."""
    for each in look.schedules:
        if each.next_at is not None and each.next_at < look.now - LATE:
            yield Finding(
                f"the schedule {each.name} was due {words(look.now - each.next_at)} ago",
                "any worker sees to schedules: start one, or look into its log",
                grave=not look.workers,
            )
