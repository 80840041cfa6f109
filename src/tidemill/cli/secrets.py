"""`tidemill secrets`: the keys that secret arguments are encrypted with."""

from typing import Annotated

import typer

from tidemill.cli import render
from tidemill.settings import load
from tidemill.tasks.secret import NO_KEYS, new_key

secrets = typer.Typer(help="Make and name the keys of secret arguments.", no_args_is_help=True)


@secrets.command()
def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Letters and digits, as k2.")] = "k1",
) -> None:
    """Make a key, as secrets.keys takes it.

    Put it before the keys that are there: the first one encrypts, all of them decrypt.
    """
    render.echo(new_key(name))


@secrets.command("list")
def list_keys() -> None:
    """Name the keys that are set, the one that encrypts first."""
    names = list(load().get("secrets.keys", NO_KEYS))
    for place, name in enumerate(names):
        render.echo(f"{name}\t{'decrypts' if place else 'encrypts'}")
    if not names:
        render.echo("No key is set; `tidemill secrets new` makes one.")
