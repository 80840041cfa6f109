"""Every engine behaves like the memory engine; Hypothesis looks for a sequence that says no."""

import os
from itertools import count
from pathlib import Path
from typing import Final

import pytest
from hypothesis import HealthCheck, settings

from tidemill.engines import open_engine
from tidemill.engines.protocol import Engine
from tidemill.loops.clock import Clock
from tidemill.testing.conformance.model import EngineModel

EXAMPLES: Final = int(os.environ.get("MODEL_EXAMPLES", "100"))

pytestmark = pytest.mark.timeout(900)


class SQLiteModel(EngineModel):
    """With the SQLite of the standard library."""

    def make_engine(self, clock: Clock, folder: Path) -> Engine:
        return open_engine(f"sqlite:///{folder}/jobs.db", clock=clock)


class ApswModel(EngineModel):
    """With the SQLite of the apsw package."""

    def make_engine(self, clock: Clock, folder: Path) -> Engine:
        return open_engine(f"sqlite+apsw:///{folder}/jobs.db", clock=clock)


class PostgresModel(EngineModel):
    """With a PostgreSQL server, in a schema of its own for each example."""

    server = ""
    numbers = count(1)

    def make_engine(self, clock: Clock, folder: Path) -> Engine:  # noqa: ARG002 - see the others
        url = f"{self.server}?schema=model_{next(self.numbers)}"
        return open_engine(url, clock=clock)


@pytest.fixture(autouse=True, scope="module")
def _server(postgres_url: str) -> None:
    PostgresModel.server = postgres_url


def thorough(examples: int) -> settings:
    return settings(
        max_examples=examples,
        stateful_step_count=40,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


TestSQLite = SQLiteModel.TestCase
TestSQLite.settings = thorough(EXAMPLES)
TestApsw = ApswModel.TestCase
TestApsw.settings = thorough(max(EXAMPLES // 4, 1))
TestPostgres = PostgresModel.TestCase
TestPostgres.settings = thorough(max(EXAMPLES // 2, 1))
