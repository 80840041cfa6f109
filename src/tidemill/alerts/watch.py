"""Duty: what each rule finds wrong begins an incident, keeps it going, and ends it.

An incident moves on in the same step in which those who tell people of it are enqueued, and only if
it still stands where it was read: of several nodes one moves it on, and nobody is told twice.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, TypeAlias

import msgspec
from msgspec import Struct

from tidemill.alerts import incident as incidents
from tidemill.alerts.delivery import Delivery
from tidemill.alerts.incident import Incident, begun, moved_on, record_of
from tidemill.alerts.message import message_of
from tidemill.alerts.observation import observe
from tidemill.alerts.rule import KIND, AlertRule, Finding, findings
from tidemill.core.errors import VersionConflict
from tidemill.core.instants import Instant, Millis
from tidemill.core.job import NewJob
from tidemill.engines.protocol import Engine
from tidemill.loops.clock import Clock
from tidemill.loops.failpoint import failpoint

About: TypeAlias = tuple[str, str]
"""The key of a rule, and the subject of what it has found."""

_decode: Final = msgspec.json.Decoder(AlertRule).decode


class Going(Struct, frozen=True):
    """An incident that is not over, and the version of its record; 0: it is not kept yet."""

    incident: Incident
    version: int


class Watch:
    """Looks at what the rules are about, and moves incidents on."""

    name = "watch"

    def __init__(
        self, engine: Engine, clock: Clock, delivery: Delivery, *, every: Millis = 10_000
    ) -> None:
        """Look this often."""
        self.every = every
        self._engine = engine
        self._clock = clock
        self._delivery = delivery

    async def run_once(self) -> None:
        """Look once; where there is no rule, nothing is looked at."""
        rules = {
            rule.key: rule
            for rule in map(_decode, [each.doc for each in await self._engine.records.find(KIND)])
            if rule.enabled
        }
        going = await self._going()
        if not rules and not going:
            return
        now = self._clock.now()
        found = await self._found(rules, now)
        for about in sorted(found.keys() | going.keys()):
            await self._move_on(rules.get(about[0]), found.get(about), going.get(about), now)
        await self._forget(now)

    async def _going(self) -> dict[About, Going]:
        """The incidents that are not over."""
        going = {}
        for stage in ("pending", "open"):
            for record in await self._engine.records.find(incidents.KIND, {"stage": stage}):
                incident = incidents.of_record(record)
                going[incident.key] = Going(incident, record.version)
        return going

    async def _found(self, rules: Mapping[str, AlertRule], now: Instant) -> dict[About, Finding]:
        """What is wrong now, by rule and subject."""
        found = {}
        for tenant, mine in _by_tenant(rules.values()):
            seen = await observe(self._engine, tenant, mine, now)
            for rule in mine:
                for finding in findings(rule, seen):
                    found[rule.key, finding.subject] = finding
        return found

    async def _move_on(
        self, rule: AlertRule | None, finding: Finding | None, going: Going | None, now: Instant
    ) -> None:
        """Let one incident begin, go on, open or end."""
        if going is None:
            assert rule is not None  # noqa: S101 - nothing is found but by a rule
            assert finding is not None  # noqa: S101 - or there is nothing to begin
            going = Going(begun(rule, finding, now), 0)
        old = going.incident
        new = moved_on(old, rule, finding, now)
        if new == old and going.version:
            return
        failpoint("watch.before")
        try:
            if new.stage == "resolved" and old.stage == "pending":
                # It was over before anybody was told, so there is nothing to be kept.
                await self._engine.records.delete(incidents.KIND, old.id, going.version)
            else:
                jobs = [] if new.stage in (old.stage, "pending") else self._told(new, now)
                await self._engine.jobs.insert(jobs, put=record_of(new, expected=going.version))
        except VersionConflict:
            return  # Another node has moved it on, or somebody has just said something of it.

    def _told(self, incident: Incident, now: Instant) -> list[NewJob]:
        turn = message_of(incident, "resolved" if incident.stage == "resolved" else "opened", now)
        return [self._delivery.job(turn, channel) for channel in incident.channels]

    async def _forget(self, now: Instant) -> None:
        """Delete what has been over for long."""
        for record in await self._engine.records.find(incidents.KIND, {"stage": "resolved"}):
            over = incidents.of_record(record).resolved_at or now
            if over < now - incidents.KEPT:
                await self._engine.records.delete(incidents.KIND, record.key)


def _by_tenant(rules: Iterable[AlertRule]) -> Iterator[tuple[str, list[AlertRule]]]:
    grouped: defaultdict[str, list[AlertRule]] = defaultdict(list)
    for rule in rules:
        grouped[rule.tenant].append(rule)
    yield from grouped.items()
