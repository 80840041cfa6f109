"""Changes of the jobs that a request means: at once, or of very many the rest by a job."""

from typing import Any, Final

from fastapi import Response

from tidemill.api.answers import sent
from tidemill.api.desk import Desk
from tidemill.api.filtering import keywords
from tidemill.api.shapes.changes import ChangedOut, ChangeIn
from tidemill.api.shapes.shape import moment
from tidemill.core.change import Change, Retry, Which
from tidemill.core.errors import InvalidOption

LEFT: Final[dict[int | str, dict[str, Any]]] = {
    202: {"model": ChangedOut, "description": "Begun; a job goes on with the rest."}
}
"""What the document says of changes of very many jobs."""


async def swept(desk: Desk, which: Which, change: Change) -> Response:
    """Have jobs changed, and tell how many were.

    Raises:
        OverQuota: a tenant's jobs are to be run again, and it has as many waiting as it may.
    """
    tenant = desk.actor.tenant
    if tenant and which.ids and isinstance(change, Retry):
        await desk.quotas.aall_again(tenant, len(set(which.ids)))
    began_at = desk.client.store.clock.now()
    left = await desk.app.works.sweeps.start(desk.jobs, which, change, tenant=desk.client.tenant)
    desk.changed()
    operation = await desk.operations.keep(
        which,
        change,
        who=desk.scribe.source,
        reason=desk.scribe.reason,
        began_at=began_at,
        changed=left.changed,
        job=left.job,
        earlier=left.earlier,
    )
    told = {
        "changed": left.changed,
        "job": left.job or None,
        "operation": operation.id,
        "undo_until": moment(operation.undo_until),
    }
    if not left.job:
        return sent(told)
    return sent(told, 202, location=desk.place_of(left.job))


def meant(desk: Desk, body: ChangeIn) -> Which:
    """The jobs that a change is about: ids, or a filter.

    Raises:
        InvalidOption: both are given, or neither, or a filter that would mean all there are.
    """
    if (body.ids is None) == (body.filter is None):
        raise InvalidOption("a change needs ids or a filter, one of the two")
    if body.filter is None:
        return Which(ids=tuple(body.ids or ()))
    which = keywords(desk, body.filter)
    if not which:
        raise InvalidOption(
            "the filter is empty and would mean every job", hint="say what they have in common"
        )
    return Which(filter=desk.jobs.changeable(which))
