"""The front door: what `tidemill.__all__` promises is there, says what it is, and is all."""

import inspect

import pytest

import tidemill


def test_every_name_is_promised_once() -> None:
    assert len(tidemill.__all__) == len(set(tidemill.__all__))


@pytest.mark.parametrize("name", tidemill.__all__)
def test_every_promised_name_is_there_and_says_what_it_is(name: str) -> None:
    thing = getattr(tidemill, name)
    # A class would otherwise pass its parent's words for its own.
    words = vars(thing).get("__doc__") if inspect.isclass(thing) else thing.__doc__
    assert words


def test_nothing_is_offered_without_a_promise() -> None:
    offered = {
        name
        for name in dir(tidemill)
        if not name.startswith("_") and not inspect.ismodule(getattr(tidemill, name))
    }
    assert offered <= set(tidemill.__all__)
