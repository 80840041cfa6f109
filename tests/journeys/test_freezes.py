"""Processes that are stopped in their tracks, and wake up to find that the world has moved on."""

import pytest

from tests.journeys.freezing import HELD, frozen_inside, zombies
from tests.journeys.stage import Stage

pytestmark = pytest.mark.timeout(120)


def test_a_stopped_worker_that_wakes_up_changes_nothing(stage: Stage) -> None:
    figures = zombies(stage, rounds=1)
    assert not figures.flaws
    assert figures.refused >= HELD


@pytest.mark.parametrize("place", ["settle.inside", "promote.middle"])
def test_a_process_stopped_inside_a_write_holds_nobody_up_for_long(
    stage: Stage, place: str
) -> None:
    assert not frozen_inside(stage, place).flaws
