"""Which engines the tests of this folder run on: all of them, or those named by `--engine`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tidemill.engines import open_engine
from tidemill.engines.protocol import Engine
from tidemill.testing import ManualClock

URLS: Final = {
    "memory": "memory://",
    "sqlite": "sqlite:///{folder}/jobs.db",
    "sqlite-apsw": "sqlite+apsw:///{folder}/jobs.db",
}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let one choose: `pytest tests/engines --engine memory --engine sqlite`."""
    parser.addoption(
        "--engine", action="append", choices=list(URLS), help="run on this engine only; repeatable"
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run every test that asks for an engine once on each."""
    if "engine_name" in metafunc.fixturenames:
        chosen = metafunc.config.getoption("--engine", default=None) or list(URLS)
        metafunc.parametrize("engine_name", chosen)


@pytest.fixture
def clock() -> ManualClock:
    """The clock that the engine goes by."""
    return ManualClock()


@pytest.fixture
def closed_engine(engine_name: str, clock: ManualClock, tmp_path: Path) -> Engine:
    """An engine over an empty store, not opened yet."""
    if engine_name == "sqlite-apsw":
        pytest.importorskip("apsw")
    return open_engine(URLS[engine_name].format(folder=tmp_path), clock=clock)


@pytest.fixture
def engine(closed_engine: Engine) -> Iterator[Engine]:
    """An engine over an empty store, open."""
    closed_engine.open().wait()
    yield closed_engine
    closed_engine.close().wait()
