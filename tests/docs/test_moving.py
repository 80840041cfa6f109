"""What the pages for those who come from elsewhere call ours, is called so."""

import re
from pathlib import Path
from typing import Final

import pytest

import tidemill
from tests.docs.pages import DOCS, name_of
from tests.docs.test_commands import find
from tidemill import JobContext, Tidemill
from tidemill.client.job import Job
from tidemill.client.wishes import WishKeywords
from tidemill.schedules.keywords import ScheduleKeywords
from tidemill.tasks.options import TaskKeywords

PAGES: Final = sorted(DOCS.glob("howto/from-*.md"))
ROW: Final = re.compile(r"^\| (.+?) \| (.+) \|$", re.MULTILINE)
CODE: Final = re.compile(r"`([^`]+)`")
KEYWORD: Final = re.compile(r"(?<![\w\"'=])(\w+)=(?!=)")


def ours(page: Path) -> list[str]:
    """What stands as code in the right half of a table."""
    return [code for _, right in ROW.findall(page.read_text()) for code in CODE.findall(right)]


def called(pattern: str, codes: list[str]) -> set[tuple[str, ...]]:
    return {found.groups() for code in codes for found in re.finditer(pattern, code)}


def test_there_are_such_pages() -> None:
    assert len(PAGES) == 5
    assert all(len(ours(page)) > 15 for page in PAGES)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_each_verb_is_there(page: Path) -> None:
    codes = ours(page)
    with Tidemill("memory://") as app:
        for part, verb in called(r"\bapp\.(jobs|queues|schedules|events)\.(\w+)", codes):
            assert hasattr(getattr(app, part), verb), f"app.{part}.{verb}"
        for (verb,) in called(r"\bapp\.(\w+)", codes):
            assert hasattr(app, verb), f"app.{verb}"
    for (verb,) in called(r"\bcurrent\(\)\.(\w+)", codes):
        assert hasattr(JobContext, verb), verb
    for (verb,) in called(r"(?<![\w.])job\.(\w+)", codes):
        assert hasattr(Job, verb), verb
    for (verb,) in called(r"\bRetry\.(\w+)", codes):
        assert hasattr(tidemill.Retry, verb), verb


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_each_keyword_is_there(page: Path) -> None:
    known = {
        r"\busing\(([^()]*)": WishKeywords,
        r"@app\.task\(([^()]*)": TaskKeywords,
        r"@app\.schedule\(([^()]*)": ScheduleKeywords,
    }
    for pattern, kind in known.items():
        for (inside,) in called(pattern, ours(page)):
            for keyword in KEYWORD.findall(inside):
                assert keyword in kind.__annotations__, (inside, keyword)
    lone = {*WishKeywords.__annotations__, *TaskKeywords.__annotations__}
    lone |= {*ScheduleKeywords.__annotations__, "crashes", "base", "arguments", "memory"}
    for code in ours(page):
        if found := re.match(r"(\w+)=", code):
            assert found[1] in lone, code


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_each_command_is_there(page: Path) -> None:
    for code in ours(page):
        if code.startswith("tidemill "):
            words = re.split(r" --| [A-Z]", code)[0].split()[1:]
            find(words[:2] if len(words) > 1 else words)
