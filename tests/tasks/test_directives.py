"""Directives say one thing each, and policies are made in words."""

from datetime import UTC, datetime

import pytest

from tidemill.core.errors import InvalidOption
from tidemill.core.retry import RetryPolicy
from tidemill.tasks.directives import Cancel, Directive, Retry, Snooze


def test_they_may_be_raised_and_hold_what_was_said() -> None:
    for directive in (Snooze("10m"), Cancel("no need"), Retry(after="90s")):
        with pytest.raises(Directive) as caught:
            raise directive
        assert caught.value is directive
    assert (Snooze("10m").delay, Snooze("10m").until) == (600_000, None)
    assert Snooze(until=datetime(2020, 1, 1, tzinfo=UTC)).until == 1_577_836_800_000
    assert Cancel("no need").reason == "no need"
    assert (Retry(after=1.5).after, Retry().after) == (1_500, None)


def test_a_snooze_has_one_end() -> None:
    now = datetime.now(UTC)
    for wrong in ({}, {"delay": 1, "until": now}, {"until": now.replace(tzinfo=None)}):
        with pytest.raises(InvalidOption):
            Snooze(**wrong)


def test_policies_are_those_of_the_platform_unless_said_otherwise() -> None:
    assert Retry.exponential() == RetryPolicy()
    assert Retry.exponential(5, "1s", "1m", jitter=False) == RetryPolicy(
        5, "exponential", 1_000, 60_000, jitter=False
    )
    assert [Retry.linear(base="1s", jitter=False).wait(n, 0.5) for n in (1, 2)] == [1_000, 2_000]
    assert [Retry.fixed(2, "200ms").wait(n, 0.5) for n in (1, 9)] == [200, 200]
    assert Retry.never().attempts == 1
    assert [make(crashes=7).crashes for make in (Retry.exponential, Retry.linear, Retry.fixed)] == [
        7,
        7,
        7,
    ]
    for wrong in ({"attempts": 0}, {"crashes": 0}, {"crashes": True}, {"attempts": 1_001}):
        with pytest.raises(InvalidOption, match=next(iter(wrong))):
            Retry.fixed(**wrong)
