"""What people ask of job definitions: made, changed, enabled, disabled, cloned, executed, deleted.

A definition is a record, and the record is the truth. Its schedule follows it: whoever writes the
record brings the schedule into line and looks again, and so does everybody who starts the platform,
so that what a process has left undone is made up for.
"""

from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from typing import Any, Final
from uuid import uuid4

import msgspec
from msgspec.structs import replace

from examples.automation.catalogue import Catalogue
from examples.automation.definition import SCHEDULES, JobDefinition, checked, plain
from tidemill import Priority, Retry
from tidemill.client.bound import Bound
from tidemill.client.client import Client
from tidemill.client.records import Records
from tidemill.client.wishes import WishKeywords
from tidemill.core.identity import derived_id
from tidemill.errors import InvalidOption, NotFound, VersionConflict
from tidemill.schedules.store import ScheduleKeywords, Schedules

KIND: Final = "automation.jobs"
DISABLED: Final = "the job is disabled"
"""The note of a schedule that stands still because its definition is disabled."""

SCHEDULED: Final = "definition:"
"""What a tag of executions by a schedule begins with; the version of the definition follows."""

_PAGE: Final = 200
_TRIES: Final = 50
"""Times that a schedule is looked at anew because somebody else has changed it in between."""


class Definitions:
    """The definitions of the platform, for whoever asks through a client."""

    def __init__(self, client: Client, catalogue: Catalogue) -> None:
        """Ask through this client; the catalogue knows which handlers there are."""
        self._client = client
        self._catalogue = catalogue
        self._kept = Records(client, KIND)
        self._schedules = Schedules(client)

    async def create(self, made: JobDefinition) -> JobDefinition:
        """Define a job.

        Raises:
            InvalidOption: a part of it makes no sense, or there is no such handler.
            InvalidArguments: the handler cannot take this configuration.
            VersionConflict: there is one of this id.
        """
        now = self._now()
        new = replace(made, created_at=now, updated_at=now)
        if not new.id:
            new = replace(new, id=uuid4().hex)
        self.check(new)
        await self._kept.aput(new.id, plain(new), version=0)
        await self.follow(new.id)
        return new

    async def get(self, id_: str) -> JobDefinition:
        """One of them.

        Raises:
            NotFound: there is none of this id.
        """
        kept = await self._kept.aget(id_)
        if kept is None:
            raise _missing(id_)
        return _read(kept.value)

    async def page(self, after: str = "", limit: int = 50) -> list[JobDefinition]:
        """Some of them, by id, behind the last one of the page before."""
        return [_read(each.value) for each in await self._kept.afind(after=after, limit=limit)]

    async def change(
        self, id_: str, change: Callable[[JobDefinition], JobDefinition]
    ) -> JobDefinition:
        """Change one; its schedule goes on from now as it is then.

        Raises:
            NotFound: there is none of this id.
            InvalidOption: a part of it makes no sense, or there is no such handler.
            InvalidArguments: the handler cannot take this configuration.
        """
        while True:
            kept = await self._kept.aget(id_)
            if kept is None:
                raise _missing(id_)
            new = replace(change(_read(kept.value)), id=id_, updated_at=self._now())
            self.check(new)
            try:
                await self._kept.aput(id_, plain(new), version=kept.version)
            except VersionConflict:
                continue  # somebody else has just changed it: change what it is now
            await self.follow(id_)
            return new

    async def delete(self, id_: str) -> None:
        """Forget one, and its schedule; its executions stay.

        Raises:
            NotFound: there is none of this id.
        """
        definition = await self.get(id_)
        if not await self._kept.adelete(id_):
            raise _missing(id_)
        await self._forget(definition)

    async def clone(self, id_: str, name: str) -> JobDefinition:
        """Define another job like this one, disabled, so that the two do not run side by side.

        Raises:
            NotFound: there is none of this id.
        """
        same = await self.get(id_)
        copy = replace(same, id="", name=name or f"Copy of {same.name}"[:200], enabled=False)
        return await self.create(replace(copy, origin="person"))

    async def execute(
        self,
        id_: str,
        config: dict[str, Any] | None = None,
        *,
        tags: tuple[str, ...] = (),
        source: str = "",
        key: str = "",
    ) -> str:
        """Run one now, beside its schedule; the id of the execution.

        Args:
            id_: of the definition.
            config: in place of parts of its configuration, this once.
            tags: what else it is found by.
            source: who asks for it.
            key: asked again with the same key, it is the same execution, whatever became of it.

        Raises:
            NotFound: there is none of this id.
            InvalidArguments: the handler cannot take this configuration.
            InvalidOption: the key was given with another configuration.
        """
        definition = await self.get(id_)
        if config:
            definition = replace(definition, config=definition.config | config)
        wishes = WishKeywords(tags=[definition.tag, *tags])
        if source:
            wishes["source"] = source
        call = self._call(definition, wishes)
        if key:
            own = derived_id("automation", self._client.tenant, id_, key)
            call = replace(call, id=own, unsent=False)
        job = await self._client.aenqueue(call)
        if key and not job.created:
            seen = await job.asnapshot()
            if seen.args != call.arguments.payload:
                raise InvalidOption(
                    f"the key {key!r} was sent with another configuration",
                    hint="give each execution a key of its own",
                )
        return job.id

    async def define(self, declared: JobDefinition) -> None:
        """Take over what a manifest says of a job.

        One that the manifest has changed follows it again; one that it has left as it was keeps
        what people have made of it.
        """
        digest = sha256(msgspec.json.encode(declared)).hexdigest()[:16]
        told = replace(declared, declared=digest)
        try:
            before = await self.get(told.id)
        except NotFound:
            with suppress(VersionConflict):  # another process has just taken it over
                await self.create(told)
            return
        if before.declared != digest:
            kept = replace(told, enabled=before.enabled, created_at=before.created_at)
            await self.change(told.id, lambda _: kept)

    async def follow_all(self) -> None:
        """Bring every schedule into line with its definition, and remove those that have none."""
        known: set[str] = set()
        after = ""
        while page := await self.page(after, _PAGE):
            for each in page:
                known.add(each.schedule_name)
                await self.follow(each.id)
            after = page[-1].id
        for schedule in await self._schedules.afind():
            if not schedule.name.startswith(SCHEDULES) or schedule.name in known:
                continue
            # It may be that of a definition which was made since.
            if await self._kept.aget(schedule.name.removeprefix(SCHEDULES)) is None:
                await self._schedules.adelete(schedule.name)

    async def follow(self, id_: str) -> None:
        """Bring the schedule of a definition into line; whoever does so last has seen it."""
        for left in reversed(range(_TRIES)):
            kept = await self._kept.aget(id_)
            if kept is None:
                return
            try:
                await self._follow(_read(kept.value), kept.version)
            except (VersionConflict, NotFound):
                if not left:
                    raise
                continue  # somebody else brings it into line as well: look again
            again = await self._kept.aget(id_)
            if again is None:
                await self._forget(_read(kept.value))
            elif again.version != kept.version:
                continue
            return

    async def _follow(self, definition: JobDefinition, version: int) -> None:
        name = definition.schedule_name
        try:
            stands = await self._schedules.aget(name)
        except NotFound:
            stands = None
        if not definition.schedule or not self._catalogue.knows(definition):
            await self._forget(definition)
            return
        mine = _version_tag(version)
        call = self._call(definition, WishKeywords(tags=[definition.tag, mine]))
        options = _options(definition)
        if stands is None:
            await self._schedules.acreate(name, call, paused=not definition.enabled, **options)
            return
        ours = {DISABLED}
        if mine not in stands.job.tags:
            stands = await self._schedules.aedit(name, call=call, version=stands.version, **options)
            ours.add("")  # one that was made for a disabled job stands still without a word
        if definition.enabled and stands.paused and stands.note in ours:
            await self._schedules.aresume(name, version=stands.version)
        elif not definition.enabled and not stands.paused:
            await self._schedules.apause(name, note=DISABLED, version=stands.version)

    async def _forget(self, definition: JobDefinition) -> None:
        await self._schedules.adelete(definition.schedule_name)

    def check(self, definition: JobDefinition) -> None:
        """See to it that a definition could be executed.

        Raises:
            InvalidOption: a part of it makes no sense, or there is no such handler.
            InvalidArguments: the handler cannot take this configuration.
        """
        checked(definition)
        self._catalogue.check(definition)
        self._call(definition, {})
        if definition.schedule:
            self._schedules.check(**_options(definition))

    def _call(self, definition: JobDefinition, wishes: WishKeywords) -> Bound[Any]:
        """The call that an execution of it is."""
        wishes["timeout"] = definition.timeout / 1_000
        wishes["priority"] = Priority[definition.priority.upper()]
        wishes["retry"] = Retry.exponential(attempts=definition.retries + 1)
        context = {"jobId": definition.id, "config": definition.config}
        return self._client.bound(definition.task, {"context": context}, wishes)

    def _now(self) -> int:
        return self._client.store.clock.now()


def _options(definition: JobDefinition) -> ScheduleKeywords:
    days = definition.days
    return ScheduleKeywords(
        pattern=definition.schedule,
        tz=definition.timezone,
        overlap="skip",
        business_days=days.business_days,
        holidays=days.holidays,
        blackouts=days.blackouts,
    )


def _version_tag(version: int) -> str:
    return f"{SCHEDULED}{version}"


def _read(value: Any) -> JobDefinition:
    return msgspec.convert(value, JobDefinition)


def _missing(id_: str) -> NotFound:
    return NotFound(f"there is no job {id_!r}", hint="GET /api/v1/jobs lists them")


def of_body(body: dict[str, Any], *, before: JobDefinition | None = None) -> JobDefinition:
    """A definition of what was sent; what is not said is as it was before, or as it usually is.

    Raises:
        InvalidOption: a part of it is of no kind that it can be.
    """
    told = plain(before) if before else {"id": ""}
    try:
        return msgspec.convert({**told, **body}, JobDefinition)
    except msgspec.ValidationError as error:
        raise InvalidOption(f"the job cannot be so: {error}", hint="see /docs/api") from None
