"""The endpoints below `/api/jobs`: what is asked for, how jobs stand, and what is done to them."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from fastapi.responses import RedirectResponse

from examples.hse.office import Asking, Deleting, Retrying, Seeing, Size, check_queue
from examples.hse.service import Posting
from examples.hse.shapes import (
    CleanIn,
    CountOut,
    CountsOut,
    ExportIn,
    JobDetailOut,
    JobOut,
    JobsOut,
    LetterIn,
    LettersIn,
    LineOut,
    OnboardingIn,
    QueuedOut,
    ReportIn,
    StatsOut,
    WebhookIn,
    job_out,
    plain,
)
from examples.hse.words import QUEUES, STATES, STATUSES, Status
from tidemill import Job, State, errors
from tidemill.core.instants import to_datetime
from tidemill.kits.email import Message

routes: Final = APIRouter(prefix="/api/jobs", tags=["jobs"])


@routes.post("/email", status_code=202)
async def queue_email(body: LetterIn | LettersIn, who: Asking) -> QueuedOut:
    """Send a letter, now or at a moment, or many as one batch."""
    if isinstance(body, LettersIn):
        letters = [
            Message(to=each.to, subject=each.subject, text=each.text, html=each.html)
            for each in body.emails
        ]
        return await _queued(await who.enqueue(who.calls.emails(letters)))
    call = who.calls.email(
        body.to, body.subject, text=body.text, html=body.html, at=body.scheduled_for
    )
    return await _queued(await who.enqueue(call))


@routes.post("/reports", status_code=202)
async def queue_report(body: ReportIn, who: Asking) -> QueuedOut:
    """Build a report; asked for again within five minutes, it is the one that was built."""
    call = who.calls.report(
        body.report_type,
        form=body.format,
        filters=body.filters.model_dump(mode="json", by_alias=True, exclude_defaults=True),
        to=body.email,
        fresh=body.fresh,
    )
    return await _queued(await who.enqueue(call))


@routes.post("/data-exports", status_code=202)
async def queue_data_export(body: ExportIn, who: Asking) -> QueuedOut:
    """Export whole tables."""
    call = who.calls.data_export(body.entities, form=body.format, to=body.email)
    return await _queued(await who.enqueue(call))


@routes.post("/webhooks", status_code=202)
async def queue_webhook(body: WebhookIn, who: Asking) -> QueuedOut:
    """Post an event to a URL, signed if a secret is given."""
    posting = Posting(url=body.url, secret=body.secret.get_secret_value(), headers=body.headers)
    return await _queued(await who.enqueue(who.calls.webhook(body.event, body.payload, posting)))


@routes.post("/tenant-onboarding", status_code=202)
async def queue_tenant_onboarding(body: OnboardingIn, who: Asking) -> QueuedOut:
    """Begin an organisation."""
    return await _queued(await who.enqueue(who.own_calls.onboarding(body.about())))


@routes.get("/stats")
async def get_stats(who: Seeing) -> StatsOut:
    """Tell how many jobs of each queue are in which state."""
    rules = {each.queue: each.paused for each in await who.hse.app.queues.afind()}
    queues, total = {}, dict.fromkeys(STATUSES, 0)
    for queue in QUEUES:
        counts = dict.fromkeys(STATUSES, 0)
        for each in await who.jobs.atally(who.filter(queue)):
            counts[STATES[each.state]] += each.count
            total[STATES[each.state]] += each.count
        queues[queue] = CountsOut(**counts, paused=rules.get(queue, False))
    return StatsOut(queues=queues, total=total)


@routes.get("/dashboard", include_in_schema=False)
async def show_dashboard() -> RedirectResponse:
    """Lead to the dashboard, which lets in whoever logs in."""
    return RedirectResponse("/tidemill/", status_code=307)


@routes.get("/{queue}/jobs")
async def list_jobs(
    queue: str,
    who: Seeing,
    status: Annotated[Status | None, Query()] = None,
    limit: Size = 25,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
) -> JobsOut:
    """List jobs of a queue, newest first."""
    found, rest = await who.page(check_queue(queue), status or "", cursor, limit)
    return JobsOut(jobs=[JobOut(**job_out(job)) for job in found], next=rest)


@routes.get("/{queue}/jobs/{id}")
async def get_job(queue: str, id: str, who: Seeing) -> JobDetailOut:  # noqa: A002 - its word
    """Tell all that is known of a job; what it holds is for Managers and Admins."""
    job = await who.job(queue, id)
    shows, handle = who.sees_payloads, who.jobs.handle(job)
    lines = await handle.alogs() if shows else []
    return JobDetailOut(
        **job_out(job),
        data=plain(job.args) if shows else None,
        result=plain(job.result) if shows else None,
        stacktrace=job.error.traceback if shows and job.error is not None else "",
        logs=[
            LineOut(at=to_datetime(line.at), level=line.level, message=line.message)
            for line in lines
        ],
    )


@routes.post("/{queue}/jobs/{id}/retry")
async def retry_job(queue: str, id: str, who: Retrying) -> CountOut:  # noqa: A002 - its word
    """Run a job that has failed again, with all its attempts before it."""
    job = await who.job(queue, id)
    if job.state not in (State.FAILED, State.CANCELLED):
        raise errors.StateError(
            f"job {job.id} is {STATES[job.state]}", hint="only one that has failed is retried"
        )
    return CountOut(count=await who.jobs.aretry(job.id))


@routes.delete("/{queue}/jobs/{id}")
async def remove_job(queue: str, id: str, who: Deleting) -> CountOut:  # noqa: A002 - its word
    """Remove a job that does not run."""
    job = await who.job(queue, id)
    if job.state is State.RUNNING:
        raise errors.StateError(f"job {job.id} is active", hint="wait until it has ended")
    return CountOut(count=await who.jobs.adelete(job.id))


@routes.post("/{queue}/clean")
async def clean_queue(queue: str, who: Deleting, body: CleanIn | None = None) -> CountOut:
    """Delete jobs that have ended so, and were asked for so many milliseconds ago."""
    wanted = body or CleanIn()
    states = [State.COMPLETED] if wanted.status == "completed" else [State.FAILED, State.CANCELLED]
    now = who.hse.app.store.clock.now()
    meant = who.filter(queue, states)
    count = await who.jobs.adelete(
        queues=list(meant.queues),
        tasks=list(meant.tasks),
        states=states,
        created_before=to_datetime(now - wanted.grace + 1),
    )
    return CountOut(count=count)


async def _queued(job: Job[Any]) -> QueuedOut:
    """The job that was asked for, as it is now."""
    seen = job.seen or await job.asnapshot()
    return QueuedOut(job_id=job.id, queue=seen.queue, status=STATES[seen.state])
