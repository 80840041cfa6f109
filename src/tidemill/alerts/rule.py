"""Alert rules: conditions over counts, ages and failures; each finds what is wrong, or nothing."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Final, Literal

from msgspec import Struct

from tidemill.alerts.channel import key_of
from tidemill.client.dead_letters import MOST as MOST_DEAD
from tidemill.core.errors import InvalidOption
from tidemill.core.identity import check_name
from tidemill.core.instants import Instant, Millis, words
from tidemill.core.query import Bucket, QueueCounts
from tidemill.core.state import State

KIND: Final = "alert_rule"
"""The kind of record that rules are."""

Condition = Literal[
    "failures",
    "failure_rate",
    "queue_depth",
    "oldest_wait",
    "dead_letters",
    "missed_schedule",
    "silent_worker",
    "no_worker",
    "event_flood",
]
Severity = Literal["info", "warning", "critical"]

FEWEST: Final = 10
"""Attempts of which a share says something."""

LONGEST_WINDOW: Final[Millis] = 86_400_000
LONGEST_HOLD: Final[Millis] = 86_400_000
MOST_CHANNELS: Final = 10
_MINUTE: Final[Millis] = 60_000
_FAILED: Final = frozenset({"failed", "timed_out", "crashed"})


class AlertRule(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """When people are to be told.

    Attributes:
        when: what is looked at. `"failures"`: attempts that failed within the window;
            `"failure_rate"`: their share, 0 to 1; `"queue_depth"`: jobs that wait in one queue;
            `"oldest_wait"`: seconds for which a job waits; `"dead_letters"`: jobs that have failed
            for good and are kept; `"missed_schedule"`: seconds by which a schedule is late;
            `"silent_worker"`: seconds for which a worker's event loop stands still, and no rule of
            a tenant can ask for it, for workers are everybody's;
            `"no_worker"`: jobs that wait while no worker is there; `"event_flood"`: events of one
            name that have happened within the window, the platform's own apart.
        above: more than this is wrong.
        window: how far back is looked.
        queue: this queue alone; empty: each by itself.
        task: this task alone; empty: all together.
        hold: it has to be wrong for so long before anybody is told.
        channels: by which people are told.
        tenant: whose jobs alone are looked at; empty: everybody's.
        enabled: whether it is looked at.
    """

    name: str
    when: Condition
    above: float
    window: Millis = 300_000
    queue: str = ""
    task: str = ""
    hold: Millis = 0
    severity: Severity = "warning"
    channels: tuple[str, ...] = ()
    tenant: str = ""
    enabled: bool = True

    @property
    def key(self) -> str:
        """What it is kept under."""
        return key_of(self.tenant, self.name)


class Tick(Struct, frozen=True):
    """A schedule, and when it is due next."""

    schedule: str
    next_at: Instant


class Pulse(Struct, frozen=True):
    """A worker, and when its event loop last moved; `None`: it does not say so."""

    worker: str
    progress_at: Instant | None


class Observed(Struct, frozen=True, kw_only=True):
    """What the rules look at, as it was at one moment.

    Attributes:
        ended: what ended within the longest window, by the minute.
        dead: jobs that failed for good and are kept, by queue; counted up to a bound.
    """

    now: Instant
    counts: tuple[QueueCounts, ...] = ()
    ended: tuple[Bucket, ...] = ()
    dead: dict[str, int] = {}
    ticks: tuple[Tick, ...] = ()
    pulses: tuple[Pulse, ...] = ()
    said: tuple["Said", ...] = ()


class Said(Struct, frozen=True):
    """How many events of a name have happened in a minute that begins then."""

    event: str
    at: Instant
    count: int


class Finding(Struct, frozen=True):
    """Something that is wrong.

    Attributes:
        subject: which queue, schedule, worker or event; empty: all together.
        value: how much of it.
        text: the same as a sentence.
    """

    subject: str
    value: float
    text: str


def findings(rule: AlertRule, seen: Observed) -> tuple[Finding, ...]:
    """What a rule finds wrong.

    Example:
        >>> findings(AlertRule(name="x", when="no_worker", above=0), Observed(now=0))
        ()
    """
    found = _CONDITIONS[rule.when](rule, seen)
    return tuple([each for each in found if each.value > rule.above])


def checked(rule: AlertRule) -> AlertRule:
    """The rule, if it makes sense.

    Raises:
        InvalidName: no name for a rule.
        InvalidOption: a threshold, a window or a word that makes none.
    """
    check_name("alert rule", rule.name)
    if rule.when not in _CONDITIONS:
        raise InvalidOption(
            f"when={rule.when!r} is not known", hint=f"use one of {', '.join(_CONDITIONS)}"
        )
    if rule.when == "silent_worker" and rule.tenant:
        raise InvalidOption(
            f"a rule of the tenant {rule.tenant} cannot look at workers",
            hint="they are everybody's, and so are the rules about them",
        )
    if rule.severity not in ("info", "warning", "critical"):
        raise InvalidOption(f"severity={rule.severity!r} is not known")
    if not 0 <= rule.above < float("inf"):
        raise InvalidOption(f"above={rule.above!r} is not possible", hint="a number from 0")
    if rule.when == "dead_letters" and rule.above >= MOST_DEAD:
        raise InvalidOption(
            f"above={rule.above:,.0f} is not possible", hint=f"they are counted to {MOST_DEAD:,}"
        )
    if rule.when == "failure_rate" and rule.above >= 1:
        raise InvalidOption(f"above={rule.above!r} is never so", hint="a share, such as 0.2")
    if not 60_000 <= rule.window <= LONGEST_WINDOW:
        raise InvalidOption(
            f"a window of {words(rule.window)} is not possible", hint="from 1m to 24h"
        )
    if not 0 <= rule.hold <= LONGEST_HOLD:
        raise InvalidOption(f"hold={words(rule.hold)} is too long", hint="24h at most")
    for kind, name in (("queue", rule.queue), ("task", rule.task)):
        if name:
            check_name(kind, name)
    if len(rule.channels) > MOST_CHANNELS:
        raise InvalidOption("a rule tells too many channels", hint=f"{MOST_CHANNELS} at most")
    for channel in rule.channels:
        check_name("channel", channel)
    return rule


def _of_attempts(rule: AlertRule, seen: Observed) -> Iterator[tuple[str, int, int]]:
    """For each queue, or for all together: attempts, and those of them that failed."""
    since = seen.now - rule.window - _MINUTE  # a bucket counts while any of its minute is meant
    sums: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
    for bucket in seen.ended:
        if bucket.at > since and _is_meant(rule, bucket.queue, bucket.task, bucket.tenant):
            total = sums[bucket.queue]
            total[0] += bucket.count
            total[1] += bucket.count if bucket.ending in _FAILED else 0
    for queue, (all_, failed) in sorted(sums.items()):
        yield queue, all_, failed


def _failures(rule: AlertRule, seen: Observed) -> Iterator[Finding]:
    for queue, _, failed in _of_attempts(rule, seen):
        text = f"{failed:,} attempts of the queue {queue} have failed in {words(rule.window)}"
        yield Finding(queue, failed, text)


def _failure_rate(rule: AlertRule, seen: Observed) -> Iterator[Finding]:
    for queue, all_, failed in _of_attempts(rule, seen):
        if all_ >= FEWEST:
            share = failed / all_
            text = (
                f"{share:.0%} of {all_:,} attempts of the queue {queue} have failed in "
                f"{words(rule.window)}"
            )
            yield Finding(queue, share, text)


def _waiting(rule: AlertRule, seen: Observed) -> dict[str, list[QueueCounts]]:
    found: defaultdict[str, list[QueueCounts]] = defaultdict(list)
    for each in seen.counts:
        if each.state is State.WAITING and _is_meant(rule, each.queue, each.task, rule.tenant):
            found[each.queue].append(each)
    return dict(sorted(found.items()))


def _queue_depth(rule: AlertRule, seen: Observed) -> Iterator[Finding]:
    for queue, counts in _waiting(rule, seen).items():
        count = sum(each.count for each in counts)
        yield Finding(queue, count, f"{count:,} jobs wait in the queue {queue}")


def _oldest_wait(rule: AlertRule, seen: Observed) -> Iterator[Finding]:
    for queue, counts in _waiting(rule, seen).items():
        wait = seen.now - min(each.oldest_at for each in counts)
        text = f"a job of the queue {queue} has been waiting for {words(max(wait, 0))}"
        yield Finding(queue, wait / 1_000, text)


def _dead_letters(rule: AlertRule, seen: Observed) -> Iterator[Finding]:
    for queue, count in sorted(seen.dead.items()):
        if rule.queue in ("", queue):
            yield Finding(queue, count, f"{count:,} jobs of the queue {queue} have failed for good")


def _missed_schedule(rule: AlertRule, seen: Observed) -> Iterator[Finding]:
    del rule
    for tick in seen.ticks:
        late = seen.now - tick.next_at
        text = f"the schedule {tick.schedule} is late by {words(max(late, 0))}"
        yield Finding(tick.schedule, late / 1_000, text)


def _silent_worker(rule: AlertRule, seen: Observed) -> Iterator[Finding]:
    if rule.tenant:
        return  # kept since before it was refused; no worker is named to a tenant
    for pulse in seen.pulses:
        still = 0 if pulse.progress_at is None else seen.now - pulse.progress_at
        text = f"the worker {pulse.worker} has not moved for {words(max(still, 0))}"
        yield Finding(pulse.worker, still / 1_000, text)


def _no_worker(rule: AlertRule, seen: Observed) -> Iterator[Finding]:
    if seen.pulses:
        return
    for queue, counts in _waiting(rule, seen).items():
        count = sum(each.count for each in counts)
        yield Finding(
            queue, count, f"{count:,} jobs wait in the queue {queue}, and no worker is there"
        )


def _event_flood(rule: AlertRule, seen: Observed) -> Iterator[Finding]:
    since = seen.now - rule.window - _MINUTE  # as above
    counts = Counter[str]()
    for said in seen.said:
        if said.at > since:
            counts[said.event] += said.count
    for event, count in sorted(counts.items()):
        yield Finding(
            event, count, f"{count:,} events {event} have happened in {words(rule.window)}"
        )


def _is_meant(rule: AlertRule, queue: str, task: str, tenant: str) -> bool:
    return rule.queue in ("", queue) and rule.task in ("", task) and rule.tenant in ("", tenant)


_CONDITIONS: Final[dict[Condition, Callable[[AlertRule, Observed], Iterator[Finding]]]] = {
    "failures": _failures,
    "failure_rate": _failure_rate,
    "queue_depth": _queue_depth,
    "oldest_wait": _oldest_wait,
    "dead_letters": _dead_letters,
    "missed_schedule": _missed_schedule,
    "silent_worker": _silent_worker,
    "no_worker": _no_worker,
    "event_flood": _event_flood,
}


def longest_window(rules: Sequence[AlertRule]) -> Millis:
    """How far back has to be looked for all of these rules."""
    return max((rule.window for rule in rules), default=0)
