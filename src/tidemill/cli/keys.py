"""`tidemill keys`: what programs come in with over HTTP."""

from typing import Annotated

import msgspec
import typer

from tidemill.access.identity import ApiKey
from tidemill.cli import render
from tidemill.cli.options import AsJson, Url, Yes, confirm, store
from tidemill.core.instants import Instant

keys = typer.Typer(help="Make keys for programs that come over HTTP.", no_args_is_help=True)

Id = Annotated[str, typer.Argument(metavar="ID", help="The key meant.")]


@keys.command("list")
def list_keys(as_json: AsJson = False, url: Url = "") -> None:
    """List keys; none of them is shown whole."""
    with store(url) as app:
        found = app.keys.find()
        now = app.now()
    if as_json:
        render.show_json([_plain(key) for key in found])
    else:
        rows = [_row(key, now) for key in found]
        render.show(rows, empty="There are no keys.", spare=["by", "made"])


@keys.command()
def create(
    title: Annotated[str, typer.Argument(metavar="TITLE", help="What it is for.")],
    *,
    role: Annotated[
        str, typer.Option(metavar="ROLE", help="The most it may do: viewer, operator, admin.")
    ] = "operator",
    scope: Annotated[
        list[str] | None,
        typer.Option("--scope", metavar="SCOPE", help="Only this: jobs.*, jobs.read; repeatable."),
    ] = None,
    tenant: Annotated[
        str | None, typer.Option(metavar="NAME", help="Reaches this tenant's data alone.")
    ] = None,
    expires: Annotated[
        str | None, typer.Option(metavar="TIME", help="Opens nothing so long from now: 90d.")
    ] = None,
    as_json: AsJson = False,
    url: Url = "",
) -> None:
    """Make a key, and show it this once."""
    with store(url, make=True) as app:
        made = app.keys.create(
            title, role=role, scopes=scope or ["*"], tenant=tenant, expires=expires
        )
    if as_json:
        render.show_json({"id": made.key.id, "secret": made.secret})
        return
    render.echo(made.secret)
    render.echo(f"Keep it now: it is shown once. Its id is {made.key.id}", err=True)


@keys.command()
def revoke(id: Id, yes: Yes = False, url: Url = "") -> None:  # noqa: A002 - the word for it
    """Let a key open nothing any more."""
    with store(url) as app:
        wanted = app.keys
        key = wanted.get(id)
        if not yes:
            confirm(f"Let the key {key.title!r} open nothing any more?")
        wanted.revoke(id)
    render.echo(f"{key.title} opens nothing any more")


def _plain(key: ApiKey) -> dict[str, object]:
    """A key as JSON: what it stands on is kept for ourselves."""
    told: dict[str, object] = msgspec.to_builtins(key)
    return {name: value for name, value in told.items() if name != "of_user"}


def _row(key: ApiKey, now: Instant) -> dict[str, str]:
    return {
        "id": key.id,
        "title": key.title,
        "begins": f"{key.beginning}...",
        "role": key.role.value,
        "scopes": ", ".join(key.scopes),
        "tenant": key.tenant or "all",
        "expires": render.ago(key.expires_at, now) or "never",
        "by": key.owner,
        "made": render.ago(key.created_at, now),
    }
