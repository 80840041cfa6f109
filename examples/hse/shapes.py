"""What the endpoints take and answer, in the words of HSE.Digital."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

import msgspec
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, SecretStr
from pydantic.alias_generators import to_camel

from examples.hse.service import status_of
from examples.hse.words import SYSTEM, Entity, ReportType
from tidemill import Priority
from tidemill.core.instants import Instant, to_datetime
from tidemill.core.job import Snapshot
from tidemill.kits.webhook import Subscription

Addresses = Annotated[list[str], Field(max_length=50)]
Name = Annotated[str, Field(min_length=1, max_length=120)]


class _Shape(BaseModel):
    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, extra="forbid", frozen=True
    )


class LetterIn(_Shape):
    """A letter, now or at a moment."""

    to: Annotated[list[str], Field(min_length=1, max_length=50)]
    subject: Annotated[str, Field(max_length=500)]
    text: Annotated[str, Field(max_length=100_000)] = ""
    html: Annotated[str, Field(max_length=100_000)] = ""
    scheduled_for: AwareDatetime | None = None


class LettersIn(_Shape):
    """Many letters."""

    emails: Annotated[list[LetterIn], Field(min_length=1, max_length=1_000)]


class FiltersIn(_Shape):
    """Which rows a report is of."""

    start_date: date | None = None
    end_date: date | None = None
    station: str = ""
    status: str = ""


class ReportIn(_Shape):
    """A report."""

    report_type: ReportType
    format: Literal["json", "csv", "html", "pdf"] = "csv"
    filters: FiltersIn = FiltersIn()
    email: Addresses = []
    fresh: bool = False


class ExportIn(_Shape):
    """An export of whole tables."""

    entities: Annotated[list[Entity], Field(min_length=1)]
    format: Literal["json", "csv", "parquet"] = "csv"
    email: Addresses = []


class WebhookIn(_Shape):
    """A webhook to somebody who has not subscribed."""

    url: Annotated[str, Field(max_length=2_000)]
    event: Annotated[str, Field(pattern=r"^[a-z]+(\.[a-z_]+)+$", max_length=100)]
    payload: Any = None
    secret: SecretStr = SecretStr("")
    headers: dict[str, str] = {}


class OnboardingIn(_Shape):
    """An organisation that begins."""

    organization_name: Name
    slug: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,38}[a-z0-9]$")]
    admin_name: Annotated[str, Field(min_length=1, max_length=80)]
    admin_email: Annotated[
        str, Field(pattern=r"^[A-Za-z0-9_.+\-]+@[A-Za-z0-9.\-]+$", max_length=120)
    ]
    plan: Literal["trial", "standard", "enterprise"] = "trial"

    def about(self) -> dict[str, str]:
        """As the job is told."""
        return {
            "company": self.organization_name,
            "slug": self.slug,
            "adminName": self.admin_name,
            "adminEmail": self.admin_email,
            "plan": self.plan,
        }


class CleanIn(_Shape):
    """Which jobs that have ended are deleted."""

    grace: Annotated[int, Field(ge=0, le=31_536_000_000)] = 0
    status: Literal["completed", "failed"] = "completed"


class SubscriptionIn(_Shape):
    """Who wants to hear of what."""

    url: Annotated[str, Field(max_length=2_000)]
    events: Annotated[list[str], Field(min_length=1, max_length=20)]
    description: Annotated[str, Field(max_length=200)] = ""


class QueuedOut(_Shape):
    """A job that has been asked for."""

    job_id: str
    queue: str
    status: str


class CountOut(_Shape):
    """How many jobs were meant."""

    count: int


class CountsOut(_Shape):
    """How many jobs of a queue are in which state."""

    waiting: int
    active: int
    delayed: int
    completed: int
    failed: int
    paused: bool


class StatsOut(_Shape):
    """All queues."""

    queues: dict[str, CountsOut]
    total: dict[str, int]


class JobOut(_Shape):
    """A job."""

    id: str
    queue: str
    name: str
    organization_id: str
    status: str
    progress: float
    priority: str
    attempts_made: int
    max_attempts: int
    failed_reason: str
    created_at: datetime
    delayed_until: datetime | None
    processed_on: datetime | None
    finished_on: datetime | None


class LineOut(_Shape):
    """What a job has said."""

    at: datetime
    level: str
    message: str


class JobDetailOut(JobOut):
    """All that is known of a job."""

    data: Any
    result: Any
    stacktrace: str
    logs: list[LineOut]


class JobsOut(_Shape):
    """A page of jobs."""

    jobs: list[JobOut]
    next: str | None


class SubscriptionOut(_Shape):
    """A subscription; its secret is shown when it is made, and when it is rotated."""

    id: str
    url: str
    events: list[str]
    description: str
    enabled: bool
    reason: str
    secret: str


class SubscriptionsOut(_Shape):
    """All subscriptions of an organisation."""

    subscriptions: list[SubscriptionOut]


def job_out(job: Snapshot) -> dict[str, Any]:
    """A job as every endpoint shows it."""
    status = status_of(job)
    named = {int(each): each.name.lower() for each in Priority} | {
        int(Priority.CRITICAL): "highest"
    }
    return {
        "id": job.id,
        "queue": job.queue,
        "name": job.task.removeprefix(f"{SYSTEM}."),
        "organization_id": job.tenant,
        "status": status.status,
        "progress": status.progress,
        "priority": named.get(job.priority, str(job.priority)),
        "attempts_made": job.attempt,
        "max_attempts": job.max_attempts,
        "failed_reason": status.error,
        "created_at": to_datetime(job.created_at),
        "delayed_until": to_datetime(job.ready_at) if status.status == "delayed" else None,
        "processed_on": _moment(job.started_at),
        "finished_on": _moment(job.finished_at),
    }


def plain(payload: bytes | None) -> Any:
    """What stands in a JSON document."""
    return None if payload is None else msgspec.json.decode(payload)


def subscription_out(each: Subscription) -> SubscriptionOut:
    """A subscription as every endpoint shows it."""
    return SubscriptionOut(
        id=each.id,
        url=each.url,
        events=list(each.events),
        description=each.description,
        enabled=each.enabled,
        reason=each.reason,
        secret=each.secret,
    )


def _moment(instant: Instant | None) -> datetime | None:
    return None if instant is None else to_datetime(instant)
