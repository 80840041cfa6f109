"""Many processes that claim from one line at once, with and without limits, and what they ran.

Each has an engine of its own and writes down when it held each limited job. Whether a limit was
kept is read from these notes: the store is not asked for its own opinion.
"""

import multiprocessing
import random
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from multiprocessing.process import BaseProcess
from multiprocessing.synchronize import Event
from pathlib import Path
from statistics import mean
from typing import Final

import msgspec
from msgspec import Struct

from benchmarks.harness import Meter, Sample, until
from benchmarks.ours import (
    AT_ONCE,
    BULK,
    KEYS,
    PAYLOAD,
    QUEUE,
    RESULT,
    app,
    drained,
    fill,
    nothing,
    two_at_once,
)
from benchmarks.scale import Scale
from tidemill.core.identity import new_id
from tidemill.core.job import Claim
from tidemill.core.lease import WORKER, Lease
from tidemill.core.outcome import Done
from tidemill.core.verdict import judge
from tidemill.core.want import Want
from tidemill.engines.protocol import Engine

CLAIMERS: Final = 16
LOT: Final = 50
LEASE: Final = 3_600_000

AT_WORK: Final = 0.01
"""Seconds for which a lot is held: long enough that jobs which may not meet would be seen to."""

EMPTY_HANDED: Final = 0.005
"""Seconds after which a claimer that was given nothing asks again."""

LOOK_EVERY: Final = 0.05
"""Seconds between two looks whether all is done; the gates that have room are opened with each."""


class Stay(Struct, frozen=True, array_like=True):
    """A limited job in the hands of a claimer: from when it had it until it gave it back.

    Attributes:
        key: of the limit.
        begun: nanoseconds of a clock that all processes share, as is `ended`.
    """

    key: int
    begun: int
    ended: int


class Limited(Struct):
    """Of the arguments of a limited job what names its key."""

    number: int


class Ledger(Struct, frozen=True):
    """What one claimer ran."""

    lots: list[int]
    ids: list[str]
    stays: list[Stay]


def drain_plain(folder: Path, scale: Scale) -> Sample:
    """Sixteen processes empty a queue of plain jobs."""
    return _drain(folder, fill, scale)


def drain_limited(folder: Path, scale: Scale) -> Sample:
    """The same, a tenth of the jobs under the limit of one of fifty keys, which come in any order.

    In turn they would hardly meet: sixteen lots hold no key more often than its limit allows.
    """
    return _drain(folder, _fill_at_random, scale)


def _drain(folder: Path, put: Callable[[int], None], scale: Scale) -> Sample:
    with app:
        engine = app.open()
        with _claimers(folder) as pids:
            put(BULK)
            until(drained, "the claimers are warm")
            app.queues.pause(QUEUE)
            put(scale.backlog)
            with Meter(*pids) as meter:
                app.queues.resume(QUEUE)
                until(lambda: _tended(engine) and drained(), "the queue is empty", every=LOOK_EVERY)
    ledgers = [_read(file) for file in folder.glob("*.json")]
    lots = list(chain.from_iterable(ledger.lots for ledger in ledgers))
    times_run = Counter(chain.from_iterable(ledger.ids for ledger in ledgers))
    stays = chain.from_iterable(ledger.stays for ledger in ledgers)
    return meter.sample(
        scale.backlog,
        rate=scale.backlog / meter.seconds,
        lot=mean(lots),
        violations=violations(stays, AT_ONCE),
        **{"run twice": times_run.total() - len(times_run)},
        **{"not run": BULK + scale.backlog - len(times_run)},
    )


def violations(stays: Iterable[Stay], most: int) -> int:
    """How often a job was begun though that many of its key were held already.

    Example:
        >>> violations([Stay(7, 0, 9), Stay(7, 1, 5), Stay(7, 5, 7), Stay(7, 6, 8)], 2)
        1
    """
    moments: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for stay in stays:
        moments[stay.key] += [(stay.begun, 1), (stay.ended, -1)]
    return sum(_too_many(sorted(of_key), most) for of_key in moments.values())


def _too_many(moments: Iterable[tuple[int, int]], most: int) -> int:
    """In order, and what ends at a moment goes before what begins."""
    held = found = 0
    for _, change in moments:
        held += change
        found += change > 0 and held > most
    return found


def _fill_at_random(jobs: int) -> None:
    dice = random.Random(jobs)
    app.enqueue_many(
        nothing.bind(PAYLOAD) if number % 10 else two_at_once.bind(PAYLOAD, dice.randrange(KEYS))
        for number in range(jobs)
    )


@contextmanager
def _claimers(folder: Path) -> Iterator[list[int]]:
    """Claimers at work; in the end each has written its ledger into the folder."""
    context = multiprocessing.get_context("spawn")
    over = context.Event()
    processes: list[BaseProcess] = [
        context.Process(target=_claim_until, args=(over, folder / f"{number}.json"))
        for number in range(CLAIMERS)
    ]
    for process in processes:
        process.start()
    try:
        until(lambda: len(_leases()) == CLAIMERS, "every claimer holds its lease")
        yield [process.pid for process in processes if process.pid is not None]
    finally:
        over.set()
        for process in processes:
            process.join()
    if any(process.exitcode for process in processes):
        raise RuntimeError("a claimer has failed: what it ran is not known")


def _claim_until(over: Event, file: Path) -> None:
    """Claim, hold, settle, until it is over."""
    ledger = Ledger([], [], [])
    with app:
        engine = app.open()
        lease = engine.leases.take(WORKER + new_id(), "bench", LEASE).wait()
        assert lease is not None
        while not over.is_set():
            claimed = engine.jobs.claim(Want(lease, LOT)).wait().jobs
            begun = time.monotonic_ns()
            if not claimed:
                time.sleep(EMPTY_HANDED)
                continue
            time.sleep(AT_WORK)
            _note(ledger, claimed, begun, time.monotonic_ns())
            _settle(engine, claimed)
    file.write_bytes(msgspec.json.encode(ledger))


def _note(ledger: Ledger, claimed: Sequence[Claim], begun: int, ended: int) -> None:
    ledger.lots.append(len(claimed))
    for claim in claimed:
        ledger.ids.append(claim.id)
        if claim.task == two_at_once.name:
            number = msgspec.json.decode(claim.args, type=Limited).number
            ledger.stays.append(Stay(number, begun, ended))


def _settle(engine: Engine, claimed: Iterable[Claim]) -> None:
    now = app.store.clock.now()
    done = Done(b'"%s"' % RESULT.encode())
    engine.jobs.settle([judge(claim, done, now, 0.0) for claim in claimed]).wait()


def _leases() -> Sequence[Lease]:
    return app.open().leases.find(WORKER).wait()


def _tended(engine: Engine) -> bool:
    """Do what workers do beside: open the gates that have room."""
    engine.jobs.promote(BULK).wait()
    return True


def _read(file: Path) -> Ledger:
    return msgspec.json.decode(file.read_bytes(), type=Ledger)
