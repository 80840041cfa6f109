"""Every engine of ours keeps every promise of the contract."""

import pytest

from tidemill.core.errors import StoreUnavailable
from tidemill.engines.protocol import Engine
from tidemill.testing.conformance.lifecycle import VERBS
from tidemill.testing.conformance.suite import *  # noqa: F403 - all of the suite's tests


@pytest.mark.parametrize("verb", VERBS)
def test_nothing_works_before_it_is_opened(closed_engine: Engine, verb: str) -> None:
    with pytest.raises(StoreUnavailable):
        VERBS[verb](closed_engine).wait()


def test_it_can_be_closed_without_having_been_opened(closed_engine: Engine) -> None:
    closed_engine.close().wait()
