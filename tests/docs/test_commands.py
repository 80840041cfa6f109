"""What a page tells to type is a command that there is, with options that it has."""

import shlex
from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.core import TyperGroup

from tests.docs.pages import blocks, name_of, pages
from tidemill.cli.main import program


def lines(page: Path) -> list[list[str]]:
    """The words of every line of a page that calls `tidemill`, up to where the shell goes on."""
    words = [
        shlex.split(line, comments=True)
        for block in blocks(page)
        if block.language == "sh"
        for line in block.text.splitlines()
    ]
    called = [line for line in words if line and line[0] == "tidemill"]
    return [list(takewhile(lambda word: word not in (">", "|"), line)) for line in called]


@pytest.mark.parametrize("page", [page for page in pages() if lines(page)], ids=name_of)
def test_every_line_of_a_page_can_be_read(page: Path) -> None:
    for line in lines(page):
        command, rest = find(line[1:])
        # Reading the words checks every option, its value and the number of arguments.
        command.make_context(command.name, rest).close()


def find(words: list[str]) -> tuple[Any, list[str]]:
    """The command that words name, and the words behind its name."""
    command: Any = typer.main.get_command(program)
    for place, word in enumerate(words):
        if not isinstance(command, TyperGroup):
            return command, words[place:]
        assert word in command.commands, words
        command = command.commands[word]
    return command, []


def test_there_are_such_lines() -> None:
    assert sum(len(lines(page)) for page in pages()) > 40
