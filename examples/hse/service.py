"""The façade: what a program of HSE.Digital asks for, in the words that it always had."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec
from msgspec import Struct

from examples.hse.words import (
    STATES,
    SYSTEM,
    TASKS,
    Entity,
    ReportType,
)
from tidemill import Job, Secret, State, Tidemill, errors, unique
from tidemill.client.bound import Bound
from tidemill.client.wishes import WishKeywords
from tidemill.core.job import Snapshot
from tidemill.kits.email import Attachment, Message

if TYPE_CHECKING:
    from examples.hse.system import Kits

_FORMS: Final = {"csv": "csv", "json": "jsonl", "parquet": "parquet"}
"""What it calls the formats of exports, and what the kit does."""

CACHED: Final = "5m"
"""A report that is asked for again within this time is the one that was built."""


class Posting(Struct, frozen=True, kw_only=True):
    """A webhook to somebody who has not subscribed.

    Attributes:
        url: where to.
        secret: what it is signed with.
        headers: such as `Authorization`.
    """

    url: str
    secret: str = ""
    headers: Mapping[str, str] = {}


class Calls:
    """Makes calls of the six queues, for one organisation."""

    def __init__(self, kits: "Kits", tenant: str) -> None:
        """Make calls of these kits, for this tenant."""
        self._kits = kits
        self._tenant = tenant

    def email(
        self,
        to: Sequence[str],
        subject: str,
        *,
        text: str = "",
        html: str = "",
        attachments: Sequence[Attachment] = (),
        at: datetime | None = None,
    ) -> Bound[Any]:
        """A letter, now or at a moment."""
        task = self._kits.email.send.using(**self._wishes(at))
        return task.bind(to, subject, text, html=html, attachments=attachments)

    def emails(self, messages: Sequence[Message]) -> Bound[Any]:
        """Many letters, as one batch."""
        return self._kits.email.send_many.using(**self._wishes()).bind(messages)

    def report(
        self,
        kind: ReportType,
        *,
        form: Literal["json", "csv", "html", "pdf"] = "csv",
        filters: Mapping[str, Any] | None = None,
        to: Sequence[str] = (),
        fresh: bool = False,
    ) -> Bound[Any]:
        """A report, of which word goes to these addresses.

        Args:
            kind: what it is of.
            form: how it is written.
            filters: `startDate`, `endDate`, `station`, `status`.
            to: who is sent a link.
            fresh: whether one that was built a moment ago will not do.
        """
        wishes = self._wishes()
        if not fresh:
            wishes["unique"] = unique(window=CACHED)
        task = self._kits.reports.build.using(**wishes)
        return task.bind(kind, form, dict(filters or {}), to=list(to))

    def data_export(
        self,
        entities: Sequence[Entity],
        *,
        form: Literal["json", "csv", "parquet"] = "csv",
        to: Sequence[str] = (),
    ) -> Bound[Any]:
        """An export of whole tables."""
        task = self._kits.exports.run.using(**self._wishes())
        return task.bind(list(entities), _FORMS[form], to=list(to))  # type: ignore[arg-type]  # one of them

    def webhook(self, event: str, data: Any, posting: Posting) -> Bound[Any]:
        """A webhook to somebody who has not subscribed."""
        task = self._kits.webhooks.post.using(**self._wishes())
        secret = Secret(posting.secret) if posting.secret else None
        headers = dict(posting.headers)
        return task.bind(posting.url, event, data, secret=secret, headers=headers)

    def onboarding(self, about: Mapping[str, str], *, key: str = "") -> Bound[Any]:
        """The beginning of an organisation; with a key it is asked for once, however often."""
        wishes = self._wishes()
        if key:
            wishes |= {"key": key, "unique": unique(window="30d")}
        return self._kits.onboarding.run.using(**wishes).bind(dict(about))

    def cleanup(self, names: Sequence[str] = (), *, dry_run: bool = False) -> Bound[Any]:
        """A cleaning of all, or of what is named."""
        task = self._kits.cleanup.clean.using(**self._wishes())
        return task.bind(list(names) or None, dry_run=dry_run)

    def _wishes(self, at: datetime | None = None) -> WishKeywords:
        wishes = WishKeywords(tenant=self._tenant)
        if at is not None:
            wishes["at"] = at
        return wishes


class JobStatus(Struct, frozen=True, kw_only=True):
    """How a job stands.

    Attributes:
        status: waiting, active, delayed, completed or failed.
        progress: 0 to 100.
        result: what it came to, as plain values.
        error: why it failed.
    """

    id: str
    queue: str
    status: str
    progress: float
    attempts: int
    result: Any = None
    error: str = ""


class JobService:
    """What a program of HSE.Digital asks for.

    Example:
        >>> service = hse.service("harbour")  # doctest: +SKIP
        >>> job = service.queue_report("audits", form="json")  # doctest: +SKIP
        >>> service.get_job_status(job.id).status  # doctest: +SKIP
        'waiting'
    """

    def __init__(self, app: Tidemill, tenant: str, calls: Calls) -> None:
        """Ask for jobs of one organisation."""
        self._app = app
        self._tenant = tenant
        self._calls = calls

    def queue_email(self, to: Sequence[str], subject: str, **parts: Any) -> Job[Any]:
        """Send a letter: `text`, `html`, `attachments`."""
        return self._app.enqueue(self._calls.email(to, subject, **parts))

    def queue_scheduled_email(
        self, at: datetime, to: Sequence[str], subject: str, **parts: Any
    ) -> Job[Any]:
        """Send a letter at a moment."""
        return self._app.enqueue(self._calls.email(to, subject, at=at, **parts))

    def queue_bulk_emails(self, messages: Sequence[Message]) -> Job[Any]:
        """Send many letters."""
        return self._app.enqueue(self._calls.emails(messages))

    def queue_report(self, kind: ReportType, **wishes: Any) -> Job[Any]:
        """Build a report: `form`, `filters`, `to`, `fresh`."""
        return self._app.enqueue(self._calls.report(kind, **wishes))

    def queue_data_export(self, entities: Sequence[Entity], **wishes: Any) -> Job[Any]:
        """Export tables: `form`, `to`."""
        return self._app.enqueue(self._calls.data_export(entities, **wishes))

    def queue_webhook(self, event: str, data: Any, url: str, **more: Any) -> Job[Any]:
        """Post an event to a URL: `secret`, `headers`."""
        return self._app.enqueue(self._calls.webhook(event, data, Posting(url=url, **more)))

    def queue_tenant_onboarding(self, **about: str) -> Job[Any]:
        """Begin an organisation: `company`, `slug`, `adminName`, `adminEmail`, `plan`."""
        return self._app.enqueue(self._calls.onboarding(about))

    def queue_cleanup(self, *names: str, dry_run: bool = False) -> Job[Any]:
        """Clean up."""
        return self._app.enqueue(self._calls.cleanup(names, dry_run=dry_run))

    def get_job_status(self, job: str) -> JobStatus:
        """How a job stands.

        Raises:
            JobNotFound: it is not there, or not the organisation's.
        """
        seen = self._app.jobs.get(job).seen
        if seen is None or seen.tenant != self._tenant or not is_ours(seen):
            raise errors.JobNotFound(f"there is no job {job[:80]}")
        return status_of(seen)


def is_ours(job: Snapshot) -> bool:
    """Whether it is a job of HSE.Digital, in a store that others may have jobs in, too."""
    return job.task.removeprefix(f"{SYSTEM}.") in TASKS.get(job.queue, ())


def status_of(seen: Snapshot) -> JobStatus:
    """A job in the words of HSE.Digital."""
    error = seen.error
    said = f"{error.kind}: {error.message}" if error is not None else seen.reason
    ended_well = seen.state is State.COMPLETED
    shown = 0.0 if seen.progress is None else seen.progress.percent
    return JobStatus(
        id=seen.id,
        queue=seen.queue,
        status=STATES[seen.state],
        progress=100.0 if ended_well else shown,
        attempts=seen.attempt,
        result=msgspec.json.decode(seen.result) if ended_well and seen.result else None,
        error=said if seen.state in (State.FAILED, State.CANCELLED) else "",
    )
