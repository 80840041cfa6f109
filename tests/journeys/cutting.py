"""A PostgreSQL server that is killed, and a network that is cut, slowed and silenced."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg

from tests.journeys.crowd import until
from tests.journeys.figures import Figures, figures
from tests.journeys.stage import Customer, Stage, recovered
from tidemill.core.errors import StoreUnavailable

SOON = 30.0
"""Seconds within which work goes on, or a test fails."""

ANSWERS = {
    "insert": ".job (\n    id, args,",
    "claim": "drawn AS MATERIALIZED",
    "settle": "gone AS (",
    "commit": "COMMIT",
}
"""What the statements contain whose answers are lost: a plain insert, claim and settlement each are
one; whatever is not plain ends with the last."""

BACKLOG = 60
"""Jobs that are waiting when the next answer is to be lost."""

TERMINATE = """
SELECT pg_terminate_backend(pid) FROM (
    SELECT pid FROM pg_stat_activity
    WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
    ORDER BY random() LIMIT 1
) AS victim
"""


@contextmanager
def busy(stage: Stage, *, lease: str = "3s") -> Iterator[Customer]:
    """Two workers at work, and a customer who is never done."""
    stage.crowd.app.open()
    for name in ("one", "other"):
        stage.crowd.start(name, lease=lease)
    with Customer(stage.crowd) as customer:
        recovered(stage.crowd, within=SOON)
        yield customer


def server_killed(stage: Stage, times: int) -> Figures:
    """The server is killed with all its processes, and started again over the same data."""
    gaps = []
    with busy(stage) as customer:
        for _ in range(times):
            stage.server.kill()
            stage.server.start()
            gaps.append(recovered(stage.crowd, within=SOON))
    assert customer.refusals, "the customer never met a server that was away"
    verdict = stage.settle_down(customer.accepted)
    return figures(verdict, restarts=times, recoveries=gaps)


def connections_reset(stage: Stage, times: int) -> Figures:
    """All connections are reset at once."""
    gaps = []
    with busy(stage) as customer:
        for _ in range(times):
            stage.proxy.cut()
            gaps.append(recovered(stage.crowd, within=SOON))
    verdict = stage.settle_down(customer.accepted)
    return figures(verdict, cuts=stage.proxy.cuts, recoveries=gaps)


def answer_lost(stage: Stage, to: str, times: int) -> Figures:
    """One statement is done, its answer is swallowed, and its connection is reset."""
    proxy = stage.proxy
    gaps = []
    ids: list[str] = []
    with busy(stage) as customer:
        for _ in range(times):
            # More than both workers have room for: whatever they claim next brings something.
            ids += stage.crowd.enqueue("blocking", range(BACKLOG))
            before = proxy.unheard
            proxy.deaf_to = ANSWERS[to]
            until(lambda before=before: proxy.unheard > before, seconds=SOON,  # type: ignore[misc]  # bound by its default
                  what="an answer is lost")  # fmt: skip
            gaps.append(recovered(stage.crowd, within=SOON))
    verdict = stage.settle_down([*customer.accepted, *ids])
    assert proxy.unheard == times
    if to == "insert":
        assert customer.repeats, "no call was found to be stored already"
    if to == "claim":
        assert "in an answer that was lost" in stage.crowd.logs(), "no job was handed back"
    # Said again, a settlement is known: it is not refused.
    flaws = ["a settlement that had been applied was refused"] * (
        to == "settle" and bool(verdict.refused)
    )
    return figures(verdict, cuts=proxy.cuts, recoveries=gaps, more=flaws)


def sessions_ended(stage: Stage, seconds: float) -> Figures:
    """The server ends a session, whichever, five times a second."""
    ended = 0
    with busy(stage) as customer, psycopg.connect(stage.server.url, autocommit=True) as master:
        ends_at = time.monotonic() + seconds
        while time.monotonic() < ends_at:
            ended += len(master.execute(TERMINATE).fetchall())
            time.sleep(0.2)
        gap = recovered(stage.crowd, within=SOON)
    verdict = stage.settle_down(customer.accepted)
    return figures(verdict, cuts=ended, recoveries=[gap])


def silence(stage: Stage, seconds: float) -> Figures:
    """No connection ends and no byte arrives: only time can tell."""
    proxy = stage.proxy
    with busy(stage) as customer:
        before = len(customer.refusals)
        proxy.mode = "silent"
        begun = time.monotonic()
        noticed = until(lambda: len(customer.refusals) > before, seconds=20, what="it is noticed")
        time.sleep(max(begun + seconds - time.monotonic(), 0))
        said = customer.refusals[before:]
        proxy.mode = "pass"
        gap = recovered(stage.crowd, within=SOON)
    verdict = stage.settle_down(customer.accepted)
    assert all(isinstance(error, StoreUnavailable) and error.hint for error in said)
    flaws = [f"noticed after {noticed:.1f} s"] * (noticed >= 10)
    flaws += [f"went on {gap:.1f} s after its end"] * (gap >= 5)
    return figures(verdict, cuts=1, recoveries=[gap], more=flaws)


def slow_network(stage: Stage, seconds: float, slow_down: Callable[[Stage], None]) -> Figures:
    """Bytes are late, or few pass: work goes on, and no lease is taken for lost."""
    # Who writes alone does so for seconds there, and many stand in the line: with no more than the
    # usual patience some give up before it is their turn, again and again.
    stage.crowd.reach(f"{stage.crowd.url}&patience=60s")
    with busy(stage, lease="30s") as customer:
        slow_down(stage)
        stage.proxy.cut()
        recovered(stage.crowd, within=SOON)
        time.sleep(seconds)
        recovered(stage.crowd, within=SOON)
    verdict = stage.settle_down(customer.accepted, standstill=150)
    flaws = ["a lease was lost"] * ("lost its lease" in stage.crowd.logs())
    return figures(verdict, cuts=stage.proxy.cuts, more=flaws)


def late(stage: Stage) -> None:
    """Each answer comes 0.3 s late, 0.2 s more or less."""
    stage.proxy.latency = (0.3, 0.2)


def narrow(stage: Stage) -> None:
    """64 kB pass in a second, each way of each connection."""
    stage.proxy.rate = 64_000
