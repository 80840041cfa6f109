"""Every engine behaves like the memory engine; Hypothesis looks for a sequence that says no."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tidemill.engines import open_engine
from tidemill.engines.protocol import Engine
from tidemill.loops.clock import Clock
from tidemill.testing.conformance.model import model_of

EXAMPLES = int(os.environ.get("TIDEMILL_MODEL_EXAMPLES", "100"))


def sqlite(clock: Clock, folder: Path) -> Engine:
    return open_engine(f"sqlite:///{folder}/jobs.db", clock=clock)


def apsw(clock: Clock, folder: Path) -> Engine:
    pytest.importorskip("apsw")
    return open_engine(f"sqlite+apsw:///{folder}/jobs.db", clock=clock)


TestSQLite = model_of(sqlite).TestCase
TestSQLite.settings = settings(
    max_examples=EXAMPLES,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
TestApsw = model_of(apsw).TestCase
TestApsw.settings = settings(TestSQLite.settings, max_examples=max(EXAMPLES // 4, 1))

for test in (TestSQLite, TestApsw):
    test.pytestmark = [pytest.mark.timeout(900)]
