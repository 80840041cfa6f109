"""How a worker works: its options, as they are written and as they are read."""

import os
import socket
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypedDict

from msgspec import Struct

from tidemill.core.errors import InvalidOption
from tidemill.core.identity import check_name, check_several, is_whole
from tidemill.core.instants import Duration, Millis, millis, words
from tidemill.loops.service import Service
from tidemill.worker.middleware import Middleware


class WorkerKeywords(TypedDict, total=False):
    """What may be written behind `app.worker(`; the meanings are those of `Options`."""

    name: str | None
    queues: Iterable[str] | None
    concurrency: int
    async_concurrency: int
    processes_concurrency: int
    lease: Duration
    heartbeat: Duration
    poll: Duration
    grace: Duration
    middleware: Sequence[Middleware]
    services: Mapping[str, Any] | None
    app_ref: str | None
    alongside: Sequence[Service]
    modules: Callable[[], Mapping[str, str]]


class Options(Struct, frozen=True, kw_only=True):
    """How a worker works.

    Attributes:
        name: what it is called; by default its host and pid.
        queues: it takes jobs from these; `None`: from any.
        concurrency: jobs that may hold a thread each, at once.
        async_concurrency: jobs on the event loop at once.
        processes_concurrency: child processes, each with one job at a time.
        lease: so long after its last sign of life this worker's jobs are given to others.
        heartbeat: time between two signs of life.
        poll: the longest time between two looks for work, should every hint be lost.
        grace: time that running jobs have to end when the worker is stopped.
        middleware: layers around every handler, the first one outermost.
        services: what handlers find in `current().services`; closed by its `aclose`, if it has one,
            when no handler runs any more.
        app_ref: `"package.module:app"`, where child processes find the tasks; `None`: in the
            module in which each task was written.
        alongside: services that run as long as this worker takes jobs, such as the roster; they
            run once, so such a worker does, too.
        modules: the versions of the modules that its application includes, for whoever looks.
    """

    name: str
    queues: tuple[str, ...] | None = None
    concurrency: int = 5
    async_concurrency: int = 100
    processes_concurrency: int = 2
    lease: Millis = 30_000
    heartbeat: Millis = 10_000
    poll: Millis = 1_000
    grace: Millis = 15_000
    middleware: tuple[Middleware, ...] = ()
    services: Mapping[str, Any] = {}
    app_ref: str | None = None
    alongside: tuple[Service, ...] = ()
    modules: Callable[[], Mapping[str, str]] = dict


def read_options(written: WorkerKeywords) -> Options:
    """Check what was written and put it in its inner form.

    Raises:
        InvalidOption: an option that is unknown, or a number or duration that makes no sense.
        InvalidName: no name for a queue.
    """
    unknown = written.keys() - WorkerKeywords.__annotations__.keys()
    if unknown:
        raise InvalidOption(
            f"no worker option is called {', '.join(sorted(unknown))}",
            hint=f"there are {', '.join(WorkerKeywords.__annotations__)}",
        )
    read: dict[str, Any] = {key: value for key, value in written.items() if value is not None}
    read.setdefault("name", f"{socket.gethostname()}:{os.getpid()}")
    for option in ("lease", "heartbeat", "poll", "grace"):
        if option in read:
            read[option] = millis(read[option])
    for option in ("middleware", "alongside"):
        read[option] = tuple(read.get(option, ()))
    if "queues" in read:
        read["queues"] = tuple(
            [check_name("queue", name) for name in check_several("queues", read["queues"])]
        )
    options = Options(**read)
    _check(options)
    return options


def _check(options: Options) -> None:
    for option in ("concurrency", "async_concurrency", "processes_concurrency", "poll"):
        number = getattr(options, option)
        if not is_whole(number) or number < 1:
            raise InvalidOption(
                f"{option}={number!r} is not possible", hint="a whole number from 1"
            )
    if not 0 < 2 * options.heartbeat <= options.lease:
        raise InvalidOption(
            f"a lease of {words(options.lease)} is too short for a heartbeat every "
            f"{words(options.heartbeat)}",
            hint="a lease must outlast two heartbeats, better three: give both",
        )
    if options.queues == ():
        raise InvalidOption("queues=[] means no queue at all", hint="leave it out for every queue")
