"""`tidemill engine`: prepare the store, and say how far it can be trusted."""

from collections.abc import Sequence
from typing import Annotated

import typer

from tidemill.cli import render
from tidemill.cli.options import AsJson, StoreUrl, store_itself
from tidemill.engines import open_engine, row_security
from tidemill.engines.health import Finding, Health

engine = typer.Typer(help="Prepare the store and look at it.", no_args_is_help=True)


@engine.command()
def migrate(
    finish: Annotated[
        bool,
        typer.Option("--finish", help="Take away, too, what only older releases need."),
    ] = False,
    sql: Annotated[
        bool, typer.Option("--sql", help="Do nothing, and write what would be done.")
    ] = False,
    url: StoreUrl = "",
) -> None:
    """Bring the store's schema to this release's.

    It makes a new store where none ever was, and is safe while workers run, those of the release
    before included. When these are gone, --finish ends the upgrade; it refuses while they work.
    """
    named = store_itself(url, make=True)
    if sql:
        closed = open_engine(named.url, clock=named.store.clock)
        render.echo(closed.script(finish=finish).wait() or "-- There is nothing to be done.")
        return
    with named as app:
        opened = app.open()
        schema, where = opened.migrate(finish=finish).wait(), opened.health().wait().store
    render.echo(f"{where} has schema {schema}")


@engine.command()
def check(as_json: AsJson = False, url: StoreUrl = "") -> None:
    """Say what an answered change survives; exit with 1 in danger."""
    with store_itself(url) as app:
        health = app.open().health().wait()
    tell(health, health.findings, as_json=as_json)


@engine.command("row-security")
def show_row_security(
    reader: Annotated[
        list[str], typer.Argument(metavar="ROLE...", help="To see one tenant's rows alone.")
    ],
    worker: Annotated[
        list[str] | None,
        typer.Option(metavar="ROLE", help="Works with the store, beside its owner; several times."),
    ] = None,
    url: StoreUrl = "",
) -> None:
    """Write a script that shows roles one tenant's rows.

    Each sees jobs, events and statistics of the tenant that its session names:
    SET jobs_of.tenant = 'acme'. Have the store's owner run the script by psql.
    """
    render.echo(row_security(store_itself(url).url, reader, worker or []))


def tell(health: Health, findings: Sequence[Finding], *, as_json: bool) -> None:
    """Write what was found, the grave things first; exit with 1 if there is one."""
    ordered = sorted(findings, key=lambda finding: not finding.grave)
    if as_json:
        render.show_json({"health": health, "findings": ordered})
    else:
        render.show_facts(
            {
                "store": health.store,
                "schema": str(health.schema),
                "durability": health.durability.value,
            }
        )
        render.echo()
        for finding in ordered:
            render.say(f"{'grave' if finding.grave else 'note'}: {finding.what}", indent="  ")
            render.say(f"  remedy: {finding.remedy}", indent="    ")
        if not ordered:
            render.echo("All is well.")
    if any(finding.grave for finding in ordered):
        raise typer.Exit(1)
