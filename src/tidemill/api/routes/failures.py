"""`/failures`: jobs that went wrong, those that did for the same cause together."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Response

from tidemill.access.role import Permission
from tidemill.api import PREFIX
from tidemill.api.answers import sent
from tidemill.api.callers import needs
from tidemill.api.desk import Desk
from tidemill.api.shapes.failures import (
    FailureJobsOut,
    FailuresIn,
    FailuresOut,
    Fingerprint,
    failure_jobs_out,
    failure_out,
)
from tidemill.client.failures import traits
from tidemill.client.steps import Walk
from tidemill.core.errors import NotFound

MOST: Final = 100
"""Failures that one answer tells."""

_JOBS: Final = 25

routes: Final = APIRouter(prefix=f"{PREFIX}/failures", tags=["failures"])

Reading = Annotated[Desk, needs(Permission.JOBS_READ)]


@routes.get("", operation_id="listFailures", response_model=FailuresOut)
async def list_failures(which: Annotated[FailuresIn, Query()], desk: Reading) -> Response:
    """Tell failed and retrying jobs by what they failed of, as far as can be told quickly."""
    found = await desk.failures(which.tenant)
    groups = found.groups[:MOST]
    tenant = desk.client.asks_about(which.tenant)
    shared = await Walk(traits(await desk.app.aopen(), tenant, groups))
    masked = not desk.sees_payloads
    failures = [failure_out(each, shared[each.fingerprint], masked=masked) for each in groups]
    return sent(
        {
            "failures": failures,
            "kinds": len(found.groups),
            "count": sum(each.count for each in found.groups),
            "searched": found.searched,
            "more": found.more,
        }
    )


@routes.get("/{fingerprint}", operation_id="getFailure", response_model=FailureJobsOut)
async def get(
    fingerprint: Fingerprint, which: Annotated[FailuresIn, Query()], desk: Reading
) -> Response:
    """Look at what failed of one cause: what these jobs have in common, and which they are."""
    found = await desk.failures(which.tenant)
    group = next((each for each in found.groups if each.fingerprint == fingerprint), None)
    if group is None:
        raise NotFound(
            f"nothing fails as {fingerprint} any more",
            hint="its jobs were run again, or deleted, or newer ones stand in front of them",
        )
    engine = await desk.app.aopen()
    shared = await Walk(traits(engine, desk.client.asks_about(which.tenant), [group]))
    wanted = [*group.failed[:_JOBS], *group.retrying[:_JOBS]][:_JOBS]
    jobs = [job for job in await engine.reader.get(wanted) if desk.client.sees(job)]
    masked = not desk.sees_payloads
    told = failure_out(group, shared[fingerprint], masked=masked)
    whole = failure_jobs_out(told, group, jobs, masked=masked)
    return sent(whole | {"searched": found.searched, "more": found.more})
