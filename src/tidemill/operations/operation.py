"""Changes of many jobs as things of their own: kept, looked at, and undone while that can be."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from tidemill.client.client import Client
from tidemill.client.control import SLICE, VERBS, Jobs, veiled
from tidemill.client.steps import Walk
from tidemill.core.change import Change, Which
from tidemill.core.earlier import Earlier, has_begun
from tidemill.core.errors import NotFound, StateError
from tidemill.core.identity import new_id
from tidemill.core.instants import Instant
from tidemill.core.job import Snapshot
from tidemill.core.record import Put, Record
from tidemill.operations.undo import WINDOW, Refusal, is_undoable, refusal, ways_back

KIND: Final = "operation"
EARLIER: Final = "operation.earlier"
KEPT: Final = 500
"""Operations that are kept; before another one the oldest is forgotten."""

_KINDS: Final = {verb: kind for kind, verb in VERBS.items()}
_SAID: Final[dict[Refusal, str]] = {
    "verb": "what it did cannot be undone",
    "rest": "it was too large, and a job has gone on with it",
    "nothing": "it has changed nothing that could be undone",
    "late": "it is too long ago: ten minutes",
    "undone": "it has been undone already",
}


class Operation(Struct, frozen=True, kw_only=True):
    """One change of many jobs.

    Attributes:
        verb: what the audit log calls it, such as `"jobs.cancel"`.
        given: what was asked for in particular.
        who: who asked, as the audit log names them.
        reason: why, in their words.
        tenant: whose jobs they were; empty: of nobody in particular.
        meant: how many ids were given; `None`: a filter was.
        filter: that filter, without what it looks for in arguments and keys.
        changed: how many jobs were changed before the rest, if any, was left to a job.
        job: the job that goes on with the rest; empty: there is none.
        earlier: of how many jobs it is kept what they were.
        undone: how many were made again what they were.
        begun: how many were left alone, for they had begun to run since.
    """

    id: str
    verb: str
    given: dict[str, Any]
    who: str
    reason: str
    tenant: str
    meant: int | None
    filter: dict[str, Any] | None
    began_at: Instant
    ended_at: Instant
    changed: int
    job: str = ""
    earlier: int = 0
    undone_at: Instant | None = None
    undone_by: str = ""
    undone: int = 0
    begun: int = 0

    def change(self) -> Change:
        """What was done."""
        change: Change = msgspec.convert(self.given, _KINDS[self.verb])
        return change

    def refusal(self, now: Instant) -> Refusal | None:
        """Why it cannot be undone at this moment; `None`: it can."""
        return refusal(
            self.change(),
            earlier=self.earlier,
            rest=bool(self.job),
            undone=self.undone_at is not None,
            ended_at=self.ended_at,
            now=now,
        )

    @property
    def undo_until(self) -> Instant | None:
        """Until when it can be undone, if it could be when it was made."""
        return self.ended_at + WINDOW if self.refusal(self.ended_at) is None else None

    @property
    def others(self) -> int:
        """How many were left alone when it was undone, though they had not begun."""
        return self.earlier - self.undone - self.begun if self.undone_at is not None else 0


_read = msgspec.json.Decoder(Operation).decode
_read_earlier = msgspec.json.Decoder(tuple[Earlier, ...]).decode


class Operations:
    """The operations that whoever asks may see."""

    def __init__(self, client: Client) -> None:
        """Ask through this client."""
        self._client = client
        self._store = client.store

    async def keep(
        self,
        which: Which,
        change: Change,
        *,
        who: str,
        reason: str,
        began_at: Instant,
        changed: int,
        job: str,
        earlier: Sequence[Earlier],
    ) -> Operation:
        """Keep account of a change that has just been made."""
        known = () if job else tuple([each for each in earlier if is_undoable(change, each)])
        operation = Operation(
            id=new_id(),
            verb=VERBS[type(change)],
            given=msgspec.to_builtins(change),
            who=who,
            reason=reason,
            tenant=self._client.tenant,
            meant=len(set(which.ids)) if which.filter is None else None,
            filter=veiled(which.filter) if which.filter is not None else None,
            began_at=began_at,
            ended_at=self._store.clock.now(),
            changed=changed,
            job=job,
            earlier=len(known),
        )
        engine = await Walk(self._store.engine())
        if known:
            await engine.records.put(Put(EARLIER, operation.id, msgspec.json.encode(known)))
        await engine.records.put(Put(KIND, operation.id, msgspec.json.encode(operation)))
        await self._forget()
        return operation

    async def page(self, before: str | None, limit: int) -> tuple[list[Operation], str | None]:
        """Operations, newest first, and where the next page begins, if there is one."""
        engine = await Walk(self._store.engine())
        records = await engine.records.find(KIND)
        seen = [each for each in map(_of, reversed(records)) if self._sees(each)]
        older = [each for each in seen if before is None or each.id < before]
        shown = older[:limit]
        return shown, shown[-1].id if len(older) > len(shown) else None

    async def get(self, id_: str) -> Operation:
        """One of them.

        Raises:
            NotFound: there is none of this id, or it is forgotten.
        """
        return _of(await self._record(id_))

    async def undo(self, id_: str, who: str, jobs: Jobs) -> Operation:
        """Make jobs again what they were, but for those that others have changed since.

        Args:
            who: who asks, as the audit log names them.
            jobs: the jobs as they are there for whoever asks.

        Raises:
            NotFound: there is none of this id, or it is forgotten.
            StateError: it cannot be undone, or not any more.
            VersionConflict: somebody else undoes it just now.
        """
        record = await self._record(id_)
        operation, now = _of(record), self._store.clock.now()
        if (why := operation.refusal(now)) is not None:
            raise StateError(f"operation {id_} cannot be undone: {_SAID[why]}")
        begun = replace(operation, undone_at=now, undone_by=who)
        engine = await Walk(self._store.engine())
        put = await engine.records.put(
            Put(KIND, id_, msgspec.json.encode(begun), expected=record.version),
            audit=self._client.audit("operations.undo", id_),
        )
        kept = await engine.records.get(EARLIER, id_)
        known = _read_earlier(kept.doc) if kept is not None else ()
        count, running = await self._back(operation.change(), known, jobs)
        undone = replace(begun, undone=count, begun=running)
        await engine.records.put(Put(KIND, id_, msgspec.json.encode(undone), expected=put.version))
        await engine.records.delete(EARLIER, id_)
        return undone

    async def _back(self, change: Change, known: Sequence[Earlier], jobs: Jobs) -> tuple[int, int]:
        """Make the changes that lead back; how many jobs were changed, how many had begun."""
        count = begun = 0
        for start in range(0, len(known), SLICE):
            before = {each.id: each for each in known[start : start + SLICE]}
            found = await self._seen(list(before))
            left = set(before)
            for back, ids in ways_back(change, [(before[job.id], job) for job in found]).items():
                left -= set((await jobs.achange(Which(ids=tuple(ids)), back)).ids)
            count += len(before) - len(left)
            begun += sum(has_begun(job, before[job.id]) for job in await self._seen(list(left)))
        return count, begun

    async def _seen(self, ids: Sequence[str]) -> list[Snapshot]:
        """Those of these jobs that are there for whoever asks."""
        engine = await Walk(self._store.engine())
        found = await engine.reader.get(ids)
        return [job for job in found if job is not None and self._client.sees(job)]

    async def _record(self, id_: str) -> Record:
        engine = await Walk(self._store.engine())
        record = await engine.records.get(KIND, id_)
        if record is None or not self._sees(_of(record)):
            raise NotFound(
                f"there is no operation {id_!r}", hint=f"the last {KEPT} are kept, others forgotten"
            )
        return record

    async def _forget(self) -> None:
        """Let go of the oldest ones, and of what nothing can be made again any more."""
        engine = await Walk(self._store.engine())
        now = self._store.clock.now()
        records = await engine.records.find(KIND)
        for record in records[: max(0, len(records) - KEPT)]:
            await engine.records.delete(EARLIER, record.key)
            await engine.records.delete(KIND, record.key)
        for record in records[-KEPT:]:
            operation = _of(record)
            if operation.earlier and operation.refusal(now) == "late":
                await engine.records.delete(EARLIER, record.key)
                spent = msgspec.json.encode(replace(operation, earlier=0))
                await engine.records.put(Put(KIND, record.key, spent))

    def _sees(self, operation: Operation) -> bool:
        return not self._client.confined or operation.tenant == self._client.tenant


def _of(record: Record) -> Operation:
    return _read(record.doc)
