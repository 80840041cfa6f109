"""Every engine of ours keeps every promise of the contract."""

import pytest

from tidemill.core.errors import StoreMissing, StoreUnavailable
from tidemill.engines.protocol import Engine
from tidemill.testing.conformance.lifecycle import VERBS
from tidemill.testing.conformance.suite import *  # noqa: F403 - all of the suite's tests


@pytest.mark.parametrize("verb", VERBS)
def test_nothing_works_before_it_is_opened(closed_engine: Engine, verb: str) -> None:
    with pytest.raises(StoreUnavailable):
        VERBS[verb](closed_engine).wait()


def test_it_can_be_closed_without_having_been_opened(closed_engine: Engine) -> None:
    closed_engine.close().wait()


def test_where_no_store_is_a_look_makes_none(closed_engine: Engine) -> None:
    if not closed_engine.traits.shared:
        closed_engine.open(make=False).wait()  # it was made with its process
        return
    for _ in range(2):
        with pytest.raises(StoreMissing, match="name another"):
            closed_engine.open(make=False).wait()
