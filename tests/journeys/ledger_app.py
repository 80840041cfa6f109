"""The application that the journeys run: its handlers write down every start and end.

The ledger is a file beside the store, written with one O_APPEND write a line, so it is true even
when the process is killed right after it.
"""

import os
import signal
import sys
import time
from pathlib import Path

from tests.journeys.wound_clock import WoundClock
from tidemill import Event, Retry, Tidemill, current
from tidemill.core.instants import millis

CLOCK = os.environ.get("CLOCK", "")
LEASE = os.environ.get("LEASE", "3s")
LEDGER = os.environ.get("LEDGER", "")
app = Tidemill(clock=WoundClock(Path(CLOCK)) if CLOCK else None)


def write(what: str) -> None:
    job = current()
    line = f"{what} {job.id} {job.attempt} {job.fence} {os.getpid()} {time.monotonic():.4f}\n"
    ledger = os.open(LEDGER, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(ledger, line.encode())
    os.close(ledger)


@app.task(name="quick", retry=Retry.fixed(attempts=5, base="50ms"))
async def quick(number: int) -> int:
    write("start")
    write("end")
    return number


@app.task(name="blocking", retry=Retry.fixed(attempts=5, base="50ms"))
def blocking(number: int) -> int:
    write("start")
    current().progress(50, "half way")
    time.sleep(0.005)
    write("end")
    return number


@app.task(name="deadly")
async def deadly(number: int) -> int:
    """Takes its worker down, as a crash in C or the system's want of memory would."""
    write("start")
    os.kill(os.getpid(), signal.SIGKILL)
    return number


@app.task(name="long", retry=Retry.fixed(attempts=5, base="50ms"))
def long(number: int) -> int:
    """Runs until the file that it names by its number is there."""
    write("start")
    while not Path(f"{LEDGER}.{number}").exists():
        time.sleep(0.01)
    write("end")
    return number


@app.schedule(every="1s")
@app.task(name="ticked", retry=Retry.fixed(attempts=5, base="50ms", crashes=5))
async def ticked() -> None:
    write("tick")


@app.on("order.*")
@app.task(name="heard", retry=Retry.fixed(attempts=5, base="50ms", crashes=5))
async def heard(event: Event) -> str:
    write("heard")
    return event.name


def main() -> int:
    """Work with a short lease, as the first argument says; for tests that kill us."""
    worker = app.worker(
        name=sys.argv[1],
        lease=LEASE,
        heartbeat=f"{millis(LEASE) // 3}ms",
        grace="5s",
        poll="200ms",
        app_ref="ledger_app:app",
    )
    return worker.run_blocking()


if __name__ == "__main__":
    sys.exit(main())
