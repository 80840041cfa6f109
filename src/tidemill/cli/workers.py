"""`tidemill workers`: who takes jobs now."""

import typer

from tidemill.cli import render
from tidemill.cli.options import AsJson, Url, store
from tidemill.client.lookup import WorkerInfo

workers = typer.Typer(help="See who takes jobs now.", no_args_is_help=True)


@workers.command("list")
def list_workers(as_json: AsJson = False, url: Url = "") -> None:
    """List the workers that hold their leases."""
    with store(url) as app:
        found = app.jobs.workers()
        now = app.store.clock.now()
    if as_json:
        render.show_json(found)
    else:
        render.show([_row(each, now) for each in found], empty="No worker is there.")


def _row(worker: WorkerInfo, now: int) -> dict[str, str]:
    told = {name: str(value) for name, value in worker.info.items() if not _is_long(value)}
    return {
        "session": str(worker.session),
        "worker": worker.name,
        "lease ends": render.ago(worker.until, now),
        "says": ", ".join(f"{name}: {value}" for name, value in told.items()),
    }


def _is_long(value: object) -> bool:
    return isinstance(value, list | dict) and len(value) > 5
