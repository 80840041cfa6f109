"""Gathering what the jobs of a batch have found, in the order of the files."""

import json
import platform
from datetime import UTC, date, datetime
from typing import Any

from tidemill import Job, State, Tidemill
from tidemill.demo.measure import Measured
from tidemill.demo.report import Failure, Findings


def gather(app: Tidemill, batch: str, home: str) -> Findings:
    """What the jobs of a batch have found, the same however often each of them had to run.

    Args:
        app: where the jobs are.
        batch: id of the job that runs when all of them have finished.
        home: the folder in which the files lie.
    """
    measured: list[Measured] = []
    failures: list[Failure] = []
    for job in app.jobs.find(batch=batch):
        if job.seen is not None and job.seen.state is State.COMPLETED:
            measured.append(job.result())
        else:
            failures.append(failure_of(job))
    return Findings(
        what=f"the standard library of Python {platform.python_version()}",
        home=home,
        on=_day_of(app.jobs.get(batch)),
        measured=tuple(sorted(measured, key=lambda each: each.name)),
        failures=tuple(sorted(failures, key=lambda each: each.name)),
    )


def failure_of(job: Job[Any]) -> Failure:
    """What a file's job failed with: its own last error, however many workers died under it."""
    seen = job.snapshot()
    name: str = json.loads(seen.args)["name"]
    own = [attempt.error for attempt in seen.attempts if attempt.ending == "failed"]
    error = own[-1] if own else seen.error
    if error is None:
        return Failure(name, str(seen.state), seen.reason)
    return Failure(name, error.kind, error.message)


def _day_of(job: Job[Any]) -> date:
    """The day on which a job was asked for; the same, whenever it runs."""
    seen = job.seen or job.snapshot()
    return datetime.fromtimestamp(seen.created_at / 1_000, UTC).date()
