"""Which engines the tests of this folder run on: all of them, or those named by `--engine`."""

from collections.abc import Iterator
from itertools import count
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
    "postgres": "{server}?schema={schema}",
}


_numbers = count(1)


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
def store_url(engine_name: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """Where an empty store of this engine is, or will be."""
    if engine_name == "postgres":
        server = request.getfixturevalue("postgres_url")
        return URLS[engine_name].format(server=server, schema=f"store_{next(_numbers)}")
    return URLS[engine_name].format(folder=tmp_path)


@pytest.fixture
def closed_engine(store_url: str, clock: ManualClock) -> Engine:
    """An engine over an empty store, not opened yet."""
    return open_engine(store_url, clock=clock)


@pytest.fixture
def engine(closed_engine: Engine) -> Iterator[Engine]:
    """An engine over an empty store, open."""
    closed_engine.open().wait()
    yield closed_engine
    closed_engine.close().wait()


@pytest.fixture
def schema_url(postgres_url: str) -> str:
    """Where an empty store on PostgreSQL is, or will be: a schema of its own."""
    return f"{postgres_url}?schema=own_{next(_numbers)}"


@pytest.fixture
def schema_store(schema_url: str) -> Iterator[Engine]:
    """An open engine on PostgreSQL that goes by the server's clock."""
    engine = open_engine(schema_url)
    engine.open().wait()
    yield engine
    engine.close().wait()
