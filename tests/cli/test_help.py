"""The help of every command, and what the program loads before it knows what is wanted."""

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import typer
from typer.core import TyperGroup
from typer.testing import CliRunner

from tidemill.cli.main import program


def commands(group: TyperGroup, *words: str) -> Iterator[tuple[str, ...]]:
    """Every command there is, groups too, as it is typed."""
    yield words
    for name, command in sorted(group.commands.items()):
        if isinstance(command, TyperGroup):
            yield from commands(command, *words, name)
        else:
            yield (*words, name)


def root() -> TyperGroup:
    group = typer.main.get_command(program)
    assert isinstance(group, TyperGroup)
    return group


ALL = list(commands(root()))


def find(words: tuple[str, ...]) -> Any:
    command: Any = root()
    for word in words:
        command = command.commands[word]
    return command


def test_all_commands_are_there() -> None:
    assert {" ".join(words) for words in ALL} >= {
        *("worker", "demo", "doctor", "stats", "settings"),
        *(f"jobs {verb}" for verb in "list show logs retry cancel delete run-now move".split()),
        *(f"queues {verb}" for verb in "list pause resume limit drain clean".split()),
        *(f"schedules {verb}" for verb in "list show run pause resume next delete".split()),
        *(f"events {verb}" for verb in "list emit tail".split()),
        *("jobs reprioritise", "workers list", "engine migrate", "engine check"),
    }


@pytest.mark.parametrize("words", ALL, ids=" ".join)
def test_a_command_says_what_it_does_and_what_each_option_means(words: tuple[str, ...]) -> None:
    result = CliRunner().invoke(program, [*words, "--help"])
    assert result.exit_code == 0
    assert result.output.startswith("Usage: ")
    command = find(words)
    assert command.help
    assert [each.name for each in command.params if not each.help] == []


@pytest.mark.parametrize("words", [words for words in ALL if len(words) < 2 and words != ("demo",)])
def test_a_list_of_commands_is_not_cut(words: tuple[str, ...]) -> None:
    result = CliRunner().invoke(program, [*words, "--help"], terminal_width=80)
    listed = result.output.partition("Commands:")[2].strip().splitlines()
    assert [line for line in listed if line.endswith("...")] == []
    assert all(len(line.split(maxsplit=1)) == 2 for line in listed)


def test_what_most_commands_do_not_need_is_not_loaded() -> None:
    script = "import sys, tidemill.cli.main; print(*sys.modules, sep='\\n')"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = set(ran.stdout.split())
    assert "tidemill.cli.jobs" in loaded
    assert loaded.isdisjoint(
        {"rich", "sqlite3", "tomllib", "tidemill.worker.worker", "tidemill.demo.main"}
    )
