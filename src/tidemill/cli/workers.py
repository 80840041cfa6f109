"""`tidemill workers`: who takes jobs now."""

import typer

from tidemill.cli import render
from tidemill.cli.options import AsJson, Url, store
from tidemill.client.worker_info import WorkerInfo
from tidemill.core.instants import Instant

workers = typer.Typer(help="See who takes jobs now.", no_args_is_help=True)


@workers.command("list")
def list_workers(as_json: AsJson = False, url: Url = "") -> None:
    """List the workers that hold their leases."""
    with store(url) as app:
        found = app.jobs.workers()
        now = app.now()
    if as_json:
        render.show_json(found)
    else:
        rows = [_row(each, now) for each in found]
        render.show(rows, empty="No worker is there.", spare=["release", "tasks"])


def _row(worker: WorkerInfo, now: Instant) -> dict[str, str]:
    info = worker.info
    return {
        "session": str(worker.session),
        "worker": str(info.get("name", worker.name)),
        "queues": ", ".join(info.get("queues") or ()) or "all",
        "tasks": str(len(info.get("tasks") or ())),
        "running": str(info.get("running", "")),
        "started": render.ago(info.get("started_at"), now),
        "lease ends": render.ago(worker.until, now),
        "release": str(info.get("version", "")),
    }
