"""Real worker processes: killed, they are replaced and their jobs run again; told, they drain."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.worker import crew_app
from tests.worker.conftest import snapshots
from tests.worker.watching import first_words
from tidemill import Tidemill
from tidemill.core.lease import WORKER
from tidemill.core.outcome import Ending
from tidemill.core.state import State
from tidemill.loops.clock import SystemClock
from tidemill.upkeep.rescuer import Rescuer
from tidemill.worker.crew import Crew

CLOCK = SystemClock()
COMMAND = (sys.executable, "-m", "tests.worker.crew_app")


@pytest.fixture
async def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """An application on a file that worker processes find, too."""
    url = f"sqlite:///{tmp_path}/jobs.db"
    monkeypatch.setenv("TIDEMILL_URL", url)
    app = Tidemill(url)
    for declaration in crew_app.app.registry:
        app.registry.add(declaration)
    async with app:
        yield app


@pytest.fixture
def fifo(tmp_path: Path) -> str:
    path = tmp_path / "fifo"
    os.mkfifo(path)
    return str(path)


def start(*command: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command or COMMAND)


async def started(fifo: str) -> int:
    return int(await first_words(fifo))


async def test_a_killed_worker_is_replaced_and_its_jobs_run_at_once(
    store: Tidemill, fifo: str, tmp_path: Path
) -> None:
    engine = await store.aopen()
    crew = Crew(engine, CLOCK, COMMAND, 2, rescue=Rescuer(engine, CLOCK).run_once)
    running = asyncio.ensure_future(crew.run())
    name = "tests.worker.crew_app.holds"
    job = await store.aenqueue(name, {"fifo": fifo, "turn": str(tmp_path / "turn")})
    pid = await started(fifo)
    assert pid in {member.pid for member in crew.members}
    os.kill(pid, signal.SIGKILL)
    result = await job.aresult(timeout=20)
    assert result.startswith("second")
    (seen,) = await snapshots(engine, [job.id])
    assert [attempt.ending for attempt in seen.attempts] == [Ending.CRASHED, Ending.COMPLETED]
    assert seen.attempts[0].error
    assert seen.attempts[0].error.kind == "WorkerLost"
    crew.stop()
    assert await running == 0
    assert await engine.leases.find(WORKER) == ()


async def test_a_worker_that_is_stopped_before_it_listens_has_ended_cleanly(
    store: Tidemill, fifo: str
) -> None:
    engine = await store.aopen()
    begins = f"import os, signal; open({fifo!r}, 'w').write(str(os.getpid())); signal.pause()"
    command = (sys.executable, "-c", begins)
    crew = Crew(engine, CLOCK, command, 1, rescue=Rescuer(engine, CLOCK).run_once)
    running = asyncio.ensure_future(crew.run())
    await started(fifo)
    crew.stop()
    assert await running == 0


async def test_a_crew_that_is_stopped_twice_does_not_wait(
    store: Tidemill, fifo: str, tmp_path: Path
) -> None:
    engine = await store.aopen()
    crew = Crew(
        engine, CLOCK, (*COMMAND, "1h"), 1, rescue=Rescuer(engine, CLOCK).run_once, grace="1h"
    )
    running = asyncio.ensure_future(crew.run())
    name = "tests.worker.crew_app.holds"
    await store.aenqueue(name, {"fifo": fifo, "turn": str(tmp_path / "turn")})
    await started(fifo)
    crew.stop()
    crew.stop()
    assert await running == 1  # a thread was left that could not be ended


@pytest.mark.skipif(sys.platform != "linux", reason="the system tells of a parent's death")
async def test_a_worker_drains_when_its_crew_is_killed(store: Tidemill) -> None:
    engine = await store.aopen()
    program = (
        "import asyncio, os, sys\n"
        "from tidemill.worker.crew import Member\n"
        "from tidemill.loops.clock import SystemClock\n"
        f"member = Member(1, SystemClock(), {COMMAND!r}, None)\n"
        "async def main():\n"
        "    member.start()\n"
        "    await member.ended()\n"
        "asyncio.run(main())\n"
    )
    crew = start(sys.executable, "-c", program)
    job = await store.aenqueue("tests.worker.crew_app.quick", {})
    pid = await job.aresult(timeout=20)
    file = os.pidfd_open(pid)
    crew.kill()
    crew.wait()
    with os.fdopen(file) as watched:
        done = asyncio.Event()
        asyncio.get_running_loop().add_reader(watched.fileno(), done.set)
        await asyncio.wait_for(done.wait(), 20)
        asyncio.get_running_loop().remove_reader(watched.fileno())
    assert await engine.leases.find(WORKER) == ()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_drains_a_worker(store: Tidemill, number: signal.Signals) -> None:
    engine = await store.aopen()
    worker = start()
    job = await store.aenqueue("tests.worker.crew_app.quick", {})
    assert await job.aresult(timeout=20) == worker.pid
    worker.send_signal(number)
    assert await asyncio.to_thread(worker.wait, 20) == 0
    assert await engine.leases.find(WORKER) == ()


async def test_the_grace_ends_a_worker_whose_thread_does_not(
    store: Tidemill, fifo: str, tmp_path: Path
) -> None:
    engine = await store.aopen()
    worker = start()
    name = "tests.worker.crew_app.holds"
    job = await store.aenqueue(name, {"fifo": fifo, "turn": str(tmp_path / "turn")})
    await started(fifo)
    worker.send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(worker.wait, 20) == 1
    (seen,) = await snapshots(engine, [job.id])
    assert seen.state is State.RUNNING
