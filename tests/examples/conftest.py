"""What the suites of all applications in `examples/` share; see `tests/examples/workforce.py`."""

from pathlib import Path

import pytest

from tests.examples.workforce import SEED, Workforce


@pytest.fixture
def kills() -> int | None:
    """The seed by which workers are killed in this test; `None`: they are not."""
    return SEED


@pytest.fixture
def workforce(tmp_path: Path, kills: int | None) -> Workforce:
    """Puts the application of this test to work."""
    return Workforce(tmp_path, kills)
