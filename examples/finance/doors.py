"""`/finance`: where people send their statements, and admins ask for a job of any type."""

import asyncio
from typing import Annotated, Any, Final

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from examples.finance import dialect, tables
from examples.finance.place import Place
from examples.finance.routes import Admin
from tidemill import Job, errors
from tidemill.api.callers import needs
from tidemill.api.desk import Desk
from tidemill.client.wishes import WishKeywords

Known = Annotated[Desk, needs(None)]

routes: Final = APIRouter(prefix="/finance", include_in_schema=False)


class JobIn(BaseModel):
    """A job that is asked for.

    The priority is 1 (low) to 4 (critical); the timeout and the delay are milliseconds.
    """

    model_config = ConfigDict(extra="forbid")

    type: str
    data: dict[str, Any] = {}
    priority: int = Field(2, ge=1, le=4)
    timeout: int | None = Field(None, ge=1_000, le=86_400_000)
    delay: int = Field(0, ge=0, le=31_536_000_000)
    maxAttempts: int | None = Field(None, ge=1, le=100)
    deduplicationKey: str = Field("", max_length=200)
    externalId: str = Field("", max_length=200)
    userId: str = Field("", max_length=200)


@routes.post("/statements", status_code=202)
async def send_statement(account: str, request: Request, desk: Known) -> Any:
    """Send a statement of one's own account, as the bank has made it; a job books it."""
    place, content = _place(request), await request.body()
    await asyncio.to_thread(_check_owner, place, account, desk.actor.name)
    data = {"file": await asyncio.to_thread(place.file, content), "account": account}
    task = dialect.TYPES["TRANSACTION_IMPORT"]
    return await _enqueue(place, desk, task, data, {"tags": dialect.tags_of(desk.actor.name)})


@routes.post("/jobs", status_code=202)
async def ask(body: JobIn, request: Request, desk: Admin) -> Any:
    """Ask for a job."""
    wishes: WishKeywords = {
        "priority": dialect.PRIORITIES[body.priority],
        "tags": dialect.tags_of(body.userId or desk.actor.name, body.externalId),
    }
    if body.timeout is not None:
        wishes["timeout"] = f"{body.timeout}ms"
    if body.delay:
        wishes["delay"] = f"{body.delay}ms"
    if body.maxAttempts is not None:
        wishes["attempts"] = body.maxAttempts
    if body.deduplicationKey:
        wishes["key"] = body.deduplicationKey
    return await _enqueue(_place(request), desk, dialect.task_of(body.type), body.data, wishes)


@routes.get("/transactions")
async def transactions(account: str, request: Request, desk: Known) -> Any:
    """The bookings of one's own account, by day."""
    place, booked = _place(request), tables.transactions
    await asyncio.to_thread(_check_owner, place, account, desk.actor.name)
    rows = await asyncio.to_thread(place.ledger.rows, booked, booked.c.account == account)
    rows.sort(key=lambda row: (row["booked_on"], row["external_id"]))
    shown = ("booked_on", "amount", "payee", "memo", "category", "external_id")
    return {"transactions": [{name: row[name] for name in shown} for row in rows]}


def _check_owner(place: Place, account: str, name: str) -> None:
    """See to it that an account is somebody's own.

    Raises:
        NotFound: it is not, or there is none.
    """
    known = tables.accounts.c
    if not place.ledger.rows(tables.accounts, known.id == account, known.owner == name):
        raise errors.NotFound(f"{name} has no account {account!r}")


async def _enqueue(
    place: Place, desk: Desk, task: str, data: dict[str, Any], wishes: WishKeywords
) -> Any:
    job: Job[Any] = await desk.client.aenqueue(desk.client.bound(task, data, wishes))
    if not job.created:
        await asyncio.to_thread(place.ledger.was_asked_again, job.id)
    return dialect.asked(job)


def _place(request: Request) -> Place:
    place: Place = request.app.state.finance.place
    return place
