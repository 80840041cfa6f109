"""A PostgreSQL server that is killed, and a network that is cut: nothing is lost, all is found."""

from collections.abc import Callable

import pytest

from tests.journeys.cutting import (
    ANSWERS,
    answer_lost,
    connections_reset,
    late,
    narrow,
    server_killed,
    sessions_ended,
    silence,
    slow_network,
)
from tests.journeys.stage import Stage

pytestmark = pytest.mark.timeout(240)


def test_a_server_killed_ten_times_under_load_loses_nothing(far_stage: Stage) -> None:
    figures = server_killed(far_stage, times=10)
    assert not figures.flaws
    assert (figures.recovered_by(0.5) or 0) < 3


def test_connections_that_are_reset_under_load_lose_nothing(far_stage: Stage) -> None:
    figures = connections_reset(far_stage, times=10)
    assert not figures.flaws
    assert figures.cuts > 25


@pytest.mark.parametrize("to", ANSWERS)
def test_an_answer_that_is_lost_repeats_nothing(far_stage: Stage, to: str) -> None:
    figures = answer_lost(far_stage, to, times=5)
    assert not figures.flaws


def test_a_network_that_falls_silent_is_noticed_in_time(far_stage: Stage) -> None:
    assert not silence(far_stage, seconds=10).flaws


def test_sessions_that_the_server_ends_lose_nothing(far_stage: Stage) -> None:
    figures = sessions_ended(far_stage, seconds=3)
    assert not figures.flaws
    assert figures.cuts > 5


@pytest.mark.parametrize("how", [late, narrow])
def test_a_slow_network_costs_no_lease(far_stage: Stage, how: Callable[[Stage], None]) -> None:
    assert not slow_network(far_stage, 2, how).flaws
