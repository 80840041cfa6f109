"""Errors have codes of their own, and their page says what the code says."""

import inspect
import pickle

from tests.house.errors import PAGE, render
from tidemill import errors
from tidemill.core import errors as written


def test_the_page_of_errors_is_as_the_code_is() -> None:
    assert PAGE.read_text() == render(), "write it anew: python -m tests.house.errors"


def test_every_error_has_a_code_of_its_own_below_that_of_its_branch() -> None:
    classes = [each for _, each in inspect.getmembers(errors, inspect.isclass)]
    tree = [each for each in classes if issubclass(each, errors.TidemillError)]
    assert len({each.code for each in tree}) == len(tree)
    for each in tree:
        (parent,) = each.__bases__
        if issubclass(parent, errors.TidemillError) and parent is not errors.TidemillError:
            assert each.code.startswith(f"{parent.code}.")
        assert f"`{each.code}`" in PAGE.read_text() or each is errors.TidemillError


def test_every_error_can_be_imported_and_a_traceback_says_where_from() -> None:
    classes = [each for _, each in inspect.getmembers(written, inspect.isclass)]
    tree = [each for each in classes if issubclass(each, written.TidemillError)]
    assert errors.__all__ == sorted(each.__name__ for each in tree)
    for each in tree:
        assert getattr(errors, each.__name__) is each
        assert f"{each.__module__}.{each.__name__}" == f"tidemill.errors.{each.__name__}"
        assert pickle.loads(pickle.dumps(each("a", hint="b"))).hint == "b"  # noqa: S301 - our own
