"""A demo that is stopped, or killed, leaves no worker behind."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.journeys.conftest import StartDemo
from tests.journeys.crowd import until
from tidemill import Tidemill

pytestmark = pytest.mark.timeout(60)


@pytest.fixture
def demo(tmp_path: Path, start_demo: StartDemo) -> subprocess.Popen[str]:
    """A demo that measures all there is, so that it is not over before it is stopped."""
    return start_demo(tmp_path)


@pytest.fixture
def store(tmp_path: Path, demo: subprocess.Popen[str]) -> Tidemill:
    """What the demo keeps its jobs in, once it does."""
    path = tmp_path / "run-1" / "jobs.db"
    until(path.exists, seconds=20, what=f"the store of demo {demo.pid}")
    return Tidemill(f"sqlite:///{path}")


def worker_pids(store: Tidemill) -> list[int]:
    """The worker processes that hold a lease and have said which they are."""
    return [worker.info["pid"] for worker in store.jobs.workers() if "pid" in worker.info]


def two_workers(store: Tidemill) -> list[int]:
    """The worker processes, once both are at work."""
    until(lambda: len(worker_pids(store)) == 2, seconds=20, what="two workers")
    return worker_pids(store)


def is_gone(pid: int) -> bool:
    """Whether no process of this number runs; one that only waits to be buried does not."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return True
    return status.rpartition(")")[2].split()[0] == "Z"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stopped_it_has_its_workers_drain(
    demo: subprocess.Popen[str], store: Tidemill, number: signal.Signals
) -> None:
    two_workers(store)
    demo.send_signal(number)
    told, _ = demo.communicate(timeout=30)
    assert demo.returncode == 130, told
    assert "Stopped" in told
    assert "Traceback" not in told
    assert worker_pids(store) == []  # they gave their leases back
    assert [count for count in store.jobs.counts() if count.state == "running"] == []


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nobody tells a crew of its parent")
def test_killed_it_takes_its_workers_with_it(demo: subprocess.Popen[str], store: Tidemill) -> None:
    pids = two_workers(store)
    demo.kill()
    until(lambda: all(map(is_gone, pids)), seconds=20, what="the end of the workers")
