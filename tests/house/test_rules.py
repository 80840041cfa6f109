"""The rules of the house: short files, short functions, honest names, no unexplained silence."""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.house.source import EVERYWHERE, PACKAGE, ROOT, Source

MOST_LINES_OF_A_FILE = 400
MOST_LINES_OF_A_FUNCTION = 50

MUTE_NAMES = {"base", "common", "helper", "helpers", "manager", "misc", "util", "utils"}

SILENCE = re.compile(
    r"# (?P<what>type: ignore|pyright: ignore|noqa)"
    r"(?P<codes>\[[\w-]+(?:, ?[\w-]+)*\]|: [A-Z]+\d+(?:, ?[A-Z]+\d+)*)?"
)

WRONG_ON_PURPOSE = ROOT / "tests" / "typing"
"""There, a silenced error is what is proved, and the file says so once."""

Rule = Callable[[Source], Iterator[str]]


def files_are_short(source: Source) -> Iterator[str]:
    lines = len(source.text.splitlines())
    if lines > MOST_LINES_OF_A_FILE:
        yield f"{source.name} has {lines} lines"


def functions_are_short(source: Source) -> Iterator[str]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > MOST_LINES_OF_A_FUNCTION:
                yield f"{source.name}:{node.lineno} {node.name} has {lines} lines"


def names_say_something(source: Source) -> Iterator[str]:
    for name in (source.path.stem, source.path.parent.name):
        if name.strip("_") in MUTE_NAMES:
            yield f"{source.name} is named {name!r}, which says nothing"


def modules_say_what_they_are_for(source: Source) -> Iterator[str]:
    first = (ast.get_docstring(source.tree) or "").partition("\n")[0]
    if not first.endswith((".", "?", "!")):
        yield f"{source.name} does not open with a sentence"


def silence_is_explained(source: Source) -> Iterator[str]:
    if WRONG_ON_PURPOSE in source.path.parents:
        return
    for line, comment in source.comments():
        silences = list(SILENCE.finditer(comment))
        coded = all(silence["codes"] for silence in silences)
        explained = re.search(r"\w", SILENCE.sub("", comment))
        if silences and not (coded and explained):
            yield f"{source.name}:{line} is silent without a code, or without a reason"


OF_THE_PACKAGE = [
    files_are_short,
    functions_are_short,
    names_say_something,
    modules_say_what_they_are_for,
]
OF_ALL_CODE = [modules_say_what_they_are_for, silence_is_explained]


@pytest.mark.parametrize("rule", OF_THE_PACKAGE)
def test_the_package_keeps(rule: Rule) -> None:
    assert [offence for source in Source.under(PACKAGE) for offence in rule(source)] == []


@pytest.mark.parametrize("rule", OF_ALL_CODE)
def test_all_code_keeps(rule: Rule) -> None:
    assert [offence for source in Source.under(*EVERYWHERE) for offence in rule(source)] == []


@pytest.mark.parametrize(
    ("rule", "name", "text"),
    [
        (files_are_short, "long.py", "\n" * (MOST_LINES_OF_A_FILE + 1)),
        (functions_are_short, "long.py", "def f():\n" + "    x = 1\n" * MOST_LINES_OF_A_FUNCTION),
        (names_say_something, "utils.py", ""),
        (names_say_something, "_helpers.py", ""),
        (names_say_something, "common/job.py", ""),
        (modules_say_what_they_are_for, "__init__.py", ""),
        (modules_say_what_they_are_for, "job.py", '"""Jobs"""'),
        (silence_is_explained, "job.py", "x = y  # noqa"),
        (silence_is_explained, "job.py", "x = y  # noqa - it is fine"),
        (silence_is_explained, "job.py", "x = y  # noqa: S101"),
        (silence_is_explained, "job.py", "x = y  # type: ignore  # it is fine"),
        (silence_is_explained, "job.py", "x = y  # type: ignore[misc]  # pyright: ignore[a]"),
    ],
)
def test_a_rule_sees(rule: Rule, name: str, text: str, tmp_path: Path) -> None:
    assert len(list(rule(Source(tmp_path / name, text)))) == 1


@pytest.mark.parametrize(
    "text",
    [
        "x = y  # noqa: S101 - it cannot be None",
        "x = y  # noqa: S101, S311 - repeatable, and cannot be None",
        "x = y  # type: ignore[arg-type, misc]  # wanted",
        "x = y  # type: ignore[misc]  # pyright: ignore[reportAny]  # noqa: S101 - all wanted",
        "x = '# noqa'",
        "x = y  # the noise of # signs",
    ],
)
def test_silence_with_a_reason_is_kept(text: str, tmp_path: Path) -> None:
    assert list(silence_is_explained(Source(tmp_path / "job.py", text))) == []
