"""One shift of a worker: everything that lives from its start to its stop, put together."""

import asyncio
import logging
import os
import socket
from collections.abc import Callable
from typing import Final

import msgspec
from msgspec import Struct

from tidemill.core.errors import SchemaMismatch
from tidemill.core.instants import Instant, Millis, words
from tidemill.core.signal import Signal
from tidemill.engines.protocol import Engine
from tidemill.engines.release import release
from tidemill.loops.bell import Bell
from tidemill.loops.clock import Clock
from tidemill.loops.service import Service
from tidemill.loops.supervisor import Supervisor
from tidemill.loops.ticker import Ticker
from tidemill.tasks.options import Executor as Kind
from tidemill.tasks.registry import Registry
from tidemill.worker import logs
from tidemill.worker.canceller import Canceller
from tidemill.worker.completer import Completer
from tidemill.worker.executors.asynchronous import AsyncExecutor
from tidemill.worker.executors.process import ProcessExecutor
from tidemill.worker.executors.thread import ThreadExecutor
from tidemill.worker.fetcher import Fetcher
from tidemill.worker.floor import LONGEST_IN_LINE, Floor
from tidemill.worker.heartbeat import Blocked, Heartbeat, Lost, News, Opened, Outdated, Stopping
from tidemill.worker.options import Options
from tidemill.worker.run import Stop, Surroundings
from tidemill.worker.session import Session
from tidemill.worker.slots import Slots

MOST_TASKS_NAMED: Final = 500

_SWEEP_EVERY: Final[Millis] = 500

_log = logging.getLogger("tidemill.worker")


class Info(Struct, frozen=True):
    """What a worker says of itself with its lease.

    Attributes:
        running: jobs that it holds.
        slots: jobs that it may run at once, of all the kinds of its tasks.
        refused: what it reported too late: another worker had its jobs by then.
        progress_at: when its event loop last moved.
        tasks: names of the tasks that it knows, the first 500.
        modules: the versions of the modules that it includes.
    """

    name: str
    host: str
    pid: int
    version: str
    queues: tuple[str, ...] | None
    running: int
    refused: int
    started_at: Instant
    progress_at: Instant
    tasks: tuple[str, ...]
    slots: int
    modules: dict[str, str]


class Shift:
    """The parts of a worker, and the news that passes between them.

    Attributes:
        changed: rung whenever something has happened that may be what someone waits for.
        supervisor: keeps the services, the heartbeat first and the fetcher last; there from the
            start on.
        outdated: why this release can work on the store no longer; `None`: it can.
    """

    def __init__(
        self,
        engine: Engine,
        tasks: Registry,
        clock: Clock,
        options: Options,
        changed: Bell,
    ) -> None:
        """Put the parts together; nothing runs yet."""
        self._engine = engine
        self._clock = clock
        self._options = options
        self._tasks = tuple(task.name for task in tasks)[:MOST_TASKS_NAMED]
        self._started_at = clock.now()
        self._deaf: Callable[[], None] = lambda: None
        self.changed = changed
        self.outdated: SchemaMismatch | None = None
        self.alongside = options.alongside
        self.completer = Completer(engine, clock, self._announce)
        self._around = Surroundings(clock, self.completer.note, options.services, engine)
        capacity: dict[Kind, int] = {
            "async": options.async_concurrency,
            "thread": options.concurrency,
            "process": options.processes_concurrency,
        }
        self._slots = slots = Slots(capacity, tasks)
        self.floor = Floor(tasks, slots, self.completer, self._around, changed)
        self.session = Session(engine, clock, options.name, options.lease)
        self.heartbeat = Heartbeat(
            self.session, clock, every=options.heartbeat, describe=self._describe, hear=self._hear
        )
        self.fetcher = Fetcher(
            engine,
            clock,
            self.session,
            slots,
            self.floor,
            self.completer,
            queues=options.queues,
            poll=options.poll,
            lost=self.heartbeat.lose,
        )
        self._canceller = Canceller(engine, clock, self.floor)
        self._sweeper = Ticker("handing back waiting jobs", clock, _SWEEP_EVERY, self._sweep)

    def start(self, *, fetching: bool = True) -> None:
        """Begin on this event loop; without the fetcher whoever starts it fetches by hand."""
        logs.attach()
        self._around.loop = asyncio.get_running_loop()
        options, layers, end = self._options, self._options.middleware, self.floor.end
        self._async = AsyncExecutor(options.async_concurrency, end, layers)
        self.floor.open(
            {
                "async": self._async,
                "thread": ThreadExecutor(options.concurrency, end, self._clock, layers),
                "process": ProcessExecutor(
                    options.processes_concurrency,
                    end,
                    self._clock,
                    layers,
                    app_ref=options.app_ref,
                ),
            }
        )
        self._deaf = self._engine.signals.listen(self._listen)
        services: list[Service] = [
            self.heartbeat,
            self.completer,
            self.floor.deadlines,
            self._canceller.ticker,
        ]
        services += [self._sweeper, *self.alongside, *([self.fetcher.ticker] * fetching)]
        self.supervisor = Supervisor("worker", self._clock, services)
        self.supervisor.start()

    async def stop(self) -> None:
        """End what runs along, the heartbeat last, and let go of all that handlers have used."""
        self._deaf()
        await self.supervisor.stop()
        self.floor.close()
        let_go = getattr(self._options.services, "aclose", None)
        if let_go is not None:
            await let_go()

    def _announce(self) -> None:
        """A batch is settled, so there may be room for more: here, or under a limit."""
        self.fetcher.ticker.wake()
        self.changed.ring()

    def _listen(self, signal: Signal) -> None:
        """Pass a hint of the store on to those it may mean; from any thread."""
        self.fetcher.hear(signal)
        self._canceller.hear(signal)
        self.changed.ring()

    def _hear(self, news: News) -> None:
        """Act on what the heartbeat has heard."""
        match news:
            case Opened(lease):
                _log.info("worker %s holds its lease %d", self._options.name, lease.fence)
                self.fetcher.ticker.wake()
            case Lost(why):
                self._drop_everything(why)
            case Stopping(ids):
                self.floor.cancel(ids)
            case Outdated(error):
                self._end(error)
            case Blocked():
                self._tell_of_block(news)
        self.changed.ring()

    def _drop_everything(self, why: str) -> None:
        """Others may run what is held here: stop it, and start nothing under the old lease."""
        _log.error(
            "worker %s has lost its lease, so its %d jobs are stopped: %s",
            self._options.name,
            len(self.floor),
            why,
        )
        self.floor.hand_back()
        for run in self.floor:
            self.floor.stop(run, Stop.LOST)

    def _end(self, error: SchemaMismatch) -> None:
        """Ask whoever runs the worker to end it, once."""
        if self.outdated is None:
            _log.error("worker %s ends: %s", self._options.name, error)
            self.outdated = error

    def _tell_of_block(self, news: Blocked) -> None:
        """Name the job that keeps the event loop from moving, in our log and in its own."""
        active = tuple(self._async.active.items())
        culprits = [run for task, run in active if task is news.task]
        for run in culprits or [run for _, run in active]:
            message = f"the event loop has not moved for {words(news.still)}"
            _log.warning(
                "%s; job %s (%s) is on it:\n%s", message, run.claim.id, run.claim.task, news.place
            )
            run.notebook.add("warning", message, {"place": news.place})

    async def _sweep(self) -> None:
        """Hand back what has waited here too long for room."""
        self.floor.hand_back(waited=LONGEST_IN_LINE)

    def _describe(self) -> bytes:
        now = self._clock.now()
        info = Info(
            name=self._options.name,
            host=socket.gethostname(),
            pid=os.getpid(),
            version=release(),
            queues=self._options.queues,
            running=len(self.floor),
            refused=self.completer.stale,
            started_at=self._started_at,
            progress_at=now - self.heartbeat.still,
            tasks=self._tasks,
            slots=self._slots.room,
            modules=dict(self._options.modules()),
        )
        return msgspec.json.encode(info)
