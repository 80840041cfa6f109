"""kill -9 of a process at each of its fail-points, and what becomes of the work."""

import random
import signal
import subprocess
import time
from collections.abc import Callable
from typing import Final, NamedTuple

from tests.journeys.crowd import Crowd, until
from tests.journeys.customer_process import JOURNAL, ORDERS, told
from tests.journeys.figures import Figures, figures
from tests.journeys.stage import Stage, until_over
from tidemill import State
from tidemill.core.limits import KeyLimit

JOBS: Final = 200
EVENTS: Final = 5


class Victim(NamedTuple):
    """Processes that died.

    Attributes:
        ids: jobs that a client was told are stored.
        deaths: how many died.
    """

    ids: list[str]
    deaths: int


PATIENCE: Final = 80.0
"""Seconds to wait for a process to die, where many journeys share the machine."""

Kill = Callable[[Crowd, str, random.Random], Victim]


def enqueue(crowd: Crowd) -> list[str]:
    """Two hundred jobs of every kind, some due later and under a limit, and events to be heard."""
    for number in range(EVENTS):
        crowd.app.events.emit("order.paid", {"number": number})
    return [
        *crowd.enqueue("quick", range(JOBS // 2)),
        *crowd.enqueue("blocking", range(JOBS // 4)),
        *crowd.enqueue("quick", range(JOBS // 4), delay=500, limit=KeyLimit("account", 50)),
    ]


def has_died(process: subprocess.Popen[bytes]) -> None:
    """Wait until a process has been killed by its fail-point."""
    process.wait(PATIENCE)
    assert process.returncode == -signal.SIGKILL, "it never came to that place"


def at_work(crowd: Crowd, place: str, dice: random.Random) -> Victim:
    """A worker dies at work, at one of the first times that it comes to the place."""
    times = dice.randint(1, MOST_HITS.get(place, 3))
    victim = crowd.start("victim", f"{place}=kill@{times}")
    # Who subscribes after an event was emitted does not hear of it.
    until(lambda: bool(crowd.app.open().records.find("subscription").wait()), seconds=30,
          what="the subscription is stored")  # fmt: skip
    ids = enqueue(crowd)
    has_died(victim)
    return Victim(ids, 1)


def at_rescue(crowd: Crowd, place: str, dice: random.Random) -> Victim:
    """A worker dies at work, and the one that rescues its jobs dies of that."""
    first = crowd.start("first", f"run.after=kill@{dice.randint(10, 60)}")
    until(lambda: bool(crowd.app.open().records.find("subscription").wait()), seconds=30,
          what="the subscription is stored")  # fmt: skip
    ids = enqueue(crowd)
    has_died(first)
    has_died(crowd.start("rescuer", f"{place}=kill"))
    return Victim(ids, 2)


def at_stop(crowd: Crowd, place: str, dice: random.Random) -> Victim:
    """A worker dies while it stops, after so many lines of the ledger."""
    worker = crowd.start("worker", f"{place}=kill")
    until(lambda: bool(crowd.app.open().records.find("subscription").wait()), seconds=30,
          what="the subscription is stored")  # fmt: skip
    ids = enqueue(crowd)
    lines = dice.randint(1, 100)
    until(lambda: len(crowd.lines()) >= lines, seconds=30, what="some jobs have run")
    worker.terminate()
    has_died(worker)
    return Victim(ids, 1)


def at_ask(crowd: Crowd, place: str, dice: random.Random) -> Victim:
    """A client dies while it stores jobs or changes one; another one takes over its journal."""
    crowd.app.open()
    times = dice.randint(1, ORDERS - 1)
    has_died(crowd.run("tests.journeys.customer_process", "customer", f"{place}=kill@{times}"))
    assert crowd.run("tests.journeys.customer_process", "next").wait(PATIENCE) == 0
    journal = crowd.beside(JOURNAL)
    crowd.asked.update(told(journal, "asked"))
    accepted = told(journal, "accepted")
    assert len(accepted) == ORDERS
    return Victim(accepted, 1)


PLACES_OF: Final[dict[Kill, tuple[str, ...]]] = {
    at_ask: ("insert.before", "insert.after", "change.after"),
    at_work: (
        "claim.before", "claim.after", "run.before", "run.middle", "run.after", "settle.before",
        "settle.inside", "settle.after", "renew.before", "renew.after", "promote.middle",
        "tick.computed", "tick.after", "relay.middle",
    ),
    at_rescue: ("rescue.before", "rescue.middle", "rescue.after"),
    at_stop: ("stop.signalled", "stop.drained"),
}  # fmt: skip
"""Where each way of dying can come to pass."""

KILL_AT: Final = {place: kill for kill, places in PLACES_OF.items() for place in places}

MOST_HITS: Final = {"run.before": 100, "run.middle": 40, "run.after": 100}
"""Of places that are passed once for each job, and so often enough."""


def killed(stage: Stage, place: str, seed: int) -> Figures:
    """A process is killed at a place, and another one goes on: nothing is lost.

    A recovery is the time from the last death until a job that the dead one held begins again.
    """
    crowd = stage.crowd
    ids, deaths = KILL_AT[place](crowd, place, random.Random(f"{place}/{seed}"))
    died_at = time.monotonic()
    orphans = {job.id for job in crowd.app.jobs.find(states=[State.RUNNING])}
    crowd.start("heir")
    emitted = EVENTS if KILL_AT[place] is not at_ask else 0
    until_over(lambda: _heard(crowd) >= emitted, 40)
    verdict = stage.settle_down(ids)
    again: dict[str, float] = {}
    for line in crowd.lines():
        if line.job in orphans and line.at > died_at and line.what != "end":
            again.setdefault(line.job, line.at - died_at)
    assert _heard(crowd) == emitted, "not each event was heard as one job"
    return figures(verdict, kills=deaths, recoveries=again.values())


def _heard(crowd: Crowd) -> int:
    """Events that a handler has been run for."""
    return len({line.job for line in crowd.lines() if line.what == "heard"})
