"""What each condition finds, and rules that make no sense."""

from typing import Any

import pytest

from tests.alerts.conftest import deep
from tidemill.alerts.rule import (
    AlertRule,
    Condition,
    Observed,
    Pulse,
    Said,
    Tick,
    checked,
    findings,
)
from tidemill.core import histogram
from tidemill.core.errors import MisuseError
from tidemill.core.query import Bucket, QueueCounts
from tidemill.core.state import State

NOW = 10_000_000


def ended(ending: str, count: int, *, ago: int = 60_000, queue: str = "mail") -> Bucket:
    return Bucket(
        NOW - ago, queue, "send", "", ending, count, 0, 0, histogram.EMPTY, histogram.EMPTY
    )


def waiting(queue: str, count: int, *, since: int = 0) -> QueueCounts:
    return QueueCounts(queue, "send", State.WAITING, count, NOW - since)


SEEN = Observed(
    now=NOW,
    counts=(
        waiting("mail", 50, since=90_000),
        waiting("slow", 2, since=5_000),
        QueueCounts("mail", "send", State.SCHEDULED, 900, NOW),
    ),
    ended=(
        ended("completed", 60),
        ended("failed", 30),
        ended("timed_out", 10),
        ended("failed", 500, ago=900_000),
        ended("failed", 3, queue="slow"),
    ),
    dead={"mail": 12, "slow": 1},
    ticks=(Tick("nightly", NOW - 120_000), Tick("hourly", NOW + 5_000)),
    said=(
        Said("page.read", NOW - 60_000, 400),
        Said("page.read", NOW - 120_000, 300),
        Said("page.read", NOW - 900_000, 5_000),
        Said("page.sent", NOW - 60_000, 2),
    ),
    pulses=(Pulse("w1", NOW - 45_000), Pulse("w2", NOW), Pulse("w3", None)),
)


@pytest.mark.parametrize(
    ("when", "above", "found"),
    [
        ("failures", 39, {"mail": 40}),
        ("failures", 40, {}),
        ("failure_rate", 0.3, {"mail": 0.4}),
        ("event_flood", 699, {"page.read": 700}),
        ("event_flood", 700, {}),
        ("queue_depth", 10, {"mail": 50}),
        ("queue_depth", 1, {"mail": 50, "slow": 2}),
        ("oldest_wait", 60, {"mail": 90}),
        ("dead_letters", 10, {"mail": 12}),
        ("missed_schedule", 60, {"nightly": 120}),
        ("silent_worker", 30, {"w1": 45}),
        ("no_worker", 0, {}),
    ],
)
def test_what_is_found(when: Condition, above: float, found: dict[str, float]) -> None:
    rule = AlertRule(name="x", when=when, above=above)
    told = findings(rule, SEEN)
    assert {each.subject: each.value for each in told} == found
    assert all(each.subject in each.text for each in told)


def test_jobs_that_wait_without_any_worker_are_found() -> None:
    alone = Observed(now=NOW, counts=SEEN.counts)
    rule = AlertRule(name="x", when="no_worker", above=0)
    assert {each.subject: each.value for each in findings(rule, alone)} == {"mail": 50, "slow": 2}


def test_a_rule_of_one_queue_or_task_finds_nothing_elsewhere() -> None:
    assert [each.subject for each in findings(deep(queue="slow"), SEEN)] == ["slow"]
    assert findings(deep(task="other"), SEEN) == ()


def test_no_worker_is_named_to_a_tenant() -> None:
    """Not even by a rule that is kept since before such rules were refused."""
    rule = AlertRule(name="x", when="silent_worker", above=30, tenant="acme")
    assert findings(rule, SEEN) == ()


def test_few_attempts_say_nothing_of_a_share() -> None:
    few = Observed(now=NOW, ended=(ended("failed", 9),))
    assert findings(AlertRule(name="x", when="failure_rate", above=0.1), few) == ()


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "a b"},
        {"when": "full_moon"},
        {"above": -1},
        {"above": float("nan")},
        {"above": float("inf")},
        {"when": "failure_rate", "above": 1},
        {"when": "dead_letters", "above": 10_000},
        {"window": 1},
        {"window": 10**12},
        {"hold": 10**12},
        {"severity": "fatal"},
        {"when": "silent_worker", "tenant": "acme"},
        {"queue": "a b"},
        {"task": "a b"},
        {"channels": ("a b",)},
        {"channels": tuple(f"c{number}" for number in range(11))},
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(MisuseError):
        checked(deep(**changes))
