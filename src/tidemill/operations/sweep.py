"""A change of many jobs: begun while somebody waits for it, finished as a job of its own."""

from typing import Any, Final, Protocol

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from tidemill.client.bound import Bound
from tidemill.client.client import Client
from tidemill.client.control import VERBS, Jobs
from tidemill.client.steps import Walk
from tidemill.client.terms import Terms
from tidemill.client.wishes import NONE
from tidemill.core.change import Change, Which
from tidemill.core.change import Retry as ChangeRetry
from tidemill.core.earlier import Earlier
from tidemill.core.errors import OverQuota
from tidemill.core.identity import OWN_QUEUE
from tidemill.tasks.declaration import Declaration
from tidemill.tasks.directives import Cancel, Retry, Snooze
from tidemill.tasks.options import read_options
from tidemill.worker.context import current

SWEEP: Final = "tidemill-sweep"

AT_ONCE: Final = 10_000
"""Jobs that are looked at before the rest is left to a job."""

_SLICE: Final = 500
_UNTIL_ROOM: Final = "10s"
_KINDS: Final = {verb: kind for kind, verb in VERBS.items()}


class Rest(Struct, frozen=True, kw_only=True):
    """What is left to be done.

    Attributes:
        verb: what the audit log calls the change.
        change: the change itself, as plain values.
        which: the jobs meant; of one tenant, if whoever asks is of one.
        cursor: where to go on.
        changed: how many have been changed so far.
    """

    verb: str
    change: dict[str, Any]
    which: Which
    cursor: str
    changed: int


class Grants(Protocol):
    """Knows how many jobs of a tenant may wait anew."""

    async def aagain(self, tenant: str, wanted: int) -> int:
        """How many of so many may; these are counted.

        Raises:
            OverQuota: none of them may.
        """
        ...

    def unused(self, tenant: str, count: int) -> None:
        """So many of those that might have waited anew were not there."""
        ...


class Left(Struct, frozen=True):
    """Where a sweep is left to a job: as far as it has come.

    Attributes:
        earlier: what the jobs were that it has changed, where that can be made so again.
    """

    changed: int
    job: str
    earlier: tuple[Earlier, ...] = ()


class Sweeps:
    """Makes the jobs that finish changes, and runs them.

    Attributes:
        task: what these jobs are of.
    """

    def __init__(self, client: Client, grants: Grants, *, at_once: int = AT_ONCE) -> None:
        """Change jobs through this client; what a sweep holds says whose they are.

        Args:
            grants: keeps the retries of tenants within what they may have waiting.
        """
        self._client = client
        self._grants = grants
        self._at_once = at_once
        self._jobs = Jobs(client)
        options = read_options(
            self.sweep,
            {
                "queue": OWN_QUEUE,
                "retry": Retry.exponential(attempts=10, base="1s", cap="1m"),
                "timeout": None,
            },
        )
        self.task: Declaration[int] = Declaration(self.sweep, options, name=SWEEP)

    async def start(self, asker: Jobs, which: Which, change: Change, *, tenant: str) -> Left:
        """Change the first jobs now, and leave the rest to a job, if there is any.

        Args:
            asker: the jobs as they are there for whoever asks.
            tenant: whose job the rest is.

        Raises:
            OverQuota: jobs of the tenant are to wait anew, and not one more may.
        """
        changed, cursor = 0, None
        earlier: list[Earlier] = []
        for _ in range(self._at_once // _SLICE):
            try:
                most = await self._most(change, tenant)
            except OverQuota:
                if not changed:
                    raise
                break  # and the rest goes on when there is room
            done = await asker.achange(which, change, cursor=cursor, limit=most)
            self._give_back(change, tenant, most - len(done.ids))
            changed += len(done.ids)
            earlier += done.earlier
            if (cursor := done.cursor) is None:
                return Left(changed, "", tuple(earlier))
        rest = Rest(
            verb=VERBS[type(change)],
            change=msgspec.to_builtins(change),
            which=asker.owned(which),
            cursor=cursor or "",
            changed=changed,
        )
        call = Bound(Terms(self.task, NONE), self.task.encode_args((rest,), {}))
        job = call.new_job(tenant, self._client.store.clock)
        engine = await Walk(self._client.store.engine())
        await engine.jobs.insert([job])
        return Left(changed, job.id)

    async def sweep(self, rest: Rest) -> int:
        """Go on with a change where somebody has stopped waiting for it.

        Raises:
            Snooze: there is no room for more just now.
        """
        job = current()
        which = _narrowed(rest.which, job.tenant)
        change = msgspec.convert(rest.change, _KINDS[rest.verb])
        cursor, changed = job.checkpoint_value or (rest.cursor, rest.changed)
        while cursor is not None:
            job.raise_if_cancelled()
            try:
                most = await self._most(change, job.tenant)
            except OverQuota as full:
                job.progress(0, f"{changed:,} jobs so far; waits, for {full.message}")
                raise Snooze(_UNTIL_ROOM) from full
            done = await self._jobs.achange(which, change, cursor=cursor, limit=most)
            self._give_back(change, job.tenant, most - len(done.ids))
            cursor, changed = done.cursor, changed + len(done.ids)
            await job.checkpoint((cursor, changed))
            job.progress(0, f"{changed:,} jobs so far")
        return changed

    async def _most(self, change: Change, tenant: str) -> int:
        """How many jobs the next slice may look at."""
        if tenant and isinstance(change, ChangeRetry):
            return await self._grants.aagain(tenant, _SLICE)
        return _SLICE

    def _give_back(self, change: Change, tenant: str, count: int) -> None:
        """Let a tenant ask for the jobs that a slice had room for and did not find."""
        if tenant and isinstance(change, ChangeRetry):
            self._grants.unused(tenant, count)


def _narrowed(which: Which, tenant: str) -> Which:
    """Of the jobs meant those that a job of this tenant may touch, whoever has made it.

    Raises:
        Cancel: those of another tenant are meant.
    """
    if not tenant:
        return which  # nobody's, as only those have made who reach every tenant
    named = (which.tenant, which.filter and which.filter.tenant)
    if any(each not in (None, tenant) for each in named):
        raise Cancel(f"jobs of another tenant than {tenant} are meant")
    narrowed = which.filter and replace(which.filter, tenant=tenant)
    return replace(which, filter=narrowed, tenant=tenant)
