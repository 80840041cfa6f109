"""Building a report in memory, and reading the file that came of it."""

from typing import Any

from tidemill import Job
from tidemill.kits.report import Built, Reports
from tidemill.testing import Harness


def ask(mill: Harness, reports: Reports, source: str = "audits", **how: Any) -> Job[Built]:
    """Ask for a report and let it be built."""
    job = mill.app.enqueue(reports.build.bind(source, **how))
    mill.drain()
    return job


def build(mill: Harness, reports: Reports, source: str = "audits", **how: Any) -> bytes:
    """The file of a report."""
    built = ask(mill, reports, source, **how).result(timeout=0)
    with mill.app.files.open(built.file) as kept:
        return kept.read()
