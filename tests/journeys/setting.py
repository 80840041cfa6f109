"""The clock of PostgreSQL's server is set: nobody is taken for dead, nor for alive."""

import time

from tests.journeys.crowd import Crowd, until
from tests.journeys.cutting import SOON, busy
from tests.journeys.figures import Figures, figures
from tests.journeys.stage import Stage
from tests.servers import fake_time

HOUR = 3_600_000
HELD = 4
"""Jobs that run all the while."""

LONG = "30s"
"""A lease that nobody loses because the machine is busy; to an hour it is as short as another."""
SHORT = "3s"
"""A lease that is waited for; that of whoever is about to die."""

LOOKED = 2.0
"""Seconds in which every worker has looked whose lease is over."""


def clock_set(stage: Stage, rounds: int) -> Figures:
    """The clock is set an hour forward and back, again and again; then a worker dies.

    A recovery is the time from its death, right after the clock was set back, until another one
    begins a job that it held.
    """
    crowd = stage.crowd
    with fake_time(stage.server.url) as clock:
        crowd.reach(clock.url(crowd.url))
        with busy(stage, lease=LONG) as customer:
            ids = crowd.enqueue("long", [0] * HELD)
            until(lambda: len(crowd.starts(ids)) == HELD, seconds=SOON, what="the long ones run")
            for by in (HOUR, -2 * HOUR, HOUR) * rounds:
                clock.set_by(by)
                time.sleep(LOOKED)
            flaws = ["a lease was lost"] * ("lost its lease" in crowd.logs())
            flaws += ["a job was begun again"] * (len(crowd.starts(ids)) != HELD)
            victim = crowd.start("victim", lease=SHORT)
            number, orphan = _held_by(crowd, victim.pid)
            clock.set_by(-HOUR)
            victim.kill()
            victim.wait()
            died_at = time.monotonic()
            until(lambda: len(crowd.starts([orphan])) > 1, seconds=SOON, what="it is begun again")
            again = crowd.starts([orphan])[1].at - died_at
            crowd.beside("ledger.0").touch()
            crowd.beside(f"ledger.{number}").touch()
        verdict = stage.settle_down([*customer.accepted, *ids, orphan])
        crowd.end()
    return figures(verdict, kills=1, recoveries=[again], more=flaws)


def _held_by(crowd: Crowd, pid: int) -> tuple[int, str]:
    """A job that one worker holds, and its number; what others take meanwhile is let end."""
    number = 1
    while True:
        (job,) = crowd.enqueue("long", [number])
        if _started_by(crowd, job) == pid:
            return number, job
        crowd.beside(f"ledger.{number}").touch()
        number += 1


def _started_by(crowd: Crowd, job: str) -> int:
    until(lambda: bool(crowd.starts([job])), seconds=SOON, what="it is begun")
    return crowd.starts([job])[0].pid
