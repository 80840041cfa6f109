"""The words and numbers of property management: queues, states, urgencies, roles."""

from typing import Final

from tidemill import Priority, Retry, State

SYSTEM: Final = "property"
"""What names of tasks and schedules begin with, and the tenant."""

TICKETS: Final = "tickets"
NOTIFICATIONS: Final = "notifications"
DEAD_LETTER: Final = "dead-letter"
"""No queue of its own: what has failed for good in one of the others."""

QUEUES: Final = (TICKETS, NOTIFICATIONS)

CONCURRENCY: Final = 5
PAGE_SIZE: Final = 25
"""Jobs on a page; the environment's `JOB_UI_PAGE_SIZE` goes before it."""
MOST_PAGE_SIZE: Final = 200

RETRY: Final = Retry.exponential(attempts=3, base="2s")
RETRY_NOTICE: Final = Retry.exponential(attempts=5, base="5s")

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
"""Its words for the states of jobs."""

STATUSES: Final = ("waiting", "active", "delayed", "completed", "failed")
"""The tabs of a queue, in their order; of those that were cancelled there is a sixth."""

URGENCIES: Final = {
    "emergency": Priority.CRITICAL,
    "urgent": Priority.HIGH,
    "routine": Priority.NORMAL,
    "cosmetic": Priority.LOW,
}
"""How urgent a ticket is, and so its jobs."""

ROLES: Final = {"ADMIN": "admin", "OPS": "operator"}
"""Its roles, and those of tidemill: nobody else sees a job."""

CHANNELS: Final = ("email", "sms", "push")
