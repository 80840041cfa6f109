"""What every engine promises, as tests: whoever writes an engine runs them on it.

Give them two fixtures: `clock`, a `tidemill.testing.ManualClock`, and `engine`, an engine that is
open, empty, and goes by that clock. Then take all tests over:

    import pytest
    from tidemill.testing import ManualClock
    from tidemill.testing.conformance.suite import *  # noqa: F403 - the tests

    @pytest.fixture
    def clock():
        return ManualClock()

    @pytest.fixture
    def engine(clock):
        engine = MyEngine(clock=clock)
        engine.open().wait()
        yield engine
        engine.close().wait()

The tests stand in one class for each area, so that `pytest -k TestClaiming` runs one of them. They
ask for nothing but the contract in `tidemill.engines.protocol`; a test that fails names the
promise that was broken. No test waits for time to pass.
"""

import pytest

AREAS = (
    "inserting",
    "uniqueness",
    "unstorable",
    "claiming",
    "leaving_out",
    "sparing",
    "limiting",
    "fairness",
    "settling",
    "annotating",
    "leasing",
    "graphs",
    "reading",
    "tallying",
    "standing",
    "recording",
    "auditing",
    "ruling",
    "telling",
    "signalling",
    "promoting",
    "gates",
    "changing",
    "putting_back",
    "pruning",
    "statistics",
    "lifecycle",
)
"""The modules of the suite, in the order of a job's path."""

# Before these are imported, or a failed assert could not show the values it compared.
pytest.register_assert_rewrite(*(f"{__name__}.{area}" for area in (*AREAS, "steps")))
