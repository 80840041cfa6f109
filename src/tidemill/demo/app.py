"""The demo's application: one job for each file, one that tells what all of them found.

Its store is the one that `TIDEMILL_URL` names when this module is imported.
"""

import os
from pathlib import Path
from typing import Final

from tidemill import Retry, Tidemill, current
from tidemill.demo.harvest import gather
from tidemill.demo.measure import Measured, measure, read
from tidemill.demo.report import as_csv, as_html

MEASURE: Final = "measure"
REPORT: Final = "report"
STOCK: Final = "stock"

app = Tidemill()


# People kill the demo's workers to see what happens: a file that is under measurement each time is
# tried again rather than taken for poison.
@app.task(
    queue=MEASURE,
    executor="process",
    retry=Retry.fixed(attempts=12, base="200ms", crashes=12),
    timeout="30s",
)
def measure_file(path: str, name: str) -> Measured:
    """Measure the file that lies at this path and is shown by this name."""
    return measure(read(Path(path)), name)


@app.task(queue=REPORT, timeout="60s")
def write_report(folder: str, home: str) -> list[str]:
    """Write what the jobs of this one's batch have found; answer where it lies."""
    job = current()
    findings = gather(app, job.id, home)
    job.log(f"{len(findings.measured)} files measured, {len(findings.failures)} refused")
    written = {"report.html": as_html(findings), "report.csv": as_csv(findings)}
    return [str(_write(Path(folder) / name, text)) for name, text in written.items()]


@app.schedule(every="10s", overlap="skip")
@app.task(queue=STOCK)
def take_stock() -> int:
    """Note, every ten seconds, how many files are still to be measured."""
    left = sum(count.count for count in app.jobs.counts() if count.queue == MEASURE)
    current().log(f"{left} files are still to be measured")
    return left


def _write(path: Path, text: str) -> Path:
    """Put a file in its place as a whole: who reads it never sees half of it."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    unfinished.write_text(text, encoding="utf-8", newline="")
    return unfinished.replace(path)
