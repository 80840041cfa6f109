"""What the rules of one tenant, or those for everybody, look at: only what they ask for is read."""

from collections import Counter
from collections.abc import Sequence

from tidemill.alerts.rule import (
    AlertRule,
    Condition,
    Observed,
    Pulse,
    Said,
    Tick,
    longest_window,
)
from tidemill.client.dead_letters import count_dead
from tidemill.client.event_figures import MINUTE, entries_since
from tidemill.client.steps import Walk
from tidemill.client.worker_info import WorkerInfo, worker_of
from tidemill.core.instants import Instant
from tidemill.core.lease import WORKER
from tidemill.core.query import Bucket, StatisticsQuery
from tidemill.engines.protocol import Engine
from tidemill.events.subscription import is_platforms
from tidemill.schedules.schedule import KIND, of_record

_OF_COUNTS = frozenset[Condition]({"queue_depth", "oldest_wait", "no_worker"})
_OF_ATTEMPTS = frozenset[Condition]({"failures", "failure_rate"})
_OF_EVENTS = frozenset[Condition]({"event_flood"})
_OF_PULSES = frozenset[Condition]({"silent_worker", "no_worker"})


async def observe(
    engine: Engine, tenant: str, rules: Sequence[AlertRule], now: Instant
) -> Observed:
    """What these rules look at, as it is now.

    Args:
        tenant: whose jobs alone are looked at; empty: everybody's.
        rules: all of them of that tenant.
    """
    asked = {rule.when for rule in rules}
    whose = tenant or None
    return Observed(
        now=now,
        counts=await engine.reader.counts(whose) if asked & _OF_COUNTS else (),
        ended=await _ended(engine, whose, rules, now) if asked & _OF_ATTEMPTS else (),
        dead=dict((await Walk(count_dead(engine, whose))).queues)
        if "dead_letters" in asked
        else {},
        ticks=await _ticks(engine, tenant) if "missed_schedule" in asked else (),
        pulses=await _pulses(engine) if asked & _OF_PULSES else (),
        said=await _said(engine, whose, rules, now) if asked & _OF_EVENTS else (),
    )


async def _ended(
    engine: Engine, whose: str | None, rules: Sequence[AlertRule], now: Instant
) -> tuple[Bucket, ...]:
    window = longest_window([rule for rule in rules if rule.when in _OF_ATTEMPTS])
    query = StatisticsQuery(step="minute", from_at=now - window, before=now + 1, tenant=whose)
    return await engine.reader.statistics(query)


async def _said(
    engine: Engine, whose: str | None, rules: Sequence[AlertRule], now: Instant
) -> tuple[Said, ...]:
    window = longest_window([rule for rule in rules if rule.when in _OF_EVENTS])
    entries, _ = await Walk(entries_since(engine, now - window, whose))
    counts = Counter(
        (entry.topic, entry.at - entry.at % MINUTE)
        for entry in entries
        if not is_platforms(entry.topic)
    )
    return tuple(Said(event, at, count) for (event, at), count in counts.items())


async def _ticks(engine: Engine, tenant: str) -> tuple[Tick, ...]:
    owner = {"owner": tenant} if tenant else None
    schedules = [of_record(each) for each in await engine.records.find(KIND, owner)]
    return tuple(
        Tick(each.key, each.next_at)
        for each in schedules
        if each.next_at is not None and not each.paused
    )


async def _pulses(engine: Engine) -> tuple[Pulse, ...]:
    return tuple(map(_pulse, map(worker_of, await engine.leases.find(WORKER))))


def _pulse(worker: WorkerInfo) -> Pulse:
    """When a worker last moved; one that does not say so yet has just begun."""
    moved = worker.info.get("progress_at")
    return Pulse(str(worker.info.get("name", worker.name)), None if moved is None else int(moved))
