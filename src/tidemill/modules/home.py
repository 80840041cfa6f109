"""The application whose job runs here: what the code of a module means without naming it."""

from collections.abc import Iterable
from typing import Any, TypeVar

from msgspec.structs import replace

from tidemill.client.bound import Bound
from tidemill.client.client import Client
from tidemill.client.job import Job
from tidemill.core.errors import OutsideJob
from tidemill.core.identity import derived_id
from tidemill.tasks.charter import chartered

R = TypeVar("R")


def home(what: str) -> Client:
    """The client of the application whose job runs here.

    Raises:
        OutsideJob: no job of a module runs here, or it runs in a child process.
    """
    charter = chartered.get()
    if charter is None or charter.home is None:
        raise OutsideJob(
            f"{what} is a module's, and no application runs a job of a module here",
            hint="name the application: app.enqueue(task.bind(...)), app.events.emit(...)",
        )
    found: Client = charter.home
    return found


def tenant() -> str:
    """The tenant of the job that runs here."""
    from tidemill.worker.run import running  # noqa: PLC0415 - a program may only enqueue

    return running.get().claim.tenant


class Afloat:
    """Takes calls of tasks that no application has declared, where a job of a module runs."""

    def enqueue(self, bound: Bound[R], /) -> Job[R]:
        """Store one job, of the tenant of the one that runs here."""
        client = home(bound.terms.declaration.name)
        return client.enqueue(of_tenant(bound))

    async def aenqueue(self, bound: Bound[R], /) -> Job[R]:
        """As `enqueue`, from async code."""
        client = home(bound.terms.declaration.name)
        return await client.aenqueue(of_tenant(bound))


def once(callback: Bound[R], members: Iterable[Bound[Any]]) -> tuple[Bound[R], list[Bound[Any]]]:
    """The same calls, under ids that the next attempt of the running job gives them, too.

    What an attempt has stored is not stored again by the next one, which need not know of it.
    """
    from tidemill.worker.run import running  # noqa: PLC0415 - as above

    run = running.get()
    number = str(run.number())

    def renamed(bound: Bound[Any], place: str) -> Bound[Any]:
        id_ = derived_id("once", run.claim.id, number, place)
        return Bound(of_tenant(bound).terms, bound.arguments, id_)

    several = [renamed(member, str(place)) for place, member in enumerate(members)]
    return renamed(callback, "callback"), several


def of_tenant(bound: Bound[R]) -> Bound[R]:
    """The call, for the tenant of the running job unless it is wished for another one."""
    wishes = bound.terms.wishes
    if wishes.tenant is not None:
        return bound
    return bound.wishing(replace(wishes, tenant=tenant()))
