"""The demo's application: one job for each file, one that tells what all of them found.

Its store is the one that `TIDEMILL_URL` names; `tidemill.demo.main` sees to that.
"""

import json
import os
import platform
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from tidemill import Job, Retry, State, Tidemill, current
from tidemill.demo.measure import Measured, measure, read
from tidemill.demo.report import Failure, Findings, as_csv, as_html

MEASURE = "measure"
REPORT = "report"
STOCK = "stock"

app = Tidemill()


# A file that cannot be parsed fails at every attempt. Of the four, any two may be lost to a worker
# that is killed, and still the last word is the file's own error rather than "its worker was lost".
@app.task(
    queue=MEASURE,
    executor="process",
    retry=Retry.fixed(attempts=4, base="200ms"),
    timeout="30s",
)
def measure_file(path: str, name: str) -> Measured:
    """Measure the file that lies at this path and is shown by this name."""
    return measure(read(Path(path)), name)


@app.task(queue=REPORT, timeout="60s")
def write_report(folder: str, home: str) -> list[str]:
    """Write what the jobs of this one's batch have found; answer where it lies."""
    job = current()
    findings = collect(job.id, home)
    job.log(f"{len(findings.measured)} files measured, {len(findings.failures)} refused")
    written = {"report.csv": as_csv(findings), "report.html": as_html(findings)}
    return [str(_write(Path(folder) / name, text)) for name, text in written.items()]


@app.schedule(every="10s", overlap="skip")
@app.task(queue=STOCK)
def take_stock() -> int:
    """Note, every ten seconds, how many files are still to be measured."""
    left = sum(count.count for count in app.jobs.counts() if count.queue == MEASURE)
    current().log(f"{left} files are still to be measured")
    return left


def collect(batch: str, home: str) -> Findings:
    """What the jobs of a batch have found, sorted by file, however they came to find it."""
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
    """What a file's job failed with, as it was when the handle last looked."""
    seen = job.seen or job.snapshot()
    name: str = json.loads(seen.args)["name"]
    if seen.error is None:
        return Failure(name, str(seen.state), seen.reason)
    return Failure(name, seen.error.kind, seen.error.message)


def _day_of(job: Job[Any]) -> date:
    """The day on which a job was asked for; the same, whenever it is run."""
    seen = job.seen or job.snapshot()
    return datetime.fromtimestamp(seen.created_at / 1_000, UTC).date()


def _write(path: Path, text: str) -> Path:
    """Put a file in its place as a whole: who reads it never sees half of it."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    unfinished.write_text(text, encoding="utf-8", newline="")
    return unfinished.replace(path)
