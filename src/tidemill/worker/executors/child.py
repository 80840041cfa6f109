"""The child's side: a process that runs one job after another for the worker that started it.

It hears the worker on a thread of its own and runs jobs on the main thread, so that a job may use
signals. When the worker is gone it dies at once, whatever it does. Handlers may fork, close files
or leave by any door: the channel lives on a file that they are not likely to meet.
"""

import asyncio
import fcntl
import inspect
import os
import resource
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import SimpleQueue
from types import FrameType
from typing import Final

from tidemill.core.outcome import Failed, Outcome
from tidemill.loops.clock import SystemClock
from tidemill.worker import logs
from tidemill.worker.executors.finding import TaskFinder
from tidemill.worker.executors.last_resort import untold
from tidemill.worker.executors.wire import Channel, Ended, Halt, Hello, Said, Start, ToChild
from tidemill.worker.failure import describe
from tidemill.worker.notebook import Notebook
from tidemill.worker.orphan import die_with_parent
from tidemill.worker.run import Run, Stop, Stopped, Surroundings
from tidemill.worker.runner import perform, perform_blocking, stopped

MOST_FILES: Final = 1 << 16


class Child:
    """This process, as the worker uses it."""

    def __init__(self, channel: Channel) -> None:
        """Talk to the worker over this channel."""
        self._channel = channel
        self._clock = SystemClock()
        self._around = Surroundings(self._clock, self._report)
        self._starts: SimpleQueue[Start] = SimpleQueue()
        self._finder: TaskFinder | None = None
        self._pid = os.getpid()
        self._run: Run | None = None
        self._asked: Stop | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._speaking = False
        self._home = ""
        self._terminated = False
        with suppress(OSError):
            self._home = str(Path.cwd())

    def work(self) -> None:
        """Run jobs until one wears this process out; the worker's going ends it at any time."""
        signal.signal(signal.SIGTERM, self._on_sigterm)
        os.register_at_fork(
            before=_hold_sigterm, after_in_parent=_let_sigterm, after_in_child=self._leave_to_copy
        )
        threading.Thread(target=self._hear, name="tidemill-channel", daemon=True).start()
        worn = False
        while not worn:
            worn = self._serve(self._starts.get())

    def _hear(self) -> None:
        for message in self._channel.listen():
            if isinstance(message, Hello):
                self._finder = TaskFinder(message)
            elif isinstance(message, Start):
                self._asked = None
                self._starts.put(message)
            elif isinstance(message, Halt):
                self._halt(message.why)
        os._exit(1)  # the worker is gone: its lease runs out, and the job is another one's

    def _halt(self, why: Stop) -> None:
        self._asked = why
        if self._run is None:
            return  # it has not begun; it looks before it does
        self._run.ask(why, self._clock.monotonic())
        if self._loop is not None:
            try:
                self._loop.call_soon_threadsafe(self._cancel)
            except RuntimeError:
                return  # the loop, and with it the job, has just ended

    def _cancel(self) -> None:
        if self._run is not None and self._run.aio is not None:
            self._run.aio.cancel()

    def _serve(self, start: Start) -> bool:
        """Run one job and report; whether this process has had enough."""
        with _memory_limit(start.memory):
            try:
                outcome = self._attempt(start)
            except BaseException as error:  # noqa: BLE001 - code of an exception's own has broken
                outcome = untold(error)
        if os.getpid() != self._pid:
            os._exit(0)  # the handler has forked, and this is the copy: the job is not its own
        self._stand_again()
        run, self._run = self._run, None
        if run is not None and run.noted is not None:
            self._report(run.noted, last=True)
        _flush()
        worn = self._terminated or (
            isinstance(outcome, Failed) and outcome.error.kind == "MemoryError"
        )
        self._send(Ended.of(outcome, last=worn))
        return worn

    def _stand_again(self) -> None:
        """Undo what a handler may have done to those after it: its folder, its way of ending."""
        signal.signal(signal.SIGTERM, self._on_sigterm)
        if self._home:
            with suppress(OSError):
                os.chdir(self._home)

    def _attempt(self, start: Start) -> Outcome:
        try:
            if self._finder is None:
                raise AssertionError("the worker says hello before it sends a job")
            task = self._finder.find(start.claim.task, start.module)
        except BaseException as error:  # noqa: BLE001 - importing runs any code there is
            return Failed(describe(error))
        run = Run(start.claim, task, self._around, self._clock.monotonic())
        self._run = run
        if self._asked is not None:
            run.ask(self._asked, self._clock.monotonic())
        run.began_at = self._clock.monotonic()
        try:
            if not inspect.iscoroutinefunction(task.function):
                return perform_blocking(run)
            with asyncio.Runner() as runner:
                self._loop = runner.get_loop()
                return runner.run(self._await(run))
        except BaseException as error:  # noqa: BLE001 - SIGTERM may come at any place
            if run.asked is not None:
                return stopped(run)
            return Failed(describe(error, secrets=run.secrets))
        finally:
            self._loop = None

    async def _await(self, run: Run) -> Outcome:
        run.aio = asyncio.current_task()
        return await perform(run)

    def _report(self, notebook: Notebook, *, last: bool = False) -> None:
        """Tell the worker at once; it decides how often to store what is said."""
        note, _ = notebook.take(float("inf"), last=last)
        if note is not None and os.getpid() == self._pid:
            self._send(Said(note.progress, note.checkpoint, note.lines))

    def _send(self, message: Said | Ended) -> None:
        """Say something; a SIGTERM meanwhile waits, so that no message is torn."""
        mine = threading.current_thread() is threading.main_thread()
        self._speaking = mine
        try:
            self._channel.send(message)
        except OSError:
            os._exit(1)  # as when the worker is gone; or the handler has closed every file there is
        finally:
            if mine:
                self._speaking = False
        if mine and self._terminated and self._run is not None:
            raise Stopped

    def _leave_to_copy(self) -> None:
        """In a copy that a handler has forked: SIGTERM ends it, and the channel is not its own."""
        self._channel.close()
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        _let_sigterm()

    def _on_sigterm(self, _number: int, _frame: FrameType | None) -> None:
        """End a job that did not end when it was told to; any other SIGTERM ends the process."""
        run = self._run
        if run is None or run.asked is None or os.getpid() != self._pid:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            os.kill(os.getpid(), signal.SIGTERM)
            return
        self._terminated = True
        if not self._speaking:
            raise Stopped


def _hold_sigterm() -> None:
    # A signal that reaches a copy before Python is ready in it would be forgotten, and whoever has
    # sent it, such as `multiprocessing`, would wait for the copy's end for ever.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})


def _let_sigterm() -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})


@contextmanager
def _memory_limit(memory: int | None) -> Iterator[None]:
    """Let this process grow by so much and no more."""
    pages = Path("/proc/self/statm")
    if memory is None or not pages.exists():
        yield
        return
    used = int(pages.read_text().split()[0]) * resource.getpagesize()
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    most = used + memory if hard == resource.RLIM_INFINITY else min(used + memory, hard)
    resource.setrlimit(resource.RLIMIT_AS, (most, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def _hide(file: int) -> int:
    """Move a file above all that a handler may open or close.

    Handlers that become daemons close every file up to the limit; above the limit is the one
    place where none of them looks.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    limit = MOST_FILES if soft == resource.RLIM_INFINITY else min(soft, MOST_FILES)
    hidden = fcntl.fcntl(file, fcntl.F_DUPFD_CLOEXEC, limit - 1)
    os.close(file)
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit - 1, hard))
    return hidden


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError, AttributeError):
            continue  # the handler has closed it


def main() -> None:
    """Begin as `python -m tidemill.worker.executors.child <file> <parent>`."""
    file, parent = int(sys.argv[1]), int(sys.argv[2])
    sys.argv[1:] = []
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    die_with_parent(parent, signal.SIGKILL)
    logs.attach()
    Child(Channel(socket.socket(fileno=_hide(file)), ToChild)).work()


if __name__ == "__main__":
    main()
