"""The circuit breakers of all hosts, kept in the store, so that every node goes by the same."""

import asyncio
import logging
from collections.abc import Callable
from typing import Final

import msgspec
from msgspec.structs import replace

from tidemill.client.steps import Walk
from tidemill.client.store import Store
from tidemill.core.errors import StoreError, VersionConflict
from tidemill.core.instants import Instant, Millis, words
from tidemill.core.record import Put
from tidemill.services.breaker import LONGEST_TRIAL, WELL, Health, Terms, failed

KIND: Final = "breaker"
"""The kind of record; its key is a host with its port."""

_FRESH: Final[Millis] = 1_000
"""So long it is believed what was read of a host."""
_MOST_KNOWN: Final = 5_000

_log = logging.getLogger("tidemill.services")


class Shut(Exception):
    """A host is not asked now.

    Attributes:
        again_at: when to come again.
        health: how the host does.
    """

    def __init__(self, host: str, again_at: Instant, health: Health) -> None:
        """Say which host, and until when."""
        super().__init__(f"{host} is left in peace")
        self.again_at = again_at
        self.health = health


class _Known:
    """What this process knows of one host."""

    __slots__ = ("health", "host", "lock", "read_at", "version")

    def __init__(self, host: str) -> None:
        self.host = host
        self.health = WELL
        self.version = 0
        self.read_at: Instant | None = None
        self.lock = asyncio.Lock()


class Breakers:
    """Asked before a call to a host, and told after it how it went.

    While the store does not answer, each process goes by what it has seen itself.
    """

    def __init__(self, store: Store, terms: Terms) -> None:
        """Keep what is known of hosts in this store."""
        self._store = store
        self._clock = store.clock
        self._terms = terms
        self._hosts: dict[str, _Known] = {}

    async def enter(self, host: str, length: Millis) -> bool:
        """Ask whether a host may be called, for so long; whether the call is a trial.

        Raises:
            Shut: it may not now.
        """
        known, now = self._known(host), self._clock.now()
        if self._is_fresh(known, now) and not known.health.is_open:
            return False
        async with known.lock:
            if not self._is_fresh(known, now):
                await self._read(known)
            if not known.health.is_open:
                return False
            return await self._try(known, now, min(length, LONGEST_TRIAL))

    async def failed(self, host: str, *, trial: bool, asked: Millis | None = None) -> Health:
        """Tell that a call has failed, and how long the host wants rest; how the host does now."""
        known, now = self._known(host), self._clock.now()
        async with known.lock:
            before = known.health
            health = await self._change(
                known, lambda health: failed(health, self._terms, now, trial=trial, asked=asked)
            )
        if health.is_open and not before.is_open:
            rest = words(max(health.until - now, 0))
            _log.warning("%s does not answer as it should, and is left in peace for %s", host, rest)
        return health

    async def succeeded(self, host: str, *, trial: bool) -> None:
        """Tell that a call was answered."""
        known = self._known(host)
        if known.health == WELL or (known.health.is_open and not trial):
            return
        async with known.lock:
            was_open = known.health.is_open
            health = await self._change(
                known, lambda health: health if health.is_open and not trial else WELL
            )
        if was_open and not health.is_open:
            _log.info("%s answers again", host)

    def parks(self, health: Health) -> bool:
        """Whether jobs wait for a host: it is cut off, and there is hope."""
        return health.is_open and self._clock.now() - health.since < self._terms.patience

    def _known(self, host: str) -> _Known:
        known = self._hosts.get(host)
        if known is None:
            if len(self._hosts) >= _MOST_KNOWN:
                self._hosts = {name: k for name, k in self._hosts.items() if k.lock.locked()}
            known = self._hosts[host] = _Known(host)
        return known

    def _is_fresh(self, known: _Known, now: Instant) -> bool:
        return known.read_at is not None and known.read_at <= now < known.read_at + _FRESH

    async def _try(self, known: _Known, now: Instant, length: Millis) -> bool:
        """Take the one trial there is, if it is time for it and nobody else has it."""
        took = False

        def take(health: Health) -> Health:
            nonlocal took
            took = health.is_open and not health.shut_until(now)
            return replace(health, trial=now + length) if took else health

        health = await self._change(known, take)
        if health.is_open and not took:
            raise Shut(known.host, health.shut_until(now), health)
        return took

    async def _read(self, known: _Known) -> None:
        try:
            engine = await Walk(self._store.engine())
            record = await engine.records.get(KIND, known.host)
        except StoreError as error:
            _log.warning("how %s does is not known: %s", known.host, error)
        else:
            known.version = 0 if record is None else record.version
            known.health = WELL if record is None else msgspec.json.decode(record.doc, type=Health)
        known.read_at = self._clock.now()  # not before, or others would go by what is being read

    async def _change(self, known: _Known, turn: Callable[[Health], Health]) -> Health:
        """Turn what is known of a host into something else, for all; what it is then."""
        while True:
            health = turn(known.health)
            if health == known.health:
                return health
            put = Put(KIND, known.host, msgspec.json.encode(health), expected=known.version)
            try:
                engine = await Walk(self._store.engine())
                known.version = (await engine.records.put(put)).version
            except VersionConflict:
                await self._read(known)  # another node was quicker
                continue
            except StoreError as error:
                _log.warning("how %s does is not kept: %s", known.host, error)
            known.health, known.read_at = health, self._clock.now()
            return health
