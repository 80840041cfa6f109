"""`/api/v1/jobs`: defined, changed, enabled, disabled, cloned, executed; and templates of them."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Query, Response

from examples.automation.definition import PRESETS, JobDefinition, plain
from examples.automation.definitions import of_body
from examples.automation.executions import moment, status_of
from examples.automation.obedience import FORCED
from examples.automation.seat import Seat, seat
from examples.automation.shapes import (
    CloneIn,
    ExecuteIn,
    JobIn,
    JobPatch,
    JobsIn,
    OfJobIn,
    OfTemplateIn,
    TemplateIn,
)
from examples.automation.templates import Template
from tidemill.access.role import Permission

routes: Final = APIRouter(prefix="/api/v1/jobs", tags=["jobs"])

Reading = Annotated[Seat, seat(Permission.SCHEDULES_READ)]
Changing = Annotated[Seat, seat(Permission.SCHEDULES_CHANGE)]
Running = Annotated[Seat, seat(Permission.SCHEDULES_RUN)]

_PAGE: Final = 200


@routes.get("")
async def list_jobs(which: Annotated[JobsIn, Query()], seat: Reading) -> dict[str, Any]:
    """List the jobs that are defined, by id.

    A schedule that somebody has made for a handler in the dashboard becomes a job now.
    """
    await seat.adoption.adopt()
    found: list[JobDefinition] = []
    after = which.after
    more = True
    while more and len(found) <= which.limit:
        page = await seat.definitions.page(after, _PAGE)
        found += [each for each in page if _is_meant(each, which)]
        more = len(page) == _PAGE
        after = page[-1].id if page else after
    shown, rest = found[: which.limit], found[which.limit :]
    return {"jobs": await _all_out(seat, shown), "next": shown[-1].id if rest else None}


@routes.post("", status_code=201)
async def create(body: JobIn, seat: Changing) -> dict[str, Any]:
    """Define a job."""
    return await _out(seat, await seat.definitions.create(_defined(seat, body.told())))


@routes.get("/presets")
async def presets(seat: Reading) -> dict[str, Any]:
    """Show schedules that people choose by name."""
    del seat
    return {"presets": [each._asdict() for each in PRESETS]}


@routes.get("/templates")
async def list_templates(seat: Reading) -> dict[str, Any]:
    """List templates, by id."""
    return {"templates": [plain(each) for each in await seat.templates.all()]}


@routes.post("/templates", status_code=201)
async def put_template(body: TemplateIn, seat: Changing) -> dict[str, Any]:
    """Keep a template, in place of one of the same id."""
    return plain(await seat.templates.put(Template(id=body.id, title=body.title, job=body.job)))


@routes.delete("/templates/{id_}", status_code=204)
async def delete_template(id_: str, seat: Changing) -> Response:
    """Forget a template; jobs that were made of it stay."""
    await seat.templates.delete(id_)
    return Response(status_code=204)


@routes.post("/templates/{id_}/jobs", status_code=201)
async def create_of_template(id_: str, body: OfTemplateIn, seat: Changing) -> dict[str, Any]:
    """Define a job of a template, and of what is said otherwise."""
    filled = await seat.templates.filled(id_, body.told())
    return await _out(seat, await seat.definitions.create(_defined(seat, filled)))


@routes.get("/{id_}")
async def get(id_: str, seat: Reading) -> dict[str, Any]:
    """Look at one job."""
    return await _out(seat, await seat.definitions.get(id_))


@routes.put("/{id_}")
@routes.patch("/{id_}")
async def change(id_: str, body: JobPatch, seat: Changing) -> dict[str, Any]:
    """Change a job: what is sent is different from now on."""
    told = body.told()
    changed = await seat.definitions.change(id_, lambda old: of_body(told, before=old))
    return await _out(seat, changed)


@routes.delete("/{id_}", status_code=204)
async def delete(id_: str, seat: Changing) -> Response:
    """Forget a job; its executions stay."""
    await seat.definitions.delete(id_)
    return Response(status_code=204)


@routes.put("/{id_}/enable")
async def enable(id_: str, seat: Changing) -> dict[str, Any]:
    """Let the schedule of a job come again, from now on."""
    return await _switch(seat, id_, enabled=True)


@routes.put("/{id_}/disable")
async def disable(id_: str, seat: Changing) -> dict[str, Any]:
    """Let the schedule of a job stand still; it can be executed by hand."""
    return await _switch(seat, id_, enabled=False)


@routes.post("/{id_}/execute", status_code=202)
async def execute(
    id_: str,
    seat: Running,
    body: ExecuteIn | None = None,
    idempotency_key: Annotated[str, Header(max_length=200)] = "",
) -> dict[str, Any]:
    """Run a job now, beside its schedule."""
    asked = body or ExecuteIn()
    await seat.desk.quotas.aadmit(seat.desk.client.tenant, [0])
    execution = await seat.definitions.execute(
        id_,
        asked.config,
        tags=(FORCED,) if asked.force else (),
        source=f"manual:{seat.desk.actor.name}",
        key=idempotency_key,
    )
    return {"executionId": execution, "jobId": id_, "status": "PENDING"}


@routes.post("/{id_}/clone", status_code=201)
async def clone(id_: str, seat: Changing, body: CloneIn | None = None) -> dict[str, Any]:
    """Define another job like this one, which is disabled at first."""
    return await _out(seat, await seat.definitions.clone(id_, body.name if body else ""))


@routes.post("/{id_}/template", status_code=201)
async def make_template(id_: str, body: OfJobIn, seat: Changing) -> dict[str, Any]:
    """Make a template of a job."""
    definition = await seat.definitions.get(id_)
    return plain(await seat.templates.of(definition, body.id, body.title or definition.name))


def _defined(seat: Seat, told: dict[str, Any]) -> JobDefinition:
    return of_body({**seat.usual, **told})


async def _switch(seat: Seat, id_: str, *, enabled: bool) -> dict[str, Any]:
    changed = await seat.definitions.change(
        id_, lambda old: of_body({"enabled": enabled}, before=old)
    )
    return await _out(seat, changed)


def _is_meant(definition: JobDefinition, which: JobsIn) -> bool:
    sought = which.search.casefold()
    return (
        which.module_id in ("", definition.module_id)
        and which.enabled in (None, definition.enabled)
        and (sought in definition.name.casefold() or sought in definition.id.casefold())
    )


async def _out(seat: Seat, definition: JobDefinition) -> dict[str, Any]:
    (out,) = await _all_out(seat, [definition])
    return out


async def _all_out(seat: Seat, definitions: list[JobDefinition]) -> list[dict[str, Any]]:
    """Definitions as they travel, each with when it comes, and what came of it when it last did."""
    schedules = {each.name: each for each in await seat.desk.schedules.afind()}
    told = []
    for each in definitions:
        schedule = schedules.get(each.schedule_name)
        which = seat.desk.jobs.filter({"tags": [each.tag]})
        found = (await seat.desk.jobs.apage(which, limit=1)).jobs
        last = found[0] if found else None
        told.append(
            plain(each)
            | {
                "config": each.config if seat.desk.sees_payloads else None,
                "createdAt": moment(each.created_at),
                "updatedAt": moment(each.updated_at),
                "paused": schedule.note or schedule.paused if schedule else False,
                "nextRun": moment(schedule.next_at) if schedule else None,
                "lastRun": moment(last.started_at or last.created_at) if last else None,
                "lastStatus": status_of(last) if last else None,
                "lastExecution": last.id if last else None,
            }
        )
    return told
