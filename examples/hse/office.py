"""An office: what a route is given that acts for whoever asks, and for no other organisation."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import Depends, Query, Request

from examples.hse.service import Calls, is_ours
from examples.hse.words import QUEUES, STATES, STATUSES, SYSTEM, TASKS
from tidemill import Job, State, errors
from tidemill.access.role import Permission
from tidemill.api.callers import needs
from tidemill.api.desk import Desk
from tidemill.client.bound import Bound
from tidemill.client.control import Jobs
from tidemill.core.job import Snapshot
from tidemill.core.query import JobFilter

if TYPE_CHECKING:
    from examples.hse.system import Hse

_OF_STATUS: Final = {
    status: tuple(state for state, word in STATES.items() if word == status) for status in STATUSES
}
_MOST: Final = 100


class Office:
    """Made for each request.

    People of an organisation have a role for its tenant, and see its jobs alone. Who has a role for
    the whole instance, or for the tenant that the others' names begin with, is of HSE.Digital
    itself, and sees those of all its organisations, or of the one that is named.

    Attributes:
        hse: the installation.
        tenant: whose jobs are meant; empty: those of all.
        is_staff: whether whoever asks is of HSE.Digital itself.
        client: asks on their behalf.
    """

    def __init__(self, hse: "Hse", desk: Desk, organisation: str) -> None:
        """Sit down at a desk.

        Raises:
            NotFound: it is about an organisation that whoever asks does not reach.
        """
        self.hse = hse
        whose = desk.actor.tenant
        self.is_staff = whose in (None, hse.setup.tenant)
        mine = "" if self.is_staff else whose or ""
        self.tenant = hse.tenant(organisation) if organisation else mine
        begins = f"{hse.setup.tenant}."
        if not self.tenant.startswith(begins if self.tenant else ""):
            raise errors.NotFound(f"there is no organisation {self.tenant[:80]!r}")
        if not self.is_staff and self.tenant != whose:
            raise errors.NotFound(f"there is no organisation {organisation!r}")
        self._quotas = desk.quotas
        self.client = desk.app.client.on_behalf(self.tenant or None, desk.scribe)
        self.jobs = Jobs(self.client)
        self.sees_payloads = desk.sees_payloads

    @property
    def calls(self) -> Calls:
        """Calls in the name of the organisation.

        Raises:
            InvalidArguments: none is named, and whoever asks is of none.
        """
        if not self.tenant:
            raise errors.InvalidArguments(
                "it is not said for which organisation", hint="add ?organization=its slug"
            )
        return self.hse.calls(self.tenant)

    @property
    def own_calls(self) -> Calls:
        """Calls in the name of HSE.Digital itself.

        Raises:
            NotAllowed: whoever asks is of an organisation.
        """
        if not self.is_staff or self.tenant:
            raise errors.NotAllowed("organisations are begun by HSE.Digital alone")
        return self.hse.calls(self.hse.tenant())

    async def enqueue(self, call: Bound[Any]) -> Job[Any]:
        """Enqueue a call, if the organisation may have one more.

        Raises:
            OverQuota: it may not.
        """
        owner = call.terms.wishes.tenant or ""
        await self._quotas.aadmit(owner, [len(call.arguments.payload)])
        return await self.client.aenqueue(call)

    def filter(self, queue: str, states: Sequence[State] = ()) -> JobFilter:
        """The jobs of a queue that are HSE.Digital's."""
        tasks = [f"{SYSTEM}.{task}" for task in TASKS[check_queue(queue)]]
        return self.jobs.filter({"queues": [queue], "tasks": tasks, "states": list(states)})

    async def page(
        self, queue: str, status: str, cursor: str | None, size: int
    ) -> tuple[list[Snapshot], str | None]:
        """Jobs of a queue, newest first, and where the rest begins."""
        meant = self.filter(queue, _OF_STATUS.get(status, ()))
        found: list[Snapshot] = []
        while True:
            page = await self.jobs.apage(meant, cursor=cursor, limit=size - len(found))
            found += [job for job in page.jobs if self._is_meant(job)]
            cursor = page.cursor
            if cursor is None or len(found) >= size:
                return found, cursor

    async def job(self, queue: str, id_: str) -> Snapshot:
        """One job of a queue.

        Raises:
            NotFound: there is no such queue, or no such job in it.
        """
        check_queue(queue)
        found = (await self.jobs.aget(id_)).seen
        if found is None or found.queue != queue or not self._is_meant(found):
            raise errors.JobNotFound(f"there is no job {id_[:80]} in {queue}")
        return found

    def _is_meant(self, job: Snapshot) -> bool:
        """Whether it is of an organisation of HSE.Digital's, or its own."""
        own = self.hse.setup.tenant
        return is_ours(job) and (job.tenant in ("", own) or job.tenant.startswith(f"{own}."))


def office(permission: Permission) -> Any:
    """What a route declares: the permission without which it does nothing."""

    async def sit_down(
        request: Request,
        desk: Annotated[Desk, needs(permission)],
        organization: Annotated[str, Query(max_length=80)] = "",
    ) -> Office:
        return Office(request.app.state.hse, desk, organization)

    return Depends(sit_down)


Seeing = Annotated[Office, office(Permission.JOBS_READ)]
Asking = Annotated[Office, office(Permission.JOBS_ENQUEUE)]
Retrying = Annotated[Office, office(Permission.JOBS_CHANGE)]
Deleting = Annotated[Office, office(Permission.JOBS_DELETE)]
Size = Annotated[int, Query(ge=1, le=_MOST)]


def check_queue(queue: str) -> str:
    """Return the queue if there is one.

    Raises:
        NotFound: there is none.
    """
    if queue not in QUEUES:
        raise errors.NotFound(f"there is no queue {queue[:80]!r}", hint=f"{', '.join(QUEUES)}")
    return queue
