"""`/audit`: who did what, and whether the log of it is whole."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response

from tidemill.access.audit import Search, find, verify
from tidemill.access.role import Permission
from tidemill.api import PREFIX
from tidemill.api.answers import page, sent
from tidemill.api.callers import needs
from tidemill.api.desk import Desk
from tidemill.api.shapes.access import AuditIn, AuditOut, VerdictOut, base_out, line_out
from tidemill.client.steps import Walk
from tidemill.core.instants import from_datetime

routes: Final = APIRouter(prefix=f"{PREFIX}/audit", tags=["audit"])

Reading = Annotated[Desk, needs(Permission.AUDIT_READ)]
Verifying = Annotated[Desk, needs(Permission.AUDIT_VERIFY)]


@routes.get("", operation_id="listAudit", response_model=AuditOut)
async def list_lines(
    request: Request, which: Annotated[AuditIn, Query()], desk: Reading
) -> Response:
    """List who did what, newest first."""
    search = Search(
        tenant=desk.client.asks_about(which.tenant),
        actor=which.actor,
        action=which.action,
        target=which.target,
        result=which.result,
        since=None if which.since is None else from_datetime(which.since),
        before=None if which.until is None else from_datetime(which.until),
    )
    engine = await desk.app.aopen()
    found = await Walk(find(engine, search, cursor=which.cursor, limit=which.limit))
    out = {"lines": [line_out(each) for each in found.lines], "cursor": found.cursor}
    return page(request, out, None if found.cursor is None else str(found.cursor))


@routes.get("/verify", operation_id="verifyAudit", response_model=VerdictOut)
async def verify_log(desk: Verifying) -> Response:
    """Show that no line was altered, removed or slipped in."""
    verdict = await Walk(verify(await desk.app.aopen()))
    return sent(
        {
            "whole": verdict.whole,
            "lines": verdict.lines,
            "broken_position": verdict.broken_position,
            "last": verdict.last,
            "begins_behind": base_out(verdict.begins_behind),
        }
    )
