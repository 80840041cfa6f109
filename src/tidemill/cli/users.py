"""`tidemill users`: who may come in over HTTP, and as what."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from tidemill.access.identity import Grant, User
from tidemill.access.role import read_role
from tidemill.cli import render
from tidemill.cli.options import AsJson, Url, Yes, confirm, store
from tidemill.core.errors import InvalidOption

users = typer.Typer(help="Decide who may come in over HTTP, and as what.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The user meant.")]
Roles = Annotated[
    list[str] | None,
    typer.Option(
        "--role",
        metavar="ROLE[@TENANT]",
        help="viewer, operator or admin; of one tenant, or without one of the whole instance.",
    ),
]
PasswordFile = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Read the password there, - is the standard input."),
]


@users.command("list")
def list_users(as_json: AsJson = False, url: Url = "") -> None:
    """List users."""
    with store(url) as app:
        found = [each.value for each in app.users.find()]
        now = app.now()
    if as_json:
        render.show_json([_plain(user) for user in found])
        return
    rows = [
        {
            "user": user.name,
            "name": user.full_name,
            "roles": ", ".join(_grant(each) for each in user.grants),
            "state": _standing(user),
            "made": render.ago(user.created_at or None, now),
        }
        for user in found
    ]
    render.show(rows, empty="There are no users; `tidemill users create` makes the first one.")


@users.command()
def create(
    name: Name,
    role: Roles = None,
    full_name: Annotated[str, typer.Option(metavar="TEXT", help="What people call them.")] = "",
    password_file: PasswordFile = None,
    no_payloads: Annotated[
        bool, typer.Option("--no-payloads", help="Keep from them what jobs hold.")
    ] = False,
    url: Url = "",
) -> None:
    """Let somebody in."""
    grants = _grants(role or [])
    with store(url, make=True) as app:
        made = app.users.create(
            name, _password(password_file), grants, full_name=full_name, payloads=not no_payloads
        )
    render.echo(f"{made.name} may come in as {', '.join(map(_grant, made.grants))}")


@users.command("role")
def give_role(name: Name, role: Roles = None, url: Url = "") -> None:
    """Give a user other roles than they have.

    Their sessions end.
    """
    with store(url) as app:
        kept = app.users.change(name, grants=_grants(role or []))
    render.echo(f"{kept.value.name} is {', '.join(map(_grant, kept.value.grants))} now")


@users.command()
def password(name: Name, password_file: PasswordFile = None, url: Url = "") -> None:
    """Give a user another password; their sessions end."""
    with store(url) as app:
        wanted = app.users
        wanted.get(name)
        wanted.set_password(name, _password(password_file))
    render.echo(f"{name} has another password")


@users.command()
def disable(name: Name, url: Url = "") -> None:
    """Let a user in no more, for a while; their sessions end."""
    with store(url) as app:
        app.users.change(name, disabled=True)
    render.echo(f"{name} may not come in")


@users.command()
def enable(name: Name, url: Url = "") -> None:
    """Let a user in again."""
    with store(url) as app:
        app.users.change(name, disabled=False)
    render.echo(f"{name} may come in again")


@users.command()
def delete(name: Name, yes: Yes = False, url: Url = "") -> None:
    """Remove a user; their sessions end."""
    with store(url) as app:
        wanted = app.users
        wanted.get(name)
        if not yes:
            confirm(f"Remove the user {name}?")
        wanted.delete(name)
    render.echo(f"{name} is removed")


def _grants(written: list[str]) -> tuple[Grant, ...]:
    parts = (each.partition("@") for each in written)
    return tuple(Grant(read_role(role), tenant or None) for role, _, tenant in parts)


def _grant(grant: Grant) -> str:
    return grant.role.value if grant.tenant is None else f"{grant.role.value}@{grant.tenant}"


def _standing(user: User) -> str:
    if user.disabled:
        return "disabled"
    return "active" if user.password else "no password"


def _plain(user: User) -> dict[str, object]:
    return {
        "name": user.name,
        "full_name": user.full_name,
        "roles": [_grant(each) for each in user.grants],
        "state": _standing(user),
        "sees_payloads": user.payloads,
        "created_at": user.created_at,
    }


def _password(file: Path | None) -> str:
    """A password that nobody sees on the screen or in a list of processes."""
    if file is not None:
        text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
        return text.removesuffix("\n").removesuffix("\r")
    if not sys.stdin.isatty():
        raise InvalidOption(
            "nobody can be asked for a password", hint="--password-file FILE, or - and a pipe"
        )
    typed: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    return typed
