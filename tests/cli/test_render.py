"""How commands answer, where no terminal is needed to see it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidemill.cli.render import (
    EVERY,
    _in_lines,
    ago,
    json_line,
    number,
    plain,
    show,
    show_facts,
    show_json,
)
from tidemill.cli.terminal import _widths

texts = st.text("ab ", max_size=60)


@given(st.lists(st.fixed_dictionaries(dict.fromkeys("pqr", texts)), min_size=1))
def test_columns_have_room_or_are_as_narrow_as_they_may_be(rows: list[dict[str, str]]) -> None:
    widths = _widths(rows, ["p", "q", "r"], [], 60)
    total = sum(widths.values()) + 2 * (len(widths) - 1)
    assert total <= 60
    assert all(any(row[name] for row in rows) for name in widths)


def test_what_is_spare_goes_before_anything_is_cut() -> None:
    rows = [{"id": "x" * 36, "task": "t" * 30, "queue": "q" * 20}]
    assert _widths(rows, ["id", "task", "queue"], ["queue"], 80) == {"id": 36, "task": 30}
    assert _widths(rows, ["id", "task", "queue"], ["queue"], 60) == {"id": 36, "task": 22}
    assert _widths(rows, ["id", "task", "queue"], ["queue"], 20) == {"id": 36, "task": 12}


@pytest.mark.parametrize(
    ("instant", "said"),
    [
        (None, ""),
        (1_000_000, "now"),
        (1_000_000 - 400_000, "6m ago"),
        (1_000_000 - 5_000, "5s ago"),
        (1_000_000 + 5_400_000, "in 1h30m"),
    ],
)
def test_how_far_a_moment_is(instant: int | None, said: str) -> None:
    assert ago(instant, 1_000_000) == said


def test_numbers_agree_with_their_noun() -> None:
    assert [number(count, "job") for count in (0, 1, 1_200)] == ["0 jobs", "1 job", "1,200 jobs"]


def test_in_a_pipe_long_work_is_told_every_few_seconds(
    capsys: pytest.CaptureFixture[str],
) -> None:
    seconds = iter([0.0, 1.0, EVERY, EVERY, EVERY + 1, 2 * EVERY, 2 * EVERY])
    tell = _in_lines("cancel", lambda: next(seconds))
    for done in (500, 1_000, 1_500, 2_000):
        tell(done)
    assert capsys.readouterr().err == "cancel: 1,000 so far\ncancel: 2,000 so far\n"


HOSTILE = [
    "\x1b[2J\x1b]0;owned\x07",
    "\x9b2J",
    "a\rb",
    "a\x08b",
    "a\x00b",
    "a\x7fb",
    "a\u202egpj.exe",
    "a\u2028b",
    "a\u2066b",
    "a\ud800b",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_steers_a_terminal(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    show([{"id": "1", "note": text}], empty="")
    show_facts({"note": text, "long": f"{text}\n{text}"})
    said = capsys.readouterr().out
    assert [line.split()[0] for line in said.splitlines() if line[0] != " "] == [
        "id", "1", "note", "long",
    ]  # fmt: skip
    assert all(each.isprintable() for each in said.replace("\t", " ").split("\n"))
    assert plain(text).isascii()


@pytest.mark.parametrize("text", HOSTILE[:-1])
def test_json_steers_no_terminal_and_says_the_same(
    text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    show_json({text: [text]})
    said = capsys.readouterr().out
    assert all(each.isprintable() for each in said.split("\n"))
    assert json.loads(said) == {text: [text]}
    assert json.loads(json_line({text: [text]})) == {text: [text]}
    assert json_line(text).isprintable()


def test_what_is_said_in_any_language_is_left_as_it_is() -> None:
    said = "Zoë, 你好, שלום 🦊\ttab\nline"
    assert plain(said) == said
