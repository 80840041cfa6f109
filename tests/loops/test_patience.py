"""Patience waits longer from failure to failure, and speaks only when things change."""

import logging

import pytest

from tidemill.core.errors import StoreLocked, StoreUnavailable
from tidemill.loops.patience import Patience


def test_waits_double_up_to_the_cap_and_begin_anew() -> None:
    patience = Patience("x", base=100, cap=1_000, dice=lambda: 1.0)
    error = StoreUnavailable("gone")
    waits = [patience.failed(error) for _ in range(6)]
    assert waits == [100, 200, 400, 800, 1_000, 1_000]
    for _ in range(2_000):  # no overflow, however long it lasts
        assert patience.failed(error) == 1_000
    patience.succeeded()
    assert patience.failed(error) == 100


def test_half_of_a_wait_is_drawn() -> None:
    assert Patience("x", base=100, dice=lambda: 0.0).failed(OSError()) == 50


def test_one_line_per_change_of_state(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    patience = Patience("claiming jobs")
    patience.succeeded()
    for error in (StoreUnavailable("gone"),) * 5 + (StoreLocked("held"),) * 5:
        patience.failed(error)
    patience.succeeded()
    patience.succeeded()
    said = [record.getMessage() for record in caplog.records]
    assert said == [
        "trouble with claiming jobs, trying on: StoreUnavailable: gone",
        "trouble with claiming jobs, trying on: StoreLocked: held",
        "claiming jobs works again after 10 failures",
    ]


def test_an_error_that_is_not_ours_is_logged_with_its_place(
    caplog: pytest.LogCaptureFixture,
) -> None:
    for error in (ZeroDivisionError(), StoreUnavailable("gone")):
        try:
            raise error
        except Exception as raised:  # noqa: BLE001 - so that it has a place
            Patience("x").failed(raised)
    Patience("x").failed(ZeroDivisionError("never raised"))
    assert [bool(record.exc_info) for record in caplog.records] == [True, False, False]
