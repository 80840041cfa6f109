"""`/audit`: who did what, and whether the log of it is whole."""

from typing import Annotated, Final

import msgspec
from fastapi import APIRouter, Query, Request, Response

from tidemill.access.audit import Search
from tidemill.access.role import Permission
from tidemill.api import PREFIX
from tidemill.api.answers import page, sent
from tidemill.api.callers import needs
from tidemill.api.desk import Desk
from tidemill.api.shapes.access import AuditIn, AuditOut, VerdictOut, VerifyIn, line_out

routes: Final = APIRouter(prefix=f"{PREFIX}/audit", tags=["audit"])

Reading = Annotated[Desk, needs(Permission.AUDIT_READ)]
Verifying = Annotated[Desk, needs(Permission.AUDIT_VERIFY)]


@routes.get("", operation_id="listAudit", response_model=AuditOut)
async def list_lines(
    request: Request, which: Annotated[AuditIn, Query()], desk: Reading
) -> Response:
    """List who did what, newest first."""
    search = Search(
        tenant=which.tenant,
        actor=which.actor,
        action=which.action,
        target=which.target,
        result=which.result,
        since=desk.instant(which.since),
        before=desk.instant(which.until),
    )
    found = await desk.audit.apage(search, cursor=which.cursor, limit=which.limit)
    out = {"lines": [line_out(each) for each in found.lines], "cursor": found.cursor}
    return page(request, out, None if found.cursor is None else str(found.cursor))


@routes.get("/verify", operation_id="verifyAudit", response_model=VerdictOut)
async def verify_log(which: Annotated[VerifyIn, Query()], desk: Verifying) -> Response:
    """Show that no line was altered, removed or slipped in."""
    verdict = await desk.audit.averify(noted=which.noted)
    return sent({"whole": verdict.whole, **msgspec.structs.asdict(verdict)})
