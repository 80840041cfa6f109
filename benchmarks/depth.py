"""Whether it matters how many jobs are stored: claims in full stores, pages of a long history."""

import os
import time
from collections.abc import Iterator, Sequence
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Any, Final

from benchmarks.harness import Meter, Sample, quantile
from benchmarks.ours import BULK, PAYLOAD, QUEUE, RESULT, app, fill, nothing
from benchmarks.scale import Scale
from tidemill import Concurrency
from tidemill.client.lookup import FilterKeywords
from tidemill.core.error_info import ErrorInfo
from tidemill.core.identity import new_id
from tidemill.core.job import Claim
from tidemill.core.lease import WORKER, Lease
from tidemill.core.outcome import Cancelled, Done, Failed, Outcome
from tidemill.core.verdict import judge
from tidemill.core.want import Want
from tidemill.engines.protocol import Engine

LOT: Final = 100
WARM_UP: Final = 5
LEASE: Final = 3_600_000
PAGES: Final = 5
ROUNDS: Final = 4

DIFFERENT: Final = 10_000
"""Ended jobs that differ from each other; a longer history is made of copies of them."""

QUEUES: Final = tuple(f"queue-{number}" for number in range(10))
COLOURS: Final = ("red", "green", "blue", "black", "white")

SHAPES: Final[dict[str, FilterKeywords]] = {
    "everything": {},
    "a queue": {"queues": ["queue-3"]},
    "a task": {"tasks": [nothing.name]},
    "completed": {"states": ["completed"]},
    "failed": {"states": ["failed"]},
    "failed in a queue": {"states": ["failed"], "queues": ["queue-3"]},
    "completed in a queue": {"states": ["completed"], "queues": ["queue-3"]},
    "a tag of every fifth": {"tags": ["red"]},
    "a tag of every ten-thousandth": {"tags": ["rare"]},
    "a tenant": {"tenant": "tenant-7"},
    "a text of every thousandth": {"text": "needle-7 "},
    "a queue, a tag and a tenant": {
        "queues": ["queue-3"],
        "tags": ["red"],
        "tenant": "tenant-3",
    },
}


# --- Claims ---------------------------------------------------------------------------------------


def build_empty(_: Path, __: Scale) -> None:
    """A store without jobs."""
    with app:
        pass


def build_waiting(_: Path, scale: Scale) -> None:
    """A store with many jobs in line."""
    with app:
        fill(scale.waiting)


def build_scheduled(_: Path, scale: Scale) -> None:
    """A store with many jobs that are due tomorrow."""
    with app:
        tomorrow = nothing.using(delay="1d")
        app.enqueue_many(tomorrow.bind(PAYLOAD) for _ in range(scale.scheduled))


def build_blocked(_: Path, scale: Scale) -> None:
    """A store with many jobs parked under one key, of which one runs."""
    with app:
        app.enqueue_many(one_by_one.bind(PAYLOAD) for _ in range(2))
        engine = app.open()
        claimed = engine.jobs.claim(Want(_lease(engine), LOT)).wait()
        assert len(claimed.jobs) == 1
        app.enqueue_many(one_by_one.bind(PAYLOAD) for _ in range(scale.blocked - 1))


def build_history(_: Path, scale: Scale) -> None:
    """A store with many jobs that have ended, of all kinds."""
    with app:
        engine = app.open()
        lease = _lease(engine)
        different = _different_jobs()
        while some := list(islice(different, BULK)):
            app.enqueue_many(some)
            while claims := engine.jobs.claim(Want(lease, BULK)).wait().jobs:
                _settle(engine, claims)
        multiply = import_module(f"benchmarks.{engine.traits.name}.copies").multiply
    multiply(os.environ["TIDEMILL_URL"], DIFFERENT, scale.history)


def claim(_: Path, scale: Scale) -> Sample:
    """A hundred jobs in one claim: milliseconds, its commit included."""
    with app:
        engine = app.open()
        lease = _lease(engine)
        for _round in range(WARM_UP):
            _cycle(engine, lease)
        with Meter() as meter:
            seconds = [_cycle(engine, lease) for _round in range(scale.claims)]
    times = [1_000 * taken for taken in seconds]
    p50, p95 = quantile(times, 0.5), quantile(times, 0.95)
    return meter.sample(scale.claims * LOT, p50=p50, p95=p95)


@app.task(queue=QUEUE, concurrency=Concurrency(1))
async def one_by_one(payload: str) -> str:
    """Run only while no other one does."""
    return payload


def _lease(engine: Engine) -> Lease:
    lease = engine.leases.take(WORKER + new_id(), "bench", LEASE).wait()
    assert lease is not None
    return lease


def _cycle(engine: Engine, lease: Lease) -> float:
    """Enqueue a hundred, claim a hundred, finish them; the seconds that the claim took."""
    fill(LOT)
    begun = time.perf_counter()
    claimed = engine.jobs.claim(Want(lease, LOT)).wait()
    taken = time.perf_counter() - begun
    assert len(claimed.jobs) == LOT
    _settle(engine, claimed.jobs)
    return taken


def _settle(engine: Engine, claims: Sequence[Claim]) -> None:
    now = app.store.clock.now()
    engine.jobs.settle([judge(claim, _outcome(claim), now, 0.0) for claim in claims]).wait()


def _outcome(claim: Claim) -> Outcome:
    """Let every fiftieth of the different ones fail and every hundredth be cancelled."""
    if "fails" in claim.tags:
        return Failed(ErrorInfo("ValueError", "no such thing"), retryable=False)
    if "cancelled" in claim.tags:
        return Cancelled("nobody wants it")
    return Done(b'"%s"' % RESULT.encode())


# --- Pages ----------------------------------------------------------------------------------------


def page_of_history(_: Path, _scale: Scale) -> Sample:
    """Twenty-five jobs of a filter, some pages deep: milliseconds, over all filters and of each."""
    with app, Meter() as meter:
        times = {name: list(_page_times(shape)) for name, shape in SHAPES.items()}
    together = [taken for each in times.values() for taken in each]
    return meter.sample(
        len(together),
        p95=quantile(together, 0.95),
        **{p95_of(name): quantile(each, 0.95) for name, each in times.items()},
    )


def p95_of(shape: str) -> str:
    """What the figure of one shape is called."""
    return f"p95 of {shape}"


def _page_times(shape: FilterKeywords) -> Iterator[float]:
    which = app.jobs.filter(shape)
    for _ in range(ROUNDS):
        cursor = None
        for _ in range(PAGES):
            begun = time.perf_counter()
            page = app.jobs.page(which, cursor=cursor)
            yield 1_000 * (time.perf_counter() - begun)
            cursor = page.cursor
            if cursor is None:
                break


def _different_jobs() -> Iterator[Any]:
    for number in range(DIFFERENT):
        tags = [COLOURS[number % len(COLOURS)]]
        tags += ["fails"] * (number % 50 == 0) + ["cancelled"] * (number % 100 == 1)
        tags += ["rare"] * (number == DIFFERENT // 2)
        yield nothing.using(
            queue=QUEUES[number % len(QUEUES)], tenant=f"tenant-{number % 11}", tags=tags
        ).bind(f"needle-{number % 1_000} {PAYLOAD}")
