"""Quotas: how much a tenant may ask for over HTTP, and what is said when that is reached."""

import time
from collections.abc import Sequence
from typing import Final

import msgspec
from msgspec import Struct

from tidemill.access.identity import TENANT, Quota, Tenant
from tidemill.client.client import Client
from tidemill.client.steps import Steps, ask, awaiting, blocking
from tidemill.core.errors import OverQuota, PayloadTooLarge, TooManyRequests, VersionConflict
from tidemill.core.instants import Instant
from tidemill.core.record import Put
from tidemill.core.state import State
from tidemill.engines.protocol import Engine

MINUTE: Final = 60_000
KIND: Final = "quota"
"""The kind of record that holds how many jobs a tenant has asked for in this minute."""

_FRESH: Final = 1.0
"""Seconds for which what was looked up counts: another server's word is heard so soon."""
_TRIES: Final = 20
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

    def __init__(self, client: Client) -> None:
        """Look quotas up through this client."""
        self._client = client
        self._quotas: dict[str, tuple[float, Quota]] = {}
        self._waiting: dict[str, tuple[float, int]] = {}

    @blocking
    def admit(self, tenant: str, sizes: Sequence[int]) -> Steps[None]:
        """See to it that a tenant may have these jobs.

        Args:
            tenant: whose jobs they are to be; empty: nobody's, who has no quota.
            sizes: bytes of arguments of each.

        Raises:
            PayloadTooLarge: one of them is larger than its jobs may be.
            OverQuota: it has as many unfinished jobs as it may.
            TooManyRequests: it has asked for as many in this minute as it may.
        """
        quota = (yield from self._quota(tenant)) if tenant else _NONE
        if quota.payload is not None and max(sizes, default=0) > quota.payload:
            raise PayloadTooLarge(
                f"a job of {max(sizes):,} bytes is larger than the {quota.payload:,} that those of "
                f"{tenant} may have",
                hint="store it elsewhere and pass a reference to it",
            )
        if quota.waiting is not None:
            yield from self._check_waiting(tenant, len(sizes), quota.waiting)
        if quota.per_minute is not None:
            engine = yield from self._client.store.engine()
            yield from self._count_minute(engine, tenant, len(sizes), quota.per_minute)

    aadmit = awaiting(admit)

    def _quota(self, tenant: str) -> Steps[Quota]:
        until, quota = self._quotas.get(tenant, (0.0, _NONE))
        if until < time.monotonic():
            engine = yield from self._client.store.engine()
            record = yield from ask(engine.records.get(TENANT, tenant))
            known = None if record is None else msgspec.json.decode(record.doc, type=Tenant)
            quota = known.quota if known else _NONE
            self._quotas[tenant] = (time.monotonic() + _FRESH, quota)
        return quota

    def _check_waiting(self, tenant: str, more: int, most: int) -> Steps[None]:
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
        self._waiting[tenant] = (until, count + more)

    def _count_minute(self, engine: Engine, tenant: str, more: int, most: int) -> Steps[None]:
        for left in reversed(range(_TRIES)):
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
            new = msgspec.json.encode(Asked(asked.minute, asked.count + more))
            put = Put(KIND, tenant, new, expected=record.version if record else 0)
            try:
                yield from ask(engine.records.put(put))
            except VersionConflict:
                if not left:
                    raise
            else:
                return


def _asked(now: Instant) -> Asked:
    return Asked(now // MINUTE, 0)
