"""A real worker is killed in the middle of a step; another one goes on behind what is done."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.house.source import ROOT
from tests.journeys.crowd import until
from tests.kits.onboarding.killed_app import application, onboarding
from tidemill.loops.clock import SystemClock
from tidemill.upkeep.rescuer import Rescuer


@contextmanager
def working(folder: Path, url: str) -> Iterator[subprocess.Popen[bytes]]:
    """A worker of its own process."""
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.kits.onboarding.killed_app", url],
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            stdout=log,
            stderr=log,
        )
        try:
            yield process
        finally:
            process.terminate()
            process.wait(30)


def test_a_step_that_is_done_is_not_done_again_after_kill_9(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/jobs.db"
    ledger = tmp_path / "ledger"
    with application(url) as app:
        job = app.enqueue(onboarding.run.bind({"ledger": str(ledger)}))
        with working(tmp_path, url) as victim:
            assert victim.wait(30) == -signal.SIGKILL
        rescuer = Rescuer(app.open(), SystemClock())
        until(lambda: asyncio.run(rescuer.run_once()) == 0, seconds=30, what="its lease is over")
        asyncio.run(app.worker().run_until_idle())
        done = job.result(timeout=0)
    lines = [line.split(" ") for line in ledger.read_text().splitlines()]
    assert [step for step, _ in lines] == [
        "organisation", "roles", "station", "station", "welcome",
    ]  # fmt: skip
    assert lines[2][1] == lines[3][1], "the step that was begun twice could be told from itself"
    assert [(each.became, each.attempt) for each in done.steps] == [
        ("done", 1), ("done", 1), ("done", 2), ("done", 2),
    ]  # fmt: skip
    assert done.steps[-1].outcome == "7 Admin, Manager, User"
