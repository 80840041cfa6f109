"""Quotas: how much a tenant may ask for over HTTP, and what is said when that is reached."""

import asyncio
import random
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import AsyncExitStack
from typing import Any, Final, TypeAlias
from weakref import WeakKeyDictionary, WeakValueDictionary

import msgspec
from msgspec import Struct

from tidemill.access.identity import Quota, Tenant
from tidemill.client.client import Client
from tidemill.client.directory import TENANT
from tidemill.client.steps import Steps, ask, awaiting, blocking
from tidemill.core.errors import OverQuota, PayloadTooLarge, TooManyRequests, VersionConflict
from tidemill.core.instants import Instant
from tidemill.core.record import Put, Record
from tidemill.core.state import State
from tidemill.engines.protocol import Engine

MINUTE: Final = 60_000
KIND: Final = "quota"
"""The kind of record that holds how many jobs a tenant has asked for in this minute."""

Sizes: TypeAlias = Sequence[int]
"""Bytes of arguments of each of the jobs that are asked for."""

_FRESH: Final = 1.0
"""Seconds for which what was looked up counts: another server's word is heard so soon."""
_TRIES: Final = 12
_FIRST_PAUSE: Final = 0.004
_LONGEST_PAUSE: Final = 0.1
"""Seconds that are waited, at most, before what another server has made old is counted anew."""
_NONE: Final = Quota()


class Asked(Struct, frozen=True):
    """How many jobs a tenant has asked for in one minute of the Unix clock."""

    minute: int
    count: int


class Quotas:
    """Lets tenants ask for as much as they may.

    The minute is counted in the store, for all servers together. Unfinished jobs are counted now
    and then, so that a tenant may come to have a few more of them than it should, never many.
    """

    def __init__(self, client: Client, *, tries: int = _TRIES) -> None:
        """Look quotas up through this client.

        Args:
            tries: how often a minute is counted anew because another server has counted, too.
        """
        self._client = client
        self._tries = tries
        self._quotas: dict[str, tuple[float, Quota]] = {}
        self._waiting: dict[str, tuple[float, int]] = {}
        self._lines: WeakKeyDictionary[
            asyncio.AbstractEventLoop, WeakValueDictionary[str, asyncio.Lock]
        ] = WeakKeyDictionary()

    def admit(self, tenant: str, sizes: Sizes) -> None:
        """As `admit_each`, for one tenant."""
        self.admit_each({tenant: sizes})

    async def aadmit(self, tenant: str, sizes: Sizes) -> None:
        """As `aadmit_each`, for one tenant."""
        await self.aadmit_each({tenant: sizes})

    @blocking
    def admit_each(self, asked: Mapping[str, Sizes]) -> Steps[None]:
        """See to it that tenants may have these jobs; nothing is counted unless all of them may.

        Args:
            asked: the jobs of each tenant; those of the empty one are nobody's, without a quota.

        Raises:
            PayloadTooLarge: one of them is larger than its tenant's jobs may be.
            OverQuota: a tenant has as many unfinished jobs as it may.
            TooManyRequests: it has asked for as many in this minute as it may, or many servers
                count for it at this moment.
        """
        waiting: dict[str, tuple[float, int]] = {}
        counted: dict[str, int] = {}
        for tenant, sizes in asked.items():
            yield from self._check_sizes(tenant, sizes)
            quota = yield from self._quota(tenant)
            if quota.waiting is not None:
                waiting[tenant] = yield from self._more(tenant, len(sizes), quota.waiting)
            if quota.per_minute is not None:
                counted[tenant] = quota.per_minute
        engine = yield from self._client.store.engine()
        if len(counted) > 1:
            # Whom one of them is refused has asked the others for nothing.
            for tenant, most in counted.items():
                yield from self._read_minute(engine, tenant, len(asked[tenant]), most)
        for tenant, most in counted.items():
            yield from self._count_minute(engine, tenant, len(asked[tenant]), most)
        self._waiting.update(waiting)

    _admitting = awaiting(admit_each)

    async def aadmit_each(self, asked: Mapping[str, Sizes]) -> None:
        """As `admit_each`, from async code: those who ask for one tenant here do so one by one."""
        if not any(asked):
            return  # nobody's: nothing is counted, and nothing looked up
        async with AsyncExitStack() as held:
            for tenant in sorted(asked):
                if await self.abounds(tenant):
                    await held.enter_async_context(self._line(tenant))
            await self._admitting(asked)

    @blocking
    def again(self, tenant: str, wanted: int) -> Steps[int]:
        """How many of so many finished jobs of a tenant may wait anew; these are counted.

        They were asked for once, so that of the minute they take nothing.

        Raises:
            OverQuota: none of them may.
        """
        most = (yield from self._quota(tenant)).waiting
        if most is None or not wanted:
            return wanted
        # Counted anew: whoever asks so for many jobs has just changed how many there are.
        self._waiting.pop(tenant, None)
        until, count = yield from self._more(tenant, 1, most)
        granted = min(wanted, most - count + 1)
        self._waiting[tenant] = until, count - 1 + granted
        return granted

    aagain = awaiting(again)

    def unused(self, tenant: str, count: int) -> None:
        """Count so many fewer: they might have waited anew, and there were none."""
        until, waiting = self._waiting.get(tenant, (0.0, 0))
        if count and until:
            self._waiting[tenant] = until, waiting - count

    @blocking
    def all_again(self, tenant: str, wanted: int) -> Steps[None]:
        """See to it that so many finished jobs of a tenant may wait anew, and count them.

        Raises:
            OverQuota: not all of them may.
        """
        most = (yield from self._quota(tenant)).waiting
        if most is not None:
            self._waiting[tenant] = yield from self._more(tenant, wanted, most)

    aall_again = awaiting(all_again)

    @blocking
    def bounds(self, tenant: str) -> Steps[bool]:
        """Whether the jobs of a tenant are counted."""
        quota = yield from self._quota(tenant)
        return quota.waiting is not None or quota.per_minute is not None

    abounds = awaiting(bounds)

    @blocking
    def fits(self, tenant: str, sizes: Sizes) -> Steps[None]:
        """See to it that jobs of a tenant may be so large, whenever they are asked for.

        Raises:
            PayloadTooLarge: one of them may not.
        """
        return self._check_sizes(tenant, sizes)

    afits = awaiting(fits)

    def _line(self, tenant: str) -> asyncio.Lock:
        """In which those stand who ask for a tenant: in this process nobody makes others repeat."""
        lines = self._lines.setdefault(asyncio.get_running_loop(), WeakValueDictionary())
        return lines.setdefault(tenant, asyncio.Lock())

    def _quota(self, tenant: str) -> Steps[Quota]:
        if not tenant:
            return _NONE
        until, quota = self._quotas.get(tenant, (0.0, _NONE))
        if until < time.monotonic():
            engine = yield from self._client.store.engine()
            record = yield from ask(engine.records.get(TENANT, tenant))
            known = None if record is None else msgspec.json.decode(record.doc, type=Tenant)
            quota = known.quota if known else _NONE
            self._quotas[tenant] = (time.monotonic() + _FRESH, quota)
        return quota

    def _check_sizes(self, tenant: str, sizes: Sizes) -> Steps[None]:
        most = (yield from self._quota(tenant)).payload
        if most is not None and max(sizes, default=0) > most:
            raise PayloadTooLarge(
                f"a job of {max(sizes):,} bytes is larger than the {most:,} that those of "
                f"{tenant} may have",
                hint="store it elsewhere and pass a reference to it",
            )

    def _more(self, tenant: str, more: int, most: int) -> Steps[tuple[float, int]]:
        """How many unfinished jobs a tenant will have, and until when that counts."""
        until, count = self._waiting.get(tenant, (0.0, 0))
        if until < time.monotonic():
            engine = yield from self._client.store.engine()
            counts = yield from ask(engine.reader.counts(tenant))
            count = sum(each.count for each in counts if each.state is not State.RUNNING)
            until = time.monotonic() + _FRESH
        if count + more > most:
            raise OverQuota(
                f"{tenant} has {count:,} unfinished jobs of {most:,} that it may have",
                hint="wait until some have run, or ask for a larger quota",
            )
        return until, count + more

    def _count_minute(self, engine: Engine, tenant: str, more: int, most: int) -> Steps[None]:
        pause = _FIRST_PAUSE
        for left in reversed(range(self._tries)):
            asked, record = yield from self._read_minute(engine, tenant, more, most)
            new = msgspec.json.encode(Asked(asked.minute, asked.count + more))
            put = Put(KIND, tenant, new, expected=record.version if record else 0)
            try:
                yield from ask(engine.records.put(put))
            except VersionConflict:
                if left:
                    # Drawn at random, so that servers who meet once do not go on meeting.
                    yield from ask(_Pause(random.uniform(0, pause)))  # noqa: S311 - no secret
                    pause = min(2 * pause, _LONGEST_PAUSE)
            else:
                return
        raise TooManyRequests(
            f"jobs of {tenant} are asked for on too many servers at this moment",
            hint="send them again, one after the other",
        )

    def _read_minute(
        self, engine: Engine, tenant: str, more: int, most: int
    ) -> Steps[tuple[Asked, Record | None]]:
        """What a tenant has asked for in this minute, if it may ask for so many more."""
        now = self._client.store.clock.now()
        record = yield from ask(engine.records.get(KIND, tenant))
        asked = _asked(now) if record is None else msgspec.json.decode(record.doc, type=Asked)
        if asked.minute != now // MINUTE:
            asked = _asked(now)
        if asked.count + more > most:
            raise TooManyRequests(
                f"{tenant} has asked for {asked.count:,} jobs of {most:,} in this minute",
                hint="send them later, or ask for a larger quota",
                wait=60 - now // 1_000 % 60,
            )
        return asked, record


class _Pause:
    """A call that does nothing for a moment."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def wait(self) -> None:
        time.sleep(self._seconds)

    def __await__(self) -> Generator[Any, None, None]:
        return asyncio.sleep(self._seconds).__await__()


def _asked(now: Instant) -> Asked:
    return Asked(now // MINUTE, 0)
