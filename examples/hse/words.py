"""The words and numbers of HSE.Digital: queues, states, roles, and what the environment sets."""

import os
from collections.abc import Mapping
from typing import Final, Literal, get_args

from msgspec import Struct

from tidemill import Priority, State, errors

SYSTEM: Final = "hse"
"""What names of tasks and modules begin with, and the tenants of its organisations."""

EMAIL: Final = "email"
REPORT: Final = "report"
EXPORT: Final = "data-export"
WEBHOOK: Final = "webhook"
ONBOARDING: Final = "tenant-onboarding"
CLEANUP: Final = "cleanup"

TASKS: Final = {
    EMAIL: ("email.send", "email.send_template", "email.send_many", "email.sent_many"),
    REPORT: ("report.build",),
    EXPORT: ("export.run",),
    WEBHOOK: ("webhook.deliver", "webhook.post", "webhook.fan_out"),
    ONBOARDING: ("onboarding.run", "onboarding.wrap_up"),
    CLEANUP: ("cleanup.clean",),
}
"""Its queues, and what is done in each; other systems may have queues called so in one store."""

QUEUES: Final = tuple(TASKS)

PRIORITIES: Final = {
    "highest": Priority.CRITICAL,
    "high": Priority.HIGH,
    "normal": Priority.NORMAL,
    "low": Priority.LOW,
}

STATES: Final = {
    State.SCHEDULED: "delayed",
    State.RETRYING: "delayed",
    State.BLOCKED: "waiting",
    State.WAITING: "waiting",
    State.RUNNING: "active",
    State.COMPLETED: "completed",
    State.FAILED: "failed",
    State.CANCELLED: "failed",
}
"""Its words for the states of jobs: it knows no other end than these two."""

STATUSES: Final = ("waiting", "active", "delayed", "completed", "failed")
Status = Literal["waiting", "active", "delayed", "completed", "failed"]

ROLES: Final = {"Admin": "admin", "Manager": "operator", "User": "viewer"}
"""The roles of an organisation, and those of tidemill: a User looks on."""

MAY: Final = {
    "Admin": "everything, people included",
    "Manager": "reports, exports, permits and incidents",
    "User": "look, and report incidents",
}

KEPT: Final = "1d"
KEPT_FAILED: Final = "7d"
"""How long jobs are kept that have ended well, and otherwise."""

WEBHOOKS_PER_SECOND: Final = 100

ReportType = Literal["audits", "incidents", "work-permits", "compliance"]
REPORTS: Final[tuple[ReportType, ...]] = get_args(ReportType)
Entity = Literal["stations", "audits", "incidents", "work-permits", "contractors", "users"]
ENTITIES: Final[tuple[Entity, ...]] = get_args(Entity)


class Numbers(Struct, frozen=True, kw_only=True):
    """What the environment may set.

    Attributes:
        concurrency: jobs at once, `QUEUE_CONCURRENCY`.
        attempts: of a job whose queue has no number of its own, `QUEUE_MAX_RETRIES`.
        backoff: milliseconds before the second attempt, `QUEUE_BACKOFF_DELAY`.

    Example:
        >>> Numbers.of({"QUEUE_BACKOFF_DELAY": "2000"})
        Numbers(concurrency=5, attempts=3, backoff=2000)
    """

    concurrency: int = 5
    attempts: int = 3
    backoff: int = 5_000

    @classmethod
    def of(cls, environment: Mapping[str, str] = os.environ) -> "Numbers":
        """Read the variables that the system had before.

        Raises:
            InvalidOption: one is no number.
        """
        variables = {
            "concurrency": "QUEUE_CONCURRENCY",
            "attempts": "QUEUE_MAX_RETRIES",
            "backoff": "QUEUE_BACKOFF_DELAY",
        }
        given = {field: environment.get(name, "") for field, name in variables.items()}
        wrong = [variables[field] for field, text in given.items() if text and not text.isdigit()]
        if wrong:
            raise errors.InvalidOption(f"{wrong[0]} is no number", hint="give digits alone")
        return cls(**{field: int(text) for field, text in given.items() if text})


def tenant_of(system: str, slug: str) -> str:
    """The tenant that an organisation is.

    Example:
        >>> tenant_of("hse", "harbour")
        'hse.harbour'
    """
    return f"{system}.{slug}"
