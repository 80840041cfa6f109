"""The twelve endpoints by which a SystemAdmin watches and steers the jobs of the hub."""

from datetime import timedelta
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request

from examples.compliance_hub.jobs import (
    BY_TYPE,
    CONCURRENCY,
    MAIL_QUEUE,
    PRIORITIES,
    QUEUE,
    STATES,
    STOCK,
    SYSTEM,
    Stock,
)
from examples.compliance_hub.pace import Pace
from examples.compliance_hub.shapes import (
    Clean,
    CountOut,
    JobOut,
    JobsOut,
    MetricsOut,
    QueueOut,
    Reason,
    Resume,
    RunsOut,
    Trigger,
    TriggeredOut,
    TypeOut,
    job_out,
    moment,
    run_out,
)
from tidemill import State, errors
from tidemill.access.role import Permission, Role
from tidemill.api.callers import needs
from tidemill.api.desk import Desk
from tidemill.client.client import Client
from tidemill.client.control import Jobs
from tidemill.client.queues import Queues
from tidemill.client.statistics import summarise
from tidemill.core.instants import from_datetime, to_datetime
from tidemill.core.job import Snapshot
from tidemill.core.rules import QueueRules
from tidemill.schedules.schedule import Schedule
from tidemill.schedules.store import Schedules

routes: Final = APIRouter(prefix="/api/v1/jobs", tags=["jobs"])

_FINISHED: Final = (State.COMPLETED, State.FAILED, State.CANCELLED)
_LOOKED_BACK: Final = timedelta(days=90)


class Office:
    """What a SystemAdmin works with: the verbs of the hub's application, in their name."""

    def __init__(self, desk: Desk) -> None:
        """Act for whoever sits at this desk."""
        app = desk.app
        self.sees_payloads = desk.sees_payloads
        # Schedules and rules are the application's; jobs are of its tenant.
        everybodys = app.client.on_behalf(None, desk.scribe)
        self.client: Client = app.client.on_behalf(app.client.tenant or None, desk.scribe)
        self.schedules = Schedules(everybodys)
        self.queues = Queues(everybodys)
        self.jobs = Jobs(self.client)
        self._plain = app.jobs

    def result(self, job: Snapshot | None) -> Any:
        """What came of a job, if it may be shown."""
        if job is None or job.state is not State.COMPLETED or not self.sees_payloads:
            return None
        return self._plain.handle(job).result(timeout=0)


def system_admin(permission: Permission) -> Any:
    """What an endpoint declares: it is for SystemAdmins, whose key, if it is one, allows this."""

    async def office(request: Request, desk: Annotated[Desk, needs(permission)]) -> Office:
        pace: Pace = request.app.state.pace
        pace.count(desk.actor.source, desk.client.store.clock.now())
        home = desk.app.client.tenant
        if desk.actor.role is not Role.ADMIN or desk.actor.tenant not in (None, home):
            raise errors.NotAllowed(
                f"{desk.actor.name} is no SystemAdmin of the hub",
                hint="somebody with the role admin can give it",
            )
        return Office(desk)

    return Depends(office)


Seeing = Annotated[Office, system_admin(Permission.JOBS_READ)]
Running = Annotated[Office, system_admin(Permission.SCHEDULES_RUN)]
Scheduling = Annotated[Office, system_admin(Permission.SCHEDULES_CHANGE)]
Retrying = Annotated[Office, system_admin(Permission.JOBS_CHANGE)]
Steering = Annotated[Office, system_admin(Permission.QUEUES_CHANGE)]
Cleaning = Annotated[Office, system_admin(Permission.JOBS_DELETE)]
Most = Annotated[int, Query(ge=1, le=200)]


@routes.get("", operation_id="listJobs")
async def list_jobs(office: Seeing) -> JobsOut:
    """List the jobs of the hub: when each comes, when it last came, and what of that."""
    schedules = {each.name: each for each in await office.schedules.afind()}
    known = [stock for stock in STOCK if stock.name in schedules]
    return JobsOut(jobs=[await _shown(office, each, schedules[each.name]) for each in known])


@routes.post("/trigger", status_code=202, operation_id="triggerJob")
async def trigger(body: Trigger, office: Running) -> TriggeredOut:
    """Run a job now, beside its times."""
    stock = _stock(body.name)
    if body.priority is None:
        return TriggeredOut(id=await office.schedules.arun(stock.name), type=stock.type)
    urgent = office.client.bound(
        stock.name,
        None,
        {
            "priority": PRIORITIES[body.priority],
            "source": f"schedule:{stock.name}",
            # As a schedule keeps its jobs apart: one that is under way is not asked for again.
            "key": f"{office.client.tenant}/schedule:{stock.name}",
        },
    )
    return TriggeredOut(id=(await office.client.aenqueue(urgent)).id, type=stock.type)


@routes.get("/metrics", operation_id="getMetrics")
async def metrics(office: Seeing) -> MetricsOut:
    """Tell how runs of the last 90 days fared, and how many there are now."""
    now = to_datetime(office.client.store.clock.now())
    found = await office.jobs.astatistics(now - _LOOKED_BACK, step="day", queue=QUEUE)
    counts = await _counts(office)
    by_type = {}
    for stock in STOCK:
        of_task = summarise([each for each in found.buckets if each.task == stock.name])
        ended = of_task.endings
        by_type[stock.type] = TypeOut(
            completed=ended.get("completed", 0),
            failed=sum(ended.get(each, 0) for each in ("failed", "timed_out", "crashed")),
            average_duration=of_task.run.mean,
        )
    dead = await office.jobs.atally(
        office.jobs.filter({"queues": [QUEUE], "states": [State.FAILED]})
    )
    failed = sum(each.failed for each in by_type.values())
    given_up = sum(each.count for each in dead)
    return MetricsOut(
        since=moment(from_datetime(now - _LOOKED_BACK)) or "",
        completed=found.endings.get("completed", 0),
        failed=given_up,
        retried=max(failed - given_up, 0),
        success_rate=None if found.success_rate is None else round(100 * found.success_rate, 1),
        average_duration=found.run.mean,
        waiting=counts["waiting"],
        active=counts["active"],
        delayed=counts["delayed"],
        by_type=by_type,
    )


@routes.get("/history", operation_id="listHistory")
async def history(office: Seeing, limit: Most = 50) -> RunsOut:
    """List runs that have ended, newest first; they are kept for 90 days."""
    return await _runs(office, {"queues": [QUEUE], "states": _FINISHED}, limit)


@routes.get("/dead-letter", operation_id="listDeadLetters")
async def dead_letter(office: Seeing, limit: Most = 50) -> RunsOut:
    """List what has failed for good, e-mails as well."""
    return await _runs(office, {"queues": [QUEUE, MAIL_QUEUE], "states": [State.FAILED]}, limit)


@routes.post("/dead-letter/{id}/retry", operation_id="retryDeadLetter")
async def retry(id: str, office: Retrying) -> CountOut:  # noqa: A002 - the hub's word
    """Run what has failed for good again, with all its attempts before it."""
    job = (await office.jobs.aget(id)).seen
    if job is None or job.state is not State.FAILED or not job.task.startswith(SYSTEM):
        raise errors.NotFound(f"job {id} is no dead letter", hint="has it been retried already?")
    return CountOut(count=await office.jobs.aretry(id))


@routes.post("/queue/pause", operation_id="pauseQueue")
async def pause_queue(office: Steering, body: Reason | None = None) -> QueueOut:
    """Start no job of the hub any more; what runs, runs on."""
    await office.queues.apause(QUEUE, body.reason if body else "")
    return await _queue(office)


@routes.post("/queue/resume", operation_id="resumeQueue")
async def resume_queue(office: Steering) -> QueueOut:
    """Start jobs of the hub again."""
    await office.queues.aresume(QUEUE)
    return await _queue(office)


@routes.post("/queue/clean", operation_id="cleanQueue")
async def clean_queue(office: Cleaning, body: Clean | None = None) -> CountOut:
    """Delete runs that ended so, and were asked for so long ago."""
    wanted = body or Clean()
    before = to_datetime(office.client.store.clock.now() - wanted.grace + 1)
    count = await office.jobs.adelete(queues=[QUEUE], states=[wanted.status], created_before=before)
    return CountOut(count=count)


@routes.get("/queue/status", operation_id="getQueueStatus")
async def queue_status(office: Seeing) -> QueueOut:
    """Look at the queue of the hub."""
    return await _queue(office)


@routes.post("/{type}/pause", operation_id="pauseJob")
async def pause(type: str, office: Scheduling, body: Reason | None = None) -> JobOut:  # noqa: A002 - the hub's word
    """Let a job come no more; ticks of the pause are not made up for."""
    stock = _stock(type)
    note = body.reason if body else ""
    return await _shown(office, stock, await office.schedules.apause(stock.name, note=note))


@routes.post("/{type}/resume", operation_id="resumeJob")
async def resume(type: str, office: Scheduling, body: Resume | None = None) -> JobOut:  # noqa: A002 - the hub's word
    """Let a job come again, perhaps at other times or in another zone."""
    stock = _stock(type)
    wanted = {} if body is None else body.model_dump(exclude_none=True)
    return await _shown(office, stock, await office.schedules.aresume(stock.name, **wanted))


def _stock(type_: str) -> Stock:
    """The job of this type.

    Raises:
        NotFound: there is none.
    """
    if type_ not in BY_TYPE:
        raise errors.NotFound(f"the hub has no job {type_!r}", hint="GET /api/v1/jobs names all")
    return BY_TYPE[type_]


async def _shown(office: Office, stock: Stock, schedule: Schedule) -> JobOut:
    newest = await _newest(office, {"tasks": [stock.name]}, 1)
    last = newest[0] if newest else None
    return job_out(stock, schedule, last, office.result(last))


async def _runs(office: Office, which: Any, limit: int) -> RunsOut:
    found = await _newest(office, which, limit)
    return RunsOut(jobs=[run_out(job, office.result(job)) for job in found])


async def _newest(office: Office, which: Any, limit: int) -> list[Snapshot]:
    """The newest runs that are meant: a page of the store may be short, and not the last one."""
    meant = office.jobs.filter(which)
    found: list[Snapshot] = []
    cursor = None
    while len(found) < limit:
        page = await office.jobs.apage(meant, cursor=cursor, limit=limit - len(found))
        found += [job for job in page.jobs if _is_ours(job)]
        if (cursor := page.cursor) is None:
            break
    return found


def _is_ours(job: Snapshot) -> bool:
    return job.task.startswith(SYSTEM)


async def _counts(office: Office) -> dict[str, int]:
    """Live jobs of the hub by the hub's words for states."""
    counts = dict.fromkeys(("waiting", "active", "delayed"), 0)
    for each in await office.jobs.acounts():
        if each.queue == QUEUE:
            counts[STATES[each.state]] += each.count
    return counts


async def _queue(office: Office) -> QueueOut:
    rules = {each.queue: each for each in await office.queues.afind()}
    mine = rules.get(QUEUE, QueueRules(queue=QUEUE, most=CONCURRENCY))
    meant = office.jobs.filter({"queues": [QUEUE], "states": _FINISHED})
    ended = {STATES[each.state]: each.count for each in await office.jobs.atally(meant)}
    workers = await office.jobs.aworkers()
    return QueueOut(
        name=QUEUE,
        is_paused=mine.paused,
        note=mine.note,
        concurrency=mine.most,
        workers=len(workers),
        counts={**await _counts(office), "completed": 0, "failed": 0, **ended},
    )
