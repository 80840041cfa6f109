"""`/api/v1/jobs/{id}/webhooks`: where results of a job are posted, and what came of that."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Request, Response

from examples.automation.executions import moment
from examples.automation.results import pattern_of
from examples.automation.seat import Seat, seat
from examples.automation.shapes import WebhookIn
from tidemill import Records
from tidemill.access.role import Permission
from tidemill.errors import NotFound
from tidemill.kits.webhook import Subscriptions, Webhooks

routes: Final = APIRouter(prefix="/api/v1/jobs/{id_}/webhooks", tags=["webhooks"])

Reading = Annotated[Seat, seat(Permission.SCHEDULES_READ)]
Changing = Annotated[Seat, seat(Permission.SCHEDULES_CHANGE)]


@routes.get("")
async def list_webhooks(id_: str, seat: Reading, request: Request) -> dict[str, Any]:
    """List where the results of a job are posted."""
    await seat.definitions.get(id_)
    return {"webhooks": [_out(each) for each in await _of(seat, request, id_)]}


@routes.post("", status_code=201)
async def create(id_: str, body: WebhookIn, seat: Changing, request: Request) -> dict[str, Any]:
    """Have results of a job posted from now on; the secret that signs them is shown this once."""
    await seat.definitions.get(id_)
    patterns = [pattern_of(id_, status) for status in body.on] or [pattern_of(id_, "*")]
    made = await _all(seat, request).acreate(body.url, patterns, description=_mark(id_))
    return _out(made) | {"secret": made.secret}


@routes.delete("/{webhook}", status_code=204)
async def delete(id_: str, webhook: str, seat: Changing, request: Request) -> Response:
    """Have results posted there no more."""
    await _found(seat, request, id_, webhook)
    await _all(seat, request).adelete(webhook)
    return Response(status_code=204)


@routes.get("/{webhook}/deliveries")
async def deliveries(id_: str, webhook: str, seat: Reading, request: Request) -> dict[str, Any]:
    """Show what was posted there, newest first, and what was answered."""
    await _found(seat, request, id_, webhook)
    page = await _kit(request).deliveries(seat.desk.app).apage(webhook)
    return {
        "deliveries": [
            {
                "id": each.id,
                "event": each.event,
                "state": each.state,
                "tries": [{"status": one.status, "error": one.error} for one in each.tries],
                "createdAt": moment(each.created_at),
            }
            for each in page.deliveries
        ]
    }


def _kit(request: Request) -> Webhooks:
    kit: Webhooks = request.app.state.automation.webhooks
    return kit


def _all(seat: Seat, request: Request) -> Subscriptions:
    """Those of all jobs; what is changed is told in the audit log as that of whoever asks."""
    kit = _kit(request)
    return kit.subscriptions(seat.desk.app, records=Records(seat.desk.client, kit.kept_as))


def _mark(job: str) -> str:
    """What the subscriptions of a job are known by."""
    return f"job:{job}"


async def _of(seat: Seat, request: Request, job: str) -> list[Any]:
    found = await _all(seat, request).alist(limit=1_000)
    return [each for each in found if each.description == _mark(job)]


async def _found(seat: Seat, request: Request, job: str, webhook: str) -> Any:
    """One of the webhooks of a job.

    Raises:
        NotFound: it has none of this id.
    """
    for each in await _of(seat, request, job):
        if each.id == webhook:
            return each
    raise NotFound(f"job {job!r} has no webhook {webhook!r}")


def _out(subscription: Any) -> dict[str, Any]:
    return {
        "id": subscription.id,
        "url": subscription.url,
        "on": [pattern.split(".")[1] for pattern in subscription.events],
        "enabled": subscription.enabled,
        "reason": subscription.reason,
        "createdAt": moment(subscription.created_at),
    }
