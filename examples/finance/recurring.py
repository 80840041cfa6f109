"""What recurs, and the two tasks of that which ask for others."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from examples.finance import bookkeeping, dialect
from examples.finance.keeping import LEDGER, Keeping
from examples.finance.place import ADDRESSES, Place
from examples.finance.telling import Telling
from tidemill import Priority, Retry, Task, Tidemill, current

MONTHLY: Final = ("spending", "budgets")
"""The reports that are built of each month."""

SCHEDULES: Final[tuple[tuple[str, str, str, Mapping[str, Any]], ...]] = (
    ("finance.backup_verification", "0 0 * * *", "finance.nightly_backup", {}),
    ("finance.clean_old_jobs", "0 0 * * *", "finance.clean_old_jobs", {}),
    ("finance.budget_refresh", "0 1 * * *", "finance.budget_refresh", {}),
    ("finance.email_sync", "0 2 * * *", "finance.email_sync", {"mailbox": ADDRESSES["ada"]}),
    ("finance.weekly_insights", "0 3 * * 0", "finance.insights", {}),
    ("finance.monthly_reports", "0 4 1 * *", "finance.monthly_reports", {}),
    ("finance.notification_digest", "0 8 * * *", "finance.notification_digest", {}),
    ("finance.cache_cleanup", "0 * * * *", "finance.cleanup.clean", {}),
    ("finance.check_stuck", "*/10 * * * *", "finance.check_stuck", {}),
)
"""The schedules: name, pattern, task, and what that is given."""


class Recurring:
    """Two tasks that ask for others.

    Attributes:
        monthly_reports: asks for the reports of a month.
        nightly_backup: asks for a backup, and for its proof behind it.
    """

    def __init__(self, app: Tidemill, place: Place, telling: Telling, keeping: Keeping) -> None:
        """Ask for jobs of this application."""
        self._app = app
        self._place = place
        self._telling = telling
        self._keeping = keeping
        retry = Retry.exponential(attempts=3, base="5s")
        self.monthly_reports: Task[..., list[str]] = app.task(
            name="finance.monthly_reports", queue=dialect.REPORT, timeout="1m", retry=retry
        )(self._monthly_reports)
        self.nightly_backup: Task[..., list[str]] = app.task(
            name="finance.nightly_backup",
            queue=dialect.MAINTENANCE,
            priority=Priority.HIGH,
            timeout="1m",
            retry=retry,
        )(self._nightly_backup)

    def _monthly_reports(self, month: date | None = None) -> list[str]:
        """Ask for the reports of a month, by default of the last one that is over; their jobs."""
        of = bookkeeping.month_before(self._place.today()) if month is None else month
        asked = []
        for report in MONTHLY:
            build = self._telling.reports.build.using(key=f"{current().id}:{report}")
            call = build.bind(
                source=report,
                format="pdf",
                filters={"month": of.isoformat()},
                title=f"{report.capitalize()} of {of:%B %Y}",
                to=list(ADDRESSES.values()),
            )
            asked.append(self._app.enqueue(call).id)
        return asked

    def _nightly_backup(self) -> list[str]:
        """Have a backup of the ledger taken, then restored elsewhere and compared; the two jobs."""
        night, backups = current().id, self._keeping.backups
        take = backups.take.using(key=f"{night}:take").bind(LEDGER)
        taken = self._app.enqueue(take)
        verify = backups.verify.using(key=f"{night}:verify", after=taken).bind(LEDGER)
        return [taken.id, self._app.enqueue(verify).id]
