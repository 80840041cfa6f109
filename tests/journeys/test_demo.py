"""The demo as a newcomer runs it; killing its workers changes nothing in the report."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.journeys.crowd import until
from tidemill import Tidemill

pytestmark = pytest.mark.timeout(180)


def start(folder: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tidemill", "demo", "--dir", str(folder), "--limit", "150"]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def worker_pids(store: Path) -> list[int]:
    """The worker processes that hold a lease on the demo's store now."""
    if not store.exists():
        return []
    with Tidemill(f"sqlite:///{store}") as app:
        return [int(worker.info["pid"]) for worker in app.jobs.workers() if "pid" in worker.info]


def test_killing_workers_changes_nothing_in_the_report(tmp_path: Path) -> None:
    calm = start(tmp_path / "calm")
    told, _ = calm.communicate(timeout=100)
    assert calm.returncode == 0, told
    assert re.search(r"Measured \d+ of \d+ files", told), told
    rough = start(tmp_path / "rough")
    store = tmp_path / "rough" / "run-1" / "jobs.db"
    killed: set[int] = set()
    for _ in range(3):
        until(
            lambda: bool(set(worker_pids(store)) - killed) or rough.poll() is not None,
            seconds=30,
            what="a worker that can be killed",
        )
        alive = [pid for pid in worker_pids(store) if pid not in killed]
        if rough.poll() is None and alive:
            os.kill(alive[0], signal.SIGKILL)
            killed.add(alive[0])
    told, _ = rough.communicate(timeout=100)
    assert rough.returncode == 0, told
    assert killed, "nobody was killed"
    for name in ("report.csv", "report.html"):
        undisturbed = (tmp_path / "calm" / "run-1" / name).read_bytes()
        assert b"SyntaxError" in undisturbed
        assert (tmp_path / "rough" / "run-1" / name).read_bytes() == undisturbed
