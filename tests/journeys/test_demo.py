"""The demo as a newcomer runs it; killing its workers changes nothing in the report."""

import os
import re
import signal
import subprocess
from functools import partial
from pathlib import Path

import psycopg
import pytest

from tests.journeys.conftest import StartDemo
from tests.journeys.crowd import until
from tidemill import Tidemill
from tidemill.core.identity import new_id
from tidemill.core.job import NewJob
from tidemill.engines.postgres.server import read_address

pytestmark = pytest.mark.timeout(180)


REPORTS = ("report.csv", "report.html")


@pytest.fixture
def start(start_demo: StartDemo) -> StartDemo:
    """Starts a demo that is soon over."""
    return partial(start_demo, limit=150)


def worker_pids(store: Path) -> list[int]:
    """The worker processes that hold a lease on the demo's store now."""
    if not store.exists():
        return []
    with Tidemill(f"sqlite:///{store}") as app:
        return [int(worker.info["pid"]) for worker in app.jobs.workers() if "pid" in worker.info]


def finished(demo: subprocess.Popen[str]) -> str:
    """What a demo has said that came to its end."""
    told, _ = demo.communicate(timeout=150)
    assert demo.returncode == 0, told
    return told


def schemas(url: str) -> set[str]:
    """The schemas of a database that tidemill has not taken for its own demo."""
    with psycopg.connect(url) as connection:
        return {name for (name,) in connection.execute("SELECT nspname FROM pg_namespace")}


def test_on_postgresql_the_report_is_the_same_and_other_jobs_stay(
    tmp_path: Path, postgres_url: str, start: StartDemo
) -> None:
    mine = f"{postgres_url}?schema=measured"
    with Tidemill(mine) as app:
        app.open().jobs.insert([NewJob(id=new_id(), task="a", queue="measure")]).wait()
        before = app.jobs.counts()
    known = schemas(postgres_url)
    finished(start(tmp_path / "file"))
    told = finished(start(tmp_path / "database", url=mine))
    for name in REPORTS:
        one, other = (tmp_path / each / "run-1" / name for each in ("file", "database"))
        assert one.read_bytes() == other.read_bytes()
    (made,) = schemas(postgres_url) - known
    assert f"Store    schema {made} of {read_address(postgres_url).shown}" in told
    assert not (tmp_path / "database" / "run-1" / "jobs.db").exists()
    with Tidemill(mine) as app:
        assert app.jobs.counts() == before
    with Tidemill(f"{postgres_url}?schema={made}") as app:
        assert app.jobs.counts() != before
    with psycopg.connect(postgres_url) as connection:
        (removal,) = re.findall(r"(DROP SCHEMA \w+ CASCADE) removes it", told)
        connection.execute(removal)
    assert schemas(postgres_url) == known


@pytest.mark.parametrize(
    ("url", "code", "said"),
    [
        ("mysql://me:secret@localhost/x", 2, "--url begins with mysql:"),
        ("sqlite:///jobs.db", 2, "--url begins with sqlite:"),
        ("postgresql://me:secret@[::1", 2, "postgresql://me@[::1 cannot be read"),
        (
            "postgresql://me:secret@127.0.0.1:1",
            1,
            "postgresql://me@127.0.0.1:1: it cannot be reached",
        ),
    ],
)
def test_a_wrong_url_is_told_before_anything_is_made(
    tmp_path: Path, start: StartDemo, url: str, code: int, said: str
) -> None:
    demo = start(tmp_path / "demo", "--url", url)
    told, _ = demo.communicate(timeout=60)
    assert demo.returncode == code, told
    assert f"error: {said}" in told
    assert "hint: " in told
    assert "Traceback" not in told
    assert "secret" not in told
    assert not (tmp_path / "demo").exists()


def test_killing_workers_changes_nothing_in_the_report(tmp_path: Path, start: StartDemo) -> None:
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
    for name in REPORTS:
        undisturbed = (tmp_path / "calm" / "run-1" / name).read_bytes()
        assert b"SyntaxError" in undisturbed
        assert (tmp_path / "rough" / "run-1" / name).read_bytes() == undisturbed
