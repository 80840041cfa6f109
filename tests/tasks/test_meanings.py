"""A text that does not match its pattern is told in the words of its annotation."""

from typing import Annotated, Any

import pytest
from msgspec import Meta, Struct

from tidemill import Tidemill
from tidemill.core.errors import InvalidArguments

Year = Annotated[str, Meta(pattern=r"^\d{4}$", description="a year of four digits")]
Day = Annotated[str, Meta(pattern=r"^\d\d$")]


class Node(Struct):
    """A type that holds itself."""

    year: Year = "2026"
    inner: "Node | None" = None


def took(
    year: Year = "2026", node: Node | None = None, day: Day = "01", *years: Year
) -> tuple[Any, ...]:
    """Take texts, some of which say what they are."""
    return year, node, day, years


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (("26",), r"argument 'year': expected a year of four digits"),
        (("2026", {"inner": {"year": "x"}}), r"'node.inner.year': expected a year of four digits"),
        (("2026", None, "01", "2026", "x"), r"'years\[1\]': expected a year of four digits"),
        (("2026", None, "1"), r"argument 'day': Expected `str` matching regex"),
        ((26,), r"argument 'year': expected str, got int"),
    ],
)
def test_what_a_text_has_to_be_is_told(given: tuple[Any, ...], says: str) -> None:
    task = Tidemill("memory://").task(name="took")(took)
    with pytest.raises(InvalidArguments, match=says):
        task.bind(*given)
