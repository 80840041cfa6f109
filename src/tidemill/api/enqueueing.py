"""Jobs that are asked for over HTTP: as calls of the application's tasks, each stored once."""

from collections import defaultdict
from collections.abc import Sequence
from itertools import groupby
from typing import Any, Final

import msgspec
from msgspec import Struct

from tidemill.api.desk import Desk
from tidemill.api.shapes.jobs import EnqueueIn, priority_of
from tidemill.client.bound import Bound
from tidemill.client.job import Job
from tidemill.client.steps import Walk
from tidemill.client.terms import Terms
from tidemill.client.wishes import WishKeywords
from tidemill.core.errors import InvalidArguments, InvalidOption, MisuseError
from tidemill.core.identity import derived_id
from tidemill.core.job import Snapshot


class Made(Struct, frozen=True, gc=False):
    """What became of one job that was asked for."""

    id: str
    task: str
    created: bool


class Enqueueing:
    """Enqueues for whoever sits at a desk."""

    def __init__(self, desk: Desk) -> None:
        """Ask through this desk."""
        self._desk = desk
        self._client = desk.client
        self._last: Terms[Any] | None = None
        self._written: WishKeywords = {}

    async def one(self, wanted: EnqueueIn, key: str | None) -> Made:
        """One job; with a key that was sent before, the one that it was sent with.

        Raises:
            InvalidOption: the key was sent with another job.
            AccessError: the tenant has as much as it may.
        """
        call = self._bound(wanted, key, "")
        # Most have neither quota nor secrets, and are spared the look at what is stored.
        if key is not None and (call.arguments.secrets or await self._is_counted(call)):
            known = await self._stored([call])
            if call.id in known:
                return _known(known[call.id], call)
        await self._admit([call])
        job = await self._client.aenqueue(call)
        if key is not None and not job.created and job.id == call.id:
            return _known(await job.asnapshot(), call)
        return _made(job)

    async def many(self, wanted: Sequence[EnqueueIn], key: str | None) -> list[Made]:
        """Many jobs, all or none.

        Raises:
            InvalidOption: the key was sent with others.
            AccessError: a tenant has as much as it may.
        """
        calls = self._bound_all(wanted, key)
        if key is not None:
            return await self._many_again(calls)
        await self._admit(calls)
        return [_made(job) for job in await self._client.aenqueue_many(calls)]

    async def _many_again(self, calls: Sequence[Bound[Any]]) -> list[Made]:
        """Jobs whose key may have been sent before: those that are known are not stored anew."""
        known = await self._stored(calls)
        made = {call.id: _known(known[call.id], call) for call in calls if call.id in known}
        new = [call for call in calls if call.id not in known]
        await self._admit(new)
        jobs = await self._client.aenqueue_many(new)
        made |= {call.id: _made(job) for call, job in zip(new, jobs, strict=True)}
        # Who sends the same at the same time has stored it since it was looked for.
        met = [call for call in new if not made[call.id].created]
        stored = await self._stored(met)
        made |= {call.id: _known(stored[call.id], call) for call in met if call.id in stored}
        return [made[call.id] for call in calls]

    async def _stored(self, calls: Sequence[Bound[Any]]) -> dict[str, Snapshot]:
        """The jobs that calls have become already, by their ids."""
        if not calls:
            return {}
        engine = await Walk(self._client.store.engine())
        found = await engine.reader.get([call.id for call in calls])
        return {job.id: job for job in found if self._client.sees(job)}

    async def _is_counted(self, call: Bound[Any]) -> bool:
        return await self._desk.quotas.abounds(self._owner(call))

    async def _admit(self, calls: Sequence[Bound[Any]]) -> None:
        """See to it that the tenants of these calls may have so many jobs."""
        sizes: defaultdict[str, list[int]] = defaultdict(list)
        for terms, alike in groupby(calls, lambda call: call.terms):
            owner = self._client.whose(terms.wishes.tenant)
            sizes[owner] += [len(call.arguments.payload) for call in alike]
        await self._desk.quotas.aadmit_each(sizes)

    def _owner(self, call: Bound[Any]) -> str:
        """Whose job it is to be."""
        return self._client.whose(call.terms.wishes.tenant)

    def _bound_all(self, wanted: Sequence[EnqueueIn], key: str | None) -> list[Bound[Any]]:
        """Several calls; what is wrong with one is said with its place."""
        calls: list[Bound[Any]] = []
        try:
            for place, each in enumerate(wanted):
                calls.append(self._bound(each, key, str(place)))
        except MisuseError as error:
            raise type(error)(f"jobs[{len(calls)}]: {error.message}", hint=error.hint) from error
        return calls

    def _bound(self, wanted: EnqueueIn, key: str | None, place: str) -> Bound[Any]:
        terms = self._terms_of(wanted)
        if key is None:
            return Bound.of_json(terms, wanted.arguments)
        # One who sends the same again, after whatever became of the first time, names the same job.
        owner = self._client.whose(terms.wishes.tenant)
        id_ = derived_id("http", owner, self._desk.actor.source, key, place)
        return Bound.of_json(terms, wanted.arguments, id_)

    def _terms_of(self, wanted: EnqueueIn) -> Terms[Any]:
        """The terms of a call; those of the one before it, where it wants the same."""
        written = _wishes(wanted)
        terms = self._last
        if terms is None or (terms.declaration.name, self._written) != (wanted.task, written):
            terms = self._last = self._client.terms(wanted.task, written)
            self._written = written
        return terms


def _made(job: Job[Any]) -> Made:
    return Made(job.id, job.task, job.created)


def _known(seen: Snapshot, call: Bound[Any]) -> Made:
    """What was made of a call when its key was sent before.

    Raises:
        InvalidOption: the key stood for another job then.
    """
    # What a later job of its key has changed cannot be told from what was another job.
    same = seen.task == call.terms.declaration.name and (
        call.terms.gives_way or _is_given(seen, call)
    )
    if not same:
        raise InvalidOption(
            "the Idempotency-Key was sent before, with another job",
            hint="make a new key for each job",
        )
    return Made(seen.id, seen.task, created=False)


def _is_given(seen: Snapshot, call: Bound[Any]) -> bool:
    """Whether a job was given what a call gives; of secrets nobody can read, the rest counts."""
    declaration = call.terms.declaration
    given = _parts(call.arguments.payload)
    try:
        return given == _parts(declaration.opened(seen.args, tenant=seen.tenant, job=seen.id))
    except (InvalidArguments, ImportError):
        hidden = declaration.signature.secrets
        stored = _parts(seen.args)
        return given.keys() == stored.keys() and all(
            given[name] == stored[name] for name in given if name not in hidden
        )


def _parts(payload: bytes) -> dict[str, bytes]:
    """The arguments by name, each as it is written."""
    parts = msgspec.json.decode(payload, type=dict[str, msgspec.Raw])
    return {name: bytes(part) for name, part in parts.items()}


_NOTHING_ELSE: Final = frozenset(("task", "arguments"))
_ALIKE: Final = frozenset(
    ("queue", "delay", "at", "key", "expires", "timeout", "attempts", "tenant")
)
"""What is called the same there and here."""


def _wishes(wanted: EnqueueIn) -> WishKeywords:
    """What was asked for beside the task and its arguments."""
    if wanted.model_fields_set <= _NOTHING_ELSE:
        return {}
    given: dict[str, Any] = {
        name: value
        for name in wanted.model_fields_set & _ALIKE
        if (value := getattr(wanted, name)) is not None
    }
    if wanted.priority is not None:
        given["priority"] = priority_of(wanted.priority)
    if wanted.tags:
        given["tags"] = wanted.tags
    if wanted.after:
        given["after"] = wanted.after
    if wanted.on_parent_failure is not None:
        given["on_parent_failure"] = wanted.on_parent_failure
    wishes: WishKeywords = given  # type: ignore[assignment]  # these are some of its keys
    return wishes
