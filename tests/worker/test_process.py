"""Child processes keep their word whatever a handler does, and end when they are told to."""

import asyncio
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.worker import process_tasks as tasks
from tests.worker.watching import first_words
from tidemill import Tidemill
from tidemill.client.task import Task
from tidemill.core.outcome import (
    Cancelled,
    Crashed,
    Done,
    Failed,
    Interrupted,
    Outcome,
    TimedOut,
)
from tidemill.loops.clock import SystemClock
from tidemill.testing.sample import a_claim
from tidemill.worker.executors.process import ProcessExecutor
from tidemill.worker.notebook import Notebook
from tidemill.worker.run import Run, Stop, Surroundings

CLOCK = SystemClock()


class Office:
    """A process executor, and what it delivered."""

    def __init__(self, **options: Any) -> None:
        self.noted: list[Notebook] = []
        self.results: dict[Run, asyncio.Future[Outcome]] = {}
        self.executor = ProcessExecutor(1, self._deliver, CLOCK, **options)

    def _deliver(self, run: Run, outcome: Outcome) -> None:
        self.results[run].set_result(outcome)

    def begin(self, task: Task[..., Any], *args: Any, **claim: Any) -> Run:
        declaration = task.declaration
        payload = declaration.encode_args(args, {}).payload
        around = Surroundings(CLOCK, self.noted.append)
        held = a_claim(task=task.name, args=payload, **claim)
        run = Run(held, declaration, around, CLOCK.monotonic())
        self.results[run] = asyncio.get_running_loop().create_future()
        self.executor.push([run])
        return run

    async def run(self, task: Task[..., Any], *args: Any, **claim: Any) -> Outcome:
        return await self.results[self.begin(task, *args, **claim)]

    def stop(self, run: Run, why: Stop) -> None:
        run.ask(why, CLOCK.monotonic())
        self.executor.stop(run)


@pytest.fixture
async def office() -> Any:
    office = Office(stop_patience=300)
    yield office
    office.executor.close()


@pytest.fixture
def fifo(tmp_path: Path) -> str:
    """A file whose reader waits until a handler has written its pid."""
    path = tmp_path / "fifo"
    os.mkfifo(path)
    return str(path)


async def started(fifo: str) -> int:
    return int(await first_words(fifo))


def value(outcome: Outcome) -> Any:
    assert isinstance(outcome, Done), outcome
    return msgspec.json.decode(outcome.result or b"null")


@contextmanager
def gone(*pids: int) -> Iterator[None]:
    """In the end, and with no more than a moment for the system to say so, these are no more."""
    files = [os.pidfd_open(pid) for pid in pids]
    yield
    for file in files:
        with os.fdopen(file) as watched:
            assert select.select([watched], [], [], 10)[0]


async def test_a_child_stays_warm_from_job_to_job(office: Office) -> None:
    first = value(await office.run(tasks.pid))
    assert first not in (os.getpid(), None)
    assert value(await office.run(tasks.asynchronous, 21)) == 42
    assert value(await office.run(tasks.pid)) == first


async def test_a_worn_out_child_is_replaced() -> None:
    office = Office(max_jobs=2)
    pids = [value(await office.run(tasks.pid)) for _ in range(5)]
    assert pids[0] == pids[1] != pids[2] == pids[3] != pids[4]
    office.executor.close()


async def test_what_it_says_reaches_the_worker(office: Office) -> None:
    run = office.begin(tasks.talks)
    assert value(await office.results[run]) is None
    note, held = run.notebook.take(0, last=True)
    assert note
    assert not held
    assert note.claim is run.claim
    assert note.progress
    assert note.progress.percent == 100
    assert note.checkpoint == b'{"at":5}'
    lines = [(line.topic, msgspec.json.decode(line.data)) for line in note.lines]
    assert lines == [
        ("warning", {"shelf": 7, "message": "by hand"}),
        ("warning", {"order": 3, "logger": "shop", "message": "by logging"}),
    ]


async def test_an_earlier_checkpoint_reaches_the_child(office: Office) -> None:
    assert value(await office.run(tasks.checkpoint, checkpoint=b'{"at": 5}')) == {"at": 5}


async def test_what_it_raises_is_told_with_its_place(office: Office) -> None:
    outcome = await office.run(tasks.raises, "ValueError")
    assert isinstance(outcome, Failed)
    assert outcome.retryable
    assert outcome.error.kind == "ValueError"
    assert "process_tasks.py" in outcome.error.traceback
    assert "tidemill/worker" not in outcome.error.traceback
    outcome = await office.run(tasks.raises, "LookupError")
    assert isinstance(outcome, Failed)
    assert not outcome.retryable


async def test_leaving_by_sys_exit_fails_the_job_and_not_the_child(office: Office) -> None:
    before = value(await office.run(tasks.pid))
    outcome = await office.run(tasks.exits)
    assert isinstance(outcome, Failed)
    assert outcome.error.message == "the handler called sys.exit('bye')"
    assert value(await office.run(tasks.pid)) == before


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ("exit", "it exited with status 7"),
        ("kill", "it was killed by SIGKILL (out of memory, perhaps)"),
        ("term", "it was killed by SIGTERM"),
        ("segfault", "it was killed by SIGSEGV"),
    ],
)
async def test_a_death_is_told_and_the_next_job_has_a_new_child(
    office: Office, how: str, told: str
) -> None:
    before = value(await office.run(tasks.pid))
    outcome = await office.run(tasks.dies, how)
    assert isinstance(outcome, Crashed)
    assert outcome.error.message.endswith(told)
    assert value(await office.run(tasks.pid)) != before


async def test_a_child_that_died_while_it_was_idle_costs_no_job(office: Office) -> None:
    idle = value(await office.run(tasks.pid))
    with gone(idle):
        os.kill(idle, signal.SIGKILL)
    assert value(await office.run(tasks.pid)) != idle


async def test_a_job_is_handed_back_when_no_child_can_be_started(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(sys, "executable", "/no/such/python")
        assert isinstance(await office.run(tasks.pid), Interrupted)
    assert value(await office.run(tasks.pid))


@pytest.mark.parametrize(
    ("task", "answer"),
    [
        (tasks.scribbles, "fine"),
        (tasks.closes_files, "still here"),
        (tasks.forks, "parent"),
        (tasks.uses_processes, [1, 2]),
    ],
)
async def test_the_channel_survives(office: Office, task: Task[..., Any], answer: object) -> None:
    before = value(await office.run(tasks.pid))
    assert value(await office.run(task)) == answer
    assert value(await office.run(tasks.pid)) == before


async def test_a_handler_that_leaves_its_folder_leaves_it_alone(office: Office) -> None:
    await office.run(tasks.leaves_its_folder)
    assert value(await office.run(tasks.stands)) == [str(Path.cwd()), False]


async def test_children_stand_where_the_worker_was_started(
    office: Office, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    home = str(Path.cwd())
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert value(await office.run(tasks.stands)) == [home, False]


async def test_memory_is_limited_job_by_job(office: Office) -> None:
    assert value(await office.run(tasks.eats, 8)) == 8 << 20
    outcome = await office.run(tasks.eats, 512)
    assert isinstance(outcome, Failed)
    assert outcome.error.kind == "MemoryError"
    assert value(await office.run(tasks.eats, 8)) == 8 << 20


@pytest.mark.parametrize(
    ("why", "kind"),
    [
        (Stop.TIMEOUT, TimedOut),
        (Stop.CANCEL, Cancelled),
        (Stop.SHUTDOWN, Interrupted),
        (Stop.LOST, Interrupted),
    ],
)
@pytest.mark.parametrize("task", [tasks.looks, tasks.waits, tasks.spins, tasks.spins_deaf])
async def test_a_job_ends_when_it_is_stopped(
    office: Office, fifo: str, task: Task[..., Any], why: Stop, kind: type[Outcome]
) -> None:
    run = office.begin(task, fifo)
    pid = await started(fifo)
    # Of the deaf one it is the program that it has started, which is killed with it.
    with gone(pid) if task is tasks.spins_deaf else nullcontext():
        office.stop(run, why)
        outcome = await office.results[run]
    assert isinstance(outcome, kind)
    assert not isinstance(outcome, TimedOut) or outcome.stopped
    assert isinstance(await office.run(tasks.pid), Done)


async def test_killing_has_no_patience(fifo: str) -> None:
    office = Office(stop_patience=600_000)
    run = office.begin(tasks.spins, fifo)
    with gone(await started(fifo)):
        office.stop(run, Stop.SHUTDOWN)
        office.executor.kill()
        assert isinstance(await office.results[run], Interrupted)
    office.executor.close()


async def test_a_task_that_the_child_cannot_find_fails_and_may_be_tried_again(
    office: Office,
) -> None:
    app = Tidemill("memory://")

    @app.task(executor="process", name="hidden")
    def hidden() -> None:
        """Declared inside a function, where no import finds it."""

    outcome = await office.run(hidden)
    assert isinstance(outcome, Failed)
    assert outcome.retryable
    assert outcome.error.kind == "tidemill.errors.UnknownTask"


async def test_children_find_tasks_in_the_application() -> None:
    office = Office(app_ref="tests.worker.process_tasks:app")
    assert value(await office.run(tasks.asynchronous, 4)) == 8
    office.executor.close()
    office = Office(app_ref="tests.worker.process_tasks:missing")
    outcome = await office.run(tasks.asynchronous, 4)
    assert isinstance(outcome, Failed)
    assert outcome.error.kind == "tidemill.errors.InvalidOption"
    office.executor.close()


async def test_handlers_see_the_environment_of_the_worker(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", "/some/where")
    assert value(await office.run(tasks.environment, "PYTHONPATH")) == "/some/where"


def start(program: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", program])


PROGRAM = """
import asyncio, os, sys
sys.path.insert(0, {root!r})
from tests.worker.test_process import Office, tasks

async def main():
    office = Office()
    office.begin(tasks.spins, {fifo!r})
    await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the system tells of a parent's death")
async def test_children_die_with_a_worker_that_is_killed(fifo: str) -> None:
    root = str(Path(__file__).parents[2])
    program = PROGRAM.format(root=root, fifo=fifo)
    worker = start(program)
    with gone(await started(fifo)):
        worker.send_signal(signal.SIGKILL)
        worker.wait()
