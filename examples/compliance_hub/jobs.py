"""The eleven jobs of the hub: what each is called, when it comes, and how urgent it is."""

from typing import Final, NamedTuple

from tidemill import Priority, Retry, State

SYSTEM: Final = "compliance"
"""What names of tasks, schedules and kits begin with, and the tenant."""

QUEUE: Final = "compliance"
MAIL_QUEUE: Final = "compliance-email"
ZONE: Final = "Australia/Sydney"
CONCURRENCY: Final = 5
HISTORY: Final = "90d"

RETRY: Final = Retry.exponential(attempts=3, base="2s")

PRIORITIES: Final = {
    1: Priority.CRITICAL,
    5: Priority.HIGH,
    10: Priority.NORMAL,
    15: Priority.LOW,
}
"""The hub's numbers, of which the smallest is the most urgent."""

STATES: Final = {
    State.SCHEDULED: "delayed",
    State.RETRYING: "delayed",
    State.BLOCKED: "waiting",
    State.WAITING: "waiting",
    State.RUNNING: "active",
    State.COMPLETED: "completed",
    State.FAILED: "failed",
    State.CANCELLED: "cancelled",
}
"""The hub's words for states."""


class Stock(NamedTuple):
    """A job that comes with the hub.

    Attributes:
        type: what the hub calls it.
        title: what people call it.
        pattern: when it comes, in Sydney.
        priority: in the hub's numbers.
    """

    type: str
    title: str
    pattern: str
    priority: int

    @property
    def name(self) -> str:
        """Of its task, and of its schedule."""
        return f"{SYSTEM}.{self.type}"


STOCK: Final = (
    Stock("feedback-analysis", "AI analysis of feedback", "0 1 * * *", 15),
    Stock("xero-sync", "Sync with Xero", "0 2 * * *", 10),
    Stock("accelerate-sync", "Sync with Accelerate", "0 3 * * *", 10),
    Stock("pd-reminders", "Reminders of professional development", "0 8 * * *", 10),
    Stock("credential-expiry", "Check of credentials that expire", "0 8 * * *", 5),
    Stock("policy-reviews", "Reviews of policies", "0 8 * * *", 10),
    Stock("complaint-sla", "Check of the limits for complaints", "0 9 * * *", 1),
    Stock("onboarding-check", "Check of onboarding", "30 9 * * *", 10),
    Stock("weekly-digest", "Weekly digest", "0 8 * * 1", 15),
    Stock("monthly-report", "Monthly report", "0 9 1 * *", 15),
    Stock("retry-failed-emails", "Retry of failed e-mails", "0 */2 * * *", 5),
)

BY_TYPE: Final = {each.type: each for each in STOCK}
BY_NAME: Final = {each.name: each for each in STOCK}


def number_of(priority: int) -> int:
    """The hub's number for a priority of ours.

    Example:
        >>> number_of(90), number_of(0), number_of(-100)
        (1, 10, 15)
    """
    reached = [number for number, ours in PRIORITIES.items() if priority >= ours]
    return min(reached, default=max(PRIORITIES))
