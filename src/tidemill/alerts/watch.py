"""Duty: what each rule finds wrong begins an incident, keeps it going, and ends it.

An incident moves on in the same step in which those who tell people of it are enqueued, and only if
it still stands where it was read: of several nodes one moves it on, and nobody is told twice.
"""

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping
from itertools import count
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
from tidemill.core.record import Record
from tidemill.engines.protocol import Engine
from tidemill.loops.clock import Clock

About: TypeAlias = tuple[str, str]
"""The key of a rule, and the subject of what it has found."""

_decode: Final = msgspec.json.Decoder(AlertRule).decode


class Going(Struct, frozen=True):
    """An incident, and the version of its record; 0: it is not kept yet."""

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
        # All at one moment: who finds something new then gives it the id that anybody else would.
        kept = [_kept(record) for record in await self._engine.records.find(incidents.KIND)]
        going = {each.incident.key: each for each in kept if each.incident.stage != "resolved"}
        if not rules and not kept:
            return
        now = self._clock.now()
        found = await self._found(rules, now)
        known = {each.incident.id for each in kept}
        for about in sorted(found.keys() | going.keys()):
            rule, finding = rules.get(about[0]), found.get(about)
            mine = going.get(about) or _new(about, rule, finding, known, now)
            await self._move_on(rule, finding, mine, now)
        await self._forget([each.incident for each in kept], now)

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
        self, rule: AlertRule | None, finding: Finding | None, going: Going, now: Instant
    ) -> None:
        """Let one incident begin, go on, open or end."""
        old = going.incident
        new = moved_on(old, rule, finding, now)
        if new == old and going.version:
            return
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

    async def _forget(self, kept: Iterable[Incident], now: Instant) -> None:
        """Delete what has been over for long."""
        for incident in kept:
            if incident.resolved_at is not None and incident.resolved_at < now - incidents.KEPT:
                await self._engine.records.delete(incidents.KIND, incident.id)


def _kept(record: Record) -> Going:
    return Going(incidents.of_record(record), record.version)


def _new(
    about: About,
    rule: AlertRule | None,
    finding: Finding | None,
    known: Container[str],
    now: Instant,
) -> Going:
    """An incident that begins, under the first id of this rule and subject that none has."""
    assert rule is not None  # noqa: S101 - nothing is found but by a rule
    assert finding is not None  # noqa: S101 - or there is nothing to begin
    ids = (incidents.id_of(*about, number) for number in count())
    id_ = next(each for each in ids if each not in known)
    return Going(begun(id_, rule, finding, now), 0)


def _by_tenant(rules: Iterable[AlertRule]) -> Iterator[tuple[str, list[AlertRule]]]:
    grouped: defaultdict[str, list[AlertRule]] = defaultdict(list)
    for rule in rules:
        grouped[rule.tenant].append(rule)
    yield from grouped.items()
