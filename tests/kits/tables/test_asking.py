"""Asking for rows: filters are checked, and rows fit their columns."""

from dataclasses import dataclass
from typing import Any, TypedDict

import pytest
from msgspec import Struct

from tidemill import errors
from tidemill.kits.tables.asking import filtering, filters_wanted, read_filters, told, values


class Wanted(Struct, frozen=True):
    site: str = ""
    least: int = 0


@dataclass
class Plain:
    site: str = ""


class Typed(TypedDict, total=False):
    site: str


def of_struct(filters: Wanted) -> list[Any]:
    return [filters]


def of_dataclass(filters: Plain) -> list[Any]:
    return [filters]


def of_dict(filters: Typed) -> list[Any]:
    return [filters]


def of_anything(filters: dict[str, Any]) -> list[Any]:
    return [filters]


@pytest.mark.parametrize("function", [of_struct, of_dataclass, of_dict])
def test_a_filter_that_a_source_has_not_is_refused_by_name(function: Any) -> None:
    wanted = filters_wanted(function)
    with pytest.raises(errors.InvalidArguments, match="the report audits has no filter 'colour'"):
        read_filters({"colour": "red"}, wanted, "the report audits")


def test_a_filter_of_another_kind_is_refused() -> None:
    with pytest.raises(errors.InvalidArguments, match=r"Expected `int`, got `str`.*least"):
        read_filters({"least": "many"}, Wanted, "the report audits")


def test_filters_are_given_as_they_are_annotated() -> None:
    assert read_filters({"site": "North"}, filters_wanted(of_struct), "x") == Wanted("North")
    assert read_filters({"site": "North"}, filters_wanted(of_dataclass), "x") == Plain("North")
    assert read_filters({"any": 1}, filters_wanted(of_anything), "x") == {"any": 1}


def test_only_filters_that_are_set_are_told() -> None:
    assert told(Wanted("North")) == {"site": "North", "least": 0}
    assert told({"site": "", "since": None, "of": []}) == {}


def test_a_function_may_take_no_filters_and_is_given_none() -> None:
    def rows(after: int) -> list[int]:
        return [after]

    wanted = filters_wanted(rows)
    assert read_filters({}, wanted, "x") == {}
    with pytest.raises(errors.InvalidArguments, match=r"has no filter 'a' \(it has none\)"):
        read_filters({"a": 1}, wanted, "x")
    assert filtering(rows)(5, {}) == [5]
    assert filtering(of_anything)({"a": 1}) == [{"a": 1}]


@pytest.mark.parametrize("row", [{"a": 1, "b": 2, "c": 3}, (1, 2), [1, 2], Wanted])
def test_a_row_is_a_mapping_or_values_in_order_or_an_object(row: Any) -> None:
    if row is Wanted:
        assert values(Wanted("North", 2), ["site", "least"], "x") == ["North", 2]
    else:
        assert values(row, ["a", "b"], "x") == [1, 2]


@pytest.mark.parametrize("row", [{"a": 1}, (1,), (1, 2, 3), Wanted()])
def test_a_row_that_does_not_fit_the_columns_is_refused(row: Any) -> None:
    with pytest.raises(errors.InvalidArguments, match="does not fit its columns"):
        values(row, ["a", "b"], "the report audits")
