"""`docs/reference/cli.md`, made of the commands themselves: `python -m tests.house.commands`."""

from pathlib import Path
from typing import Any, Final

import typer
from typer.core import TyperGroup

from tidemill.cli.main import program

PAGE: Final = Path(__file__).parents[2] / "docs" / "reference" / "cli.md"

HEAD: Final = """# The command line

This page is made from the commands themselves (`python -m tests.house.commands`); a test compares
the two.

`tidemill` answers with exit code 0 when all is well, 1 when something failed, 2 when it was
misused; an error is one line, `error: ...`, with what to do about it behind `hint:`. On a terminal
answers are tables, in a pipe lines with tabs between the columns; `--json` writes one
JSON document.

Commands that look at a store take it from `--url`, and `tidemill worker` takes the application from
`--app`, written `package.module:name`; else both are as the [settings](settings.md) have them. A
store that is looked at is never made: only a worker, `tidemill engine migrate` and whoever creates
a user, a key or a tenant make a new one. Most take the URL of a
[server](../howto/elsewhere.md) as well, and the key for it from `TIDEMILL_KEY`.

A change of jobs is asked for by their ids or by options that say which are meant. For those it
shows how many there are and the newest of them, and asks; `--yes` goes on without a question. A
moment is written as so long ago, `90m` or `2d`, or as a date, `2026-11-30` or `2026-11-30T08:00`,
in the local zone. Ctrl-C ends what is followed.
"""


def page() -> str:
    """The page as it should be."""
    root = typer.main.get_command(program)
    assert isinstance(root, TyperGroup)
    parts = [HEAD]
    for name, command in sorted(root.commands.items()):
        if isinstance(command, TyperGroup):
            parts.append(f"## tidemill {name}\n\n{command.help}\n")
            for verb, inner in sorted(command.commands.items()):
                parts.append(_section(f"tidemill {name} {verb}", inner, "###"))
        else:
            parts.append(_section(f"tidemill {name}", command, "##"))
    return "\n".join(parts)


def _section(title: str, command: Any, mark: str) -> str:
    """One command: what it does, its arguments and its options."""
    lines = [f"{mark} {title}\n", f"{command.help}\n"]
    for each in command.params:
        if isinstance(each, typer.core.TyperArgument):
            lines.append(
                f"- `{each.make_metavar(typer.Context(command))}` {each.help or ''}".rstrip()
            )
        elif isinstance(each, typer.core.TyperOption):
            names = ", ".join([*each.opts, *each.secondary_opts])
            value = "" if each.is_flag else f" {each.metavar or ''}"
            lines.append(f"- `{names}{value.rstrip()}` {each.help or ''}".rstrip())
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page())
