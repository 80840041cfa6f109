"""The clock of PostgreSQL's server is set: nobody is taken for dead, nor for alive."""

import signal
import time

from tests.journeys.crowd import until
from tests.journeys.cutting import SOON, busy
from tests.journeys.figures import Figures, figures
from tests.journeys.stage import Stage
from tests.servers import fake_time

HOUR = 3_600_000
HELD = 4
"""Jobs that run all the while."""

LEASE = 3.0


def clock_set(stage: Stage, rounds: int) -> Figures:
    """The clock is set an hour forward and back, again and again; then a worker dies.

    A recovery is the time from its death, right after the clock was set back, until another one
    begins a job that it held.
    """
    crowd = stage.crowd
    with fake_time(stage.server.url) as clock:
        crowd.reach(clock.url(crowd.url))
        with busy(stage) as customer:
            ids = crowd.enqueue("long", [0] * HELD)
            until(lambda: len(crowd.starts(ids)) == HELD, seconds=SOON, what="the long ones run")
            for by in (HOUR, -2 * HOUR, HOUR) * rounds:
                clock.set_by(by)
                time.sleep(LEASE / 2 + 0.5)
            flaws = ["a lease was lost"] * ("lost its lease" in crowd.logs())
            flaws += ["a job was begun again"] * (len(crowd.starts(ids)) != HELD)
            clock.set_by(-HOUR)
            pid = crowd.starts(ids)[0].pid
            orphans = {line.job for line in crowd.starts(ids) if line.pid == pid}
            (victim,) = [worker for worker in crowd.workers if worker.pid == pid]
            victim.send_signal(signal.SIGKILL)
            victim.wait()
            died_at = time.monotonic()
            until(lambda: len(crowd.starts(ids)) > HELD, seconds=SOON, what="one is begun again")
            crowd.beside("ledger.0").touch()
        verdict = stage.settle_down([*customer.accepted, *ids])
        again = [line.at - died_at for line in crowd.starts(ids)[HELD:] if line.job in orphans]
        crowd.end()
    return figures(verdict, kills=1, recoveries=again, more=flaws)
