"""What the suites of all applications in `examples/` share; see `tests/examples/workforce.py`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.conftest import made_store
from tests.examples.workforce import LONGER, SEED, Workforce

HERE: Final = Path(__file__).parent

KEPT: Final = ("sqlite", "postgres")
"""The engines whose stores outlive a process, so that an application's database can be there."""


@pytest.fixture(params=KEPT)
def kept_store_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A store of its own on each of those in turn."""
    with made_store(request, tmp_path) as url:
        yield url


@pytest.fixture(scope="module", params=KEPT)
def shared_kept_url(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """A store on each of those in turn, for all tests of a module."""
    with made_store(request, tmp_path_factory.mktemp("store")) as url:
        yield url


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give the tests of these suites the time that it takes where workers are killed."""
    if SEED is not None:
        for item in items:
            if HERE in item.path.parents:
                item.add_marker(pytest.mark.timeout(240 * LONGER), append=False)


@pytest.fixture
def kills() -> int | None:
    """The seed by which workers are killed in this test; `None`: they are not."""
    return SEED


@pytest.fixture
def workforce(tmp_path: Path, kills: int | None) -> Workforce:
    """Puts the application of this test to work."""
    return Workforce(tmp_path, kills)
