"""`tidemill engine` and `tidemill doctor`: what the store is, and whether all is well with it."""

import typer

from tidemill.app import Tidemill
from tidemill.cli import render
from tidemill.cli.options import AsJson, Url, store
from tidemill.core.instants import words
from tidemill.core.state import State
from tidemill.engines.protocol import Finding, Health

engine = typer.Typer(help="Prepare the store and look at it.", no_args_is_help=True)

LONG_WAIT = 60_000
"""Milliseconds that the oldest job may wait before the doctor asks why."""


@engine.command()
def migrate(url: Url = "") -> None:
    """Bring the store's schema to this release's; safe while workers run."""
    with store(url, make=True) as app:
        schema = app.open().migrate().wait()
    typer.echo(f"{app.url} has schema {schema}")


@engine.command()
def check(as_json: AsJson = False, url: Url = "") -> None:
    """Say what an answered change survives, and what endangers that."""
    with store(url) as app:
        health = app.open().health().wait()
    _tell(health, health.findings, as_json=as_json)


def doctor(as_json: AsJson = False, url: Url = "") -> None:
    """Look for what is wrong, with the remedy for each finding; exit with 1 if it is grave."""
    with store(url) as app:
        health = app.open().health().wait()
        findings = (*health.findings, *_findings_of_work(app))
    _tell(health, findings, as_json=as_json)


def _tell(health: Health, findings: tuple[Finding, ...], *, as_json: bool) -> None:
    if as_json:
        render.show_json({"health": health, "findings": findings})
    else:
        render.show_facts(
            {
                "store": health.store,
                "schema": str(health.schema),
                "durability": health.durability.value,
            }
        )
        for finding in findings:
            typer.echo(f"{'grave' if finding.grave else 'note'}: {finding.what}")
            typer.echo(f"  remedy: {finding.remedy}")
        if not findings:
            typer.echo("All is well.")
    if any(finding.grave for finding in findings):
        raise typer.Exit(1)


def _findings_of_work(app: Tidemill) -> tuple[Finding, ...]:
    """What keeps jobs from being run."""
    now = app.store.clock.now()
    waiting = [each for each in app.jobs.counts() if each.state is State.WAITING]
    late = [each for each in waiting if now - each.oldest_at > LONG_WAIT]
    if waiting and not app.jobs.workers():
        jobs = sum(each.count for each in waiting)
        return (
            Finding(
                f"{jobs:,} {'job waits' if jobs == 1 else 'jobs wait'}, and no worker is there",
                "start one: tidemill worker --app MODULE:NAME",
                grave=bool(late),
            ),
        )
    return tuple(
        Finding(
            f"{each.task} in {each.queue}: {each.count:,} wait, the first one for "
            f"{words(now - each.oldest_at)}",
            "see `tidemill queues list` for pauses and limits, or start more workers",
        )
        for each in late
    )
