"""What a page shows is so: its code runs, its links lead somewhere."""

import doctest
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.docs.pages import blocks, name_of, pages
from tests.house.source import ROOT
from tidemill import Tidemill

EXAMPLES = [path.read_text() for path in sorted(ROOT.glob("examples/**/*.py"))]
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)(#[^)]*)?\)")
CHECK = doctest.OutputChecker()
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


@pytest.fixture
def namespace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """What the blocks of one page share, in an empty folder; applications are closed in the end."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TIDEMILL_URL", raising=False)
    module = ModuleType("shop")
    yield vars(module)
    for thing in list(vars(module).values()):
        if isinstance(thing, Tidemill):
            thing.close()


def is_of_an_example(text: str) -> bool:
    """Whether a block is found in an example, line for line, where it runs with the rest."""
    return any(f"\n{text}" in f"\n{source}" for source in EXAMPLES)


def run(text: str, page: str, line: int, namespace: dict[str, Any]) -> None:
    """Run a block as if its lines were those of a file with the page's name."""
    exec(compile("\n" * (line - 1) + text, page, "exec"), namespace)  # noqa: S102 - our own pages


def converse(text: str, page: str, line: int, namespace: dict[str, Any]) -> None:
    """Run a block in which answers stand below questions, and compare them."""
    conversation = doctest.DocTestParser().get_doctest(text, namespace, page, page, line - 1)
    told: list[str] = []
    runner = doctest.DocTestRunner(CHECK, verbose=False, optionflags=FLAGS)
    failed, _ = runner.run(conversation, out=told.append, clear_globs=False)
    namespace.update(conversation.globs)
    assert not failed, "".join(told)


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_the_code_of_a_page_runs(page: Path, namespace: dict[str, Any]) -> None:
    for language, text, line in blocks(page):
        if language == "python" and not is_of_an_example(text):
            run(text, name_of(page), line, namespace)
        elif language == "pycon":
            converse(text, name_of(page), line, namespace)


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_the_links_of_a_page_lead_somewhere(page: Path) -> None:
    for target, _ in LINK.findall(page.read_text()):
        assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_the_blocks_of_a_page_say_what_they_are(page: Path) -> None:
    assert {block.language for block in blocks(page)} <= {
        "console",
        "dockerfile",
        "http",
        "ini",
        "javascript",
        "json",
        "markdown",
        "mermaid",
        "nginx",
        "pycon",
        "python",
        "sh",
        "sql",
        "text",
        "toml",
        "yaml",
    }
