"""The worker's side of one child process: starts it, talks with it, ends it, tells how it died."""

import os
import select
import signal
import socket
import subprocess
import sys
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import msgspec

from tidemill.core.error_info import ErrorInfo
from tidemill.core.instants import Millis
from tidemill.core.outcome import Crashed, Interrupted, Outcome
from tidemill.loops.clock import Clock
from tidemill.loops.patience import Patience
from tidemill.worker.executors.wire import Channel, Ended, Halt, Hello, Said, Start, ToWorker
from tidemill.worker.run import Run
from tidemill.worker.runner import stopped

_LONGEST_WAIT: Final[Millis] = 5_000

CHILD_MODULE: Final = "tidemill.worker.executors.child"

LOOK_EVERY: Final = 0.5
"""Seconds between looks at a child, where the system does not tell when it dies."""

PARTING: Final = 1.0
"""Seconds that a child which has hung up, or was hung up on, is given to end by itself."""


class Child:
    """A child process and the channel to it."""

    def __init__(self, app_ref: str | None, home: str) -> None:
        """Start it in this folder, wherever a handler may have taken the worker meanwhile.

        Raises:
            OSError: no process can be started now.
        """
        path = [entry or home for entry in sys.path]
        ours, theirs = socket.socketpair()
        with ExitStack() as undone, theirs:
            undone.callback(ours.close)
            self.process = _spawn(theirs.fileno(), path, home)
            undone.pop_all()
        self.pid_file = _open_pid(self.process.pid)
        self.channel = Channel(ours, ToWorker)
        self.channel.send(_hello(app_ref, path))

    @property
    def lives(self) -> bool:
        """Whether the process has not ended."""
        return self.process.poll() is None

    def wait(self, bell: socket.socket, seconds: float) -> bool:
        """Wait until it says something, dies, or the bell rings; whether it still lives."""
        watched = [self.channel.socket.fileno(), bell.fileno()]
        if self.pid_file is not None:
            watched.append(self.pid_file)
        poll = select.poll()
        for file in watched:
            poll.register(file, select.POLLIN)
        rung = {file for file, _ in poll.poll(max(seconds, 0) * 1_000)}
        if bell.fileno() in rung:
            bell.recv(4_096)
        # Asked first and heard afterwards, so that what it said before it died is heard, too.
        alive = self.lives
        return self.channel.drain() and alive

    def send_signal(self, number: signal.Signals) -> None:
        """Send a signal: SIGKILL to all that belongs to it, any other to itself."""
        try:
            if number is signal.SIGKILL:
                os.killpg(self.process.pid, number)
            else:
                self.process.send_signal(number)
        except (ProcessLookupError, PermissionError):
            pass  # it has died already

    def fate(self) -> str:
        """How it died, in words; it is made to, if it only hung up."""
        try:
            code = self.process.wait(PARTING)
        except subprocess.TimeoutExpired:
            self.send_signal(signal.SIGKILL)
            self.process.wait()
            return "it closed its channel to the worker, lived on, and was killed"
        if code < 0:
            why = " (out of memory, perhaps)" if code == -signal.SIGKILL else ""
            return f"it was killed by {signal.Signals(-code).name}{why}"
        return f"it exited with status {code}"

    def close(self) -> None:
        """Hang up, which ends it, and see to it that it is gone."""
        self.channel.close()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(PARTING)
        self.send_signal(signal.SIGKILL)
        self.process.wait()
        if self.pid_file is not None:
            os.close(self.pid_file)


def _spawn(channel: int, path: list[str], home: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - our own module, and no shell
        [sys.executable, "-m", CHILD_MODULE, str(channel), str(os.getpid())],
        pass_fds=[channel],
        stdin=subprocess.DEVNULL,
        cwd=home if Path(home).is_dir() else "/",
        env=os.environ | {"PYTHONPATH": os.pathsep.join(path)},
        # Its own session: Ctrl-C at the terminal is the worker's to hear, and what its handlers
        # start can be killed with it.
        start_new_session=True,
    )


def _hello(app_ref: str | None, path: list[str]) -> Hello:
    main = sys.modules.get("__main__")
    spec = getattr(main, "__spec__", None)
    return Hello(
        path=path,
        argv=sys.argv,
        python_path=os.environ.get("PYTHONPATH"),
        main=getattr(main, "__file__", None),
        main_module=spec.name if spec else None,
        app=app_ref,
    )


def _open_pid(pid: int) -> int | None:
    """A file that can be read when the process has died, where the system has such files."""
    try:
        return os.pidfd_open(pid)
    except (AttributeError, OSError):
        return None


class ProcessSeat:
    """One thread's child, replaced by a fresh one whenever it has died or is worn out."""

    def __init__(
        self, clock: Clock, app_ref: str | None, patience: float, max_jobs: int, home: str
    ) -> None:
        """Prepare; the child is started with the first job, in this folder."""
        self._clock = clock
        self._app_ref = app_ref
        self._patience = patience
        self._max_jobs = max_jobs
        self._home = home
        self._jobs = 0
        self._child: Child | None = None
        self._run: Run | None = None
        self._bell, self._rope = socket.socketpair()
        self._births = Patience("starting child processes", cap=_LONGEST_WAIT)

    def __enter__(self) -> Any:
        return self.converse

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._part()
        self._bell.close()
        self._rope.close()

    def look(self, run: Run) -> None:
        """Notice that this run, if it is here, has been asked to stop; from any thread."""
        if self._run is run:
            self._pull()

    def lose_patience(self) -> None:
        """From now on kill at once a child whose job has been asked to stop; from any thread."""
        self._patience = 0.0
        self._pull()

    def converse(self, run: Run) -> Outcome:
        """Have the child run a job, and answer what that came to."""
        self._run = run
        try:
            if run.asked is not None:
                return stopped(run)
            child = self._give(
                Start(run.claim, run.task.function.__module__, run.task.options.memory)
            )
            return Interrupted() if child is None else self._listen(child, run)
        except (OSError, msgspec.MsgspecError) as error:
            return self._mourn(run, f"no word with it: {error}")
        finally:
            self._run = None

    def _give(self, start: Start) -> Child | None:
        """Give a job to a child that lives; `None`: there is none, and none can be started now."""
        try:
            if self._child is not None and self._child.lives:
                with suppress(OSError):
                    self._child.channel.send(start)
                    return self._child
            # It died while it had nothing to do, which no job is to blame for.
            self._part()
            self._child = Child(self._app_ref, self._home)
            self._child.channel.send(start)
        except OSError as error:
            self._part()
            select.select([self._bell], [], [], self._births.failed(error) / 1_000)
            return None
        self._births.succeeded()
        return self._child

    def _listen(self, child: Child, run: Run) -> Outcome:
        stage = 0
        while True:
            stage, wait = self._press(child, run, stage)
            alive = child.wait(self._bell, min(wait, LOOK_EVERY if run.asked else 10 * LOOK_EVERY))
            for message in child.channel.messages():
                if isinstance(message, Said):
                    run.notebook.absorb(message.note(run.claim))
                elif isinstance(message, Ended):
                    self._wear(message)
                    return message.read()
            if not alive:
                return self._mourn(run, child.fate())

    def _press(self, child: Child, run: Run, stage: int) -> tuple[int, float]:
        """Ask more firmly the longer a job that should stop does not; answer the next stage."""
        if run.asked is None:
            return stage, float("inf")
        if self._patience == 0:
            child.send_signal(signal.SIGKILL)
            return 3, float("inf")
        waited = self._clock.monotonic() - run.asked_at
        if stage == 0:
            child.channel.send(Halt(run.asked))
            stage = 1
        if stage == 1 and waited >= self._patience:
            child.send_signal(signal.SIGTERM)
            stage = 2
        if stage == 2 and waited >= 2 * self._patience:
            child.send_signal(signal.SIGKILL)
            stage = 3
        return stage, stage * self._patience - waited if stage < 3 else float("inf")

    def _mourn(self, run: Run, how: str) -> Outcome:
        """What a job comes to whose child has died in the middle of it."""
        self._part()
        if run.asked is not None:
            return stopped(run)
        return Crashed(
            ErrorInfo("ChildDied", f"the child process died while it ran the job: {how}")
        )

    def _wear(self, ended: Ended) -> None:
        self._jobs += 1
        if ended.last or self._jobs >= self._max_jobs:
            self._part()

    def _part(self) -> None:
        if self._child is not None:
            self._child.close()
            self._child = None
        self._jobs = 0

    def _pull(self) -> None:
        try:
            self._rope.send(b"!", socket.MSG_DONTWAIT)
        except OSError:
            return  # it rings already, or the seat has been left
