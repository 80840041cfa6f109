"""Workers that are told to end when they least expect it lose nothing."""

import pytest

from tests.journeys.ending import told_at_start, told_twice
from tests.journeys.stage import Stage

pytestmark = pytest.mark.timeout(120)


def test_a_worker_that_is_told_twice_ends_at_once_and_loses_nothing(stage: Stage) -> None:
    assert not told_twice(stage, rounds=1).flaws


def test_a_worker_that_is_told_at_its_start_ends_in_order(stage: Stage) -> None:
    assert not told_at_start(stage, times=4).flaws
