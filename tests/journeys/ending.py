"""Workers that are told to end: twice in a row, and before they have begun."""

import random
import re
import signal
import subprocess
import time
from pathlib import Path

from tests.journeys.crowd import until
from tests.journeys.figures import Figures, figures
from tests.journeys.stage import Stage

HELD = 4
"""Jobs that a worker is running when it is told to end."""

AT_ONCE = 7.0
"""Seconds within which a worker that is told twice has ended, whatever it runs."""

START = 1.5
"""Seconds that a worker takes until it is at work, or a little more."""


def told_twice(stage: Stage, rounds: int) -> Figures:
    """A worker is told to stop, and at once again, while it runs what cannot be ended.

    A recovery is the time from its end until another one begins a job that it left.
    """
    crowd = stage.crowd
    ids: list[str] = []
    flaws: list[str] = []
    recoveries: list[float] = []
    for number in range(rounds):
        worker = crowd.start(f"told-{number}")
        long = crowd.enqueue("long", [number] * HELD)
        ids += [*long, *crowd.enqueue("quick", range(40))]
        until(lambda long=long: len(crowd.starts(long)) == HELD, seconds=30, what="they run")  # type: ignore[misc]  # bound by its default
        tell(worker)
        tell(worker)
        told_at = time.monotonic()
        worker.wait(30)
        ended_at = time.monotonic()
        if ended_at - told_at > AT_ONCE:
            flaws.append(f"it ended {ended_at - told_at:.1f} s after it was told twice")
        crowd.beside(f"ledger.{number}").touch()
        heir = crowd.start(f"heir-{number}")
        until(lambda ids=ids: crowd.all_completed(ids), seconds=40, what="the heir completes all")  # type: ignore[misc]  # the same
        recoveries += [line.at - ended_at for line in crowd.starts(long)[HELD:]]
        heir.terminate()
        heir.wait(30)
    return figures(stage.settle_down(ids), recoveries=recoveries, more=flaws)


def told_at_start(stage: Stage, times: int, seed: int = 0) -> Figures:
    """Workers are told to stop at any moment of their start, with work waiting for them."""
    crowd, dice = stage.crowd, random.Random(seed)
    ids = crowd.enqueue("quick", range(100))
    flaws = []
    for number in range(times):
        worker = crowd.start(f"early-{number}")
        time.sleep(dice.uniform(0, START))
        worker.terminate()
        if (code := worker.wait(20)) not in (0, -signal.SIGTERM):
            flaws.append(f"told to stop at its start, it ended with {code}")
    crowd.start("heir")
    return figures(stage.settle_down(ids), more=flaws)


def tell(worker: subprocess.Popen[bytes]) -> None:
    """Send SIGTERM and wait until it has arrived: two that wait would arrive as one."""
    worker.terminate()
    status = Path(f"/proc/{worker.pid}/status")

    def has_arrived() -> bool:
        masks = re.findall(r"^S[ih][gd]Pnd:\s+(\w+)", status.read_text(), re.MULTILINE)
        return not any(int(mask, 16) >> (signal.SIGTERM - 1) & 1 for mask in masks)

    until(has_arrived, seconds=10, what="the signal has arrived")
