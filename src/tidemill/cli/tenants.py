"""`tidemill tenants`: whose data there is, and how much each may have."""

from typing import Annotated, Any

import msgspec
import typer
from msgspec.structs import replace

from tidemill.access.identity import Quota
from tidemill.cli import render
from tidemill.cli.options import AsJson, Url, Yes, confirm, store

tenants = typer.Typer(help="Say whose data there is, and how much.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The tenant meant.")]
Title = Annotated[str | None, typer.Option(metavar="TEXT", help="Its name for people.")]
Waiting = Annotated[
    int | None, typer.Option(min=-1, metavar="N", help="Unfinished jobs at most; -1: any number.")
]
Running = Annotated[
    int | None, typer.Option(min=-1, metavar="N", help="Jobs at once at most; -1: any number.")
]
PerMinute = Annotated[
    int | None, typer.Option(min=-1, metavar="N", help="Jobs a minute at most; -1: any number.")
]
Payload = Annotated[
    int | None, typer.Option(min=-1, metavar="BYTES", help="Of one job at most; -1: any number.")
]


@tenants.command("list")
def list_tenants(as_json: AsJson = False, url: Url = "") -> None:
    """List tenants that were made known."""
    with store(url) as app:
        found = [each.value for each in app.tenants.find()]
        now = app.now()
    if as_json:
        render.show_json(found)
        return
    rows = [
        {
            "tenant": tenant.name,
            "title": tenant.title,
            "state": "disabled" if tenant.disabled else "active",
            "quota": _told(tenant.quota),
            "made": render.ago(tenant.created_at or None, now),
        }
        for tenant in found
    ]
    render.show(rows, empty="No tenant was made known.")


@tenants.command()
def create(
    name: Name,
    *,
    title: Title = None,
    waiting: Waiting = None,
    running: Running = None,
    per_minute: PerMinute = None,
    payload: Payload = None,
    url: Url = "",
) -> None:
    """Make a tenant known."""
    quota = _quota(Quota(), waiting, running, per_minute, payload)
    with store(url, make=True) as app:
        app.tenants.create(name, title=title or "", quota=quota)
    render.echo(f"{name} is known")


@tenants.command()
def change(
    name: Name,
    *,
    title: Title = None,
    waiting: Waiting = None,
    running: Running = None,
    per_minute: PerMinute = None,
    payload: Payload = None,
    url: Url = "",
) -> None:
    """Change what is known of a tenant; what is not given stays."""
    with store(url) as app:
        wanted = app.tenants
        old = wanted.get(name)
        quota = _quota(old.value.quota, waiting, running, per_minute, payload)
        changes: dict[str, Any] = {"quota": quota} if quota != old.value.quota else {}
        if title is not None:
            changes["title"] = title
        kept = wanted.change(name, expected=old.version, **changes)
    render.echo(f"{name}: {_told(kept.value.quota)}")


@tenants.command()
def disable(name: Name, url: Url = "") -> None:
    """Let nobody of a tenant in for a while; its jobs run on."""
    with store(url) as app:
        app.tenants.change(name, disabled=True)
    render.echo(f"nobody of {name} may come in")


@tenants.command()
def enable(name: Name, url: Url = "") -> None:
    """Let those of a tenant in again."""
    with store(url) as app:
        app.tenants.change(name, disabled=False)
    render.echo(f"those of {name} may come in again")


@tenants.command()
def delete(name: Name, yes: Yes = False, url: Url = "") -> None:
    """Forget a tenant and its quota; its jobs stay."""
    with store(url) as app:
        wanted = app.tenants
        wanted.get(name)
        if not yes:
            confirm(f"Forget the tenant {name}?")
        wanted.delete(name)
    render.echo(f"{name} is forgotten")


def _quota(
    old: Quota,
    waiting: int | None,
    running: int | None,
    per_minute: int | None,
    payload: int | None,
) -> Quota:
    given = {"waiting": waiting, "running": running, "per_minute": per_minute, "payload": payload}
    changes = {name: None if most < 0 else most for name, most in given.items() if most is not None}
    return replace(old, **changes)


def _told(quota: Quota) -> str:
    parts = msgspec.structs.asdict(quota).items()
    said = [f"{name} {most:,}" for name, most in parts if most is not None]
    return ", ".join(said) or "as much as there is room"
