"""The scene of the demo: what is seeded is done, and each wish can be granted."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from examples.finance.application import Finance, create
from examples.finance.scene import seed, tick
from tidemill.testing import in_memory
from tidemill.testing.harness import Harness


@pytest.fixture
def finance(tmp_path: Path) -> Iterator[Finance]:
    made = create("memory://", tmp_path, files=f"{tmp_path}/files")
    yield made
    made.close()


@pytest.fixture
def mill(finance: Finance) -> Iterator[Harness]:
    with in_memory(finance.app) as mill:
        yield mill


def test_a_scene_is_the_same_when_it_is_set_twice(finance: Finance, mill: Harness) -> None:
    seed(finance)
    once = len(mill.jobs("finance.transaction_import"))
    assert once == 5 * 4, "three months, and what there is of this one"
    seed(finance)
    assert len(mill.jobs("finance.transaction_import")) == once


def test_each_wish_is_one_that_can_be_granted(finance: Finance, mill: Harness) -> None:
    for number in range(60):
        tick(finance, number)
    asked = {job.task for job in mill.jobs()}
    assert len(asked) == 9
