"""Patterns of events: what they mean, said once more in a simple way, and those that mean harm."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidemill.core.event import compile_pattern, matches

WORDS = st.sampled_from(["a", "b", "ab"])


def fits(pattern: list[str], words: list[str]) -> bool:
    """What a pattern means, as one would explain it."""
    if not pattern:
        return not words
    if pattern[0] == "**":
        return fits(pattern[1:], words) or (bool(words) and fits(pattern, words[1:]))
    return bool(words) and pattern[0] in ("*", words[0]) and fits(pattern[1:], words[1:])


@given(
    st.lists(WORDS | st.sampled_from(["*", "**", "**"]), min_size=1, max_size=7),
    st.lists(WORDS, min_size=1, max_size=7),
)
def test_a_pattern_means_what_is_said_of_it(pattern: list[str], words: list[str]) -> None:
    assert matches(".".join(pattern), ".".join(words)) is fits(pattern, words)


@pytest.mark.parametrize("name", ["", ".", "a.", ".a", "a..a"])
@pytest.mark.parametrize("pattern", ["**", "a.**", "**.a", "a.**.a", "*"])
def test_what_is_no_name_is_never_meant(pattern: str, name: str) -> None:
    assert not matches(pattern, name)


def test_of_several_any_numbers_in_a_row_one_is_kept() -> None:
    assert compile_pattern("**.**.a.**.**.**") == ("**", "a", "**")


@pytest.mark.timeout(10)
@pytest.mark.parametrize(
    "pattern",
    [
        ".".join(["**.a"] * 20),
        ".".join(["**"] * 60),
        ".".join(["**.*"] * 40),
        "**.a." * 40 + "**.a",
    ],
)
def test_no_pattern_takes_long(pattern: str) -> None:
    assert matches(pattern, ".".join(["a"] * 200 + ["b"])) is not pattern.endswith("a")
