"""A store in memory and one in a file, whose clock tests wind, for an application with a task."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tidemill import Tidemill
from tidemill.schedules.store import Schedules
from tidemill.testing import ManualClock


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture(params=["memory", "sqlite"])
def app(request: pytest.FixtureRequest, clock: ManualClock, tmp_path: Path) -> Iterator[Tidemill]:
    url = "memory://" if request.param == "memory" else f"sqlite:///{tmp_path}/jobs.db"
    with Tidemill(url, clock=clock) as app:

        @app.task(name="sync")
        def sync(number: int = 0) -> int:
            return number

        yield app


@pytest.fixture
def schedules(app: Tidemill) -> Schedules:
    return app.schedules
