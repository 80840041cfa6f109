"""A worker whose onboarding kills the process in the middle of its third step, the first time."""

import asyncio
import os
import signal
import sys
from pathlib import Path

from tidemill import Tidemill
from tidemill.kits.onboarding import Case, Onboarding

onboarding = Onboarding()


def note(case: Case, step: str) -> None:
    """Write down that a step was done."""
    with Path(case.about["ledger"]).open("a") as ledger:
        ledger.write(f"{step} {case.key}\n")


@onboarding.step()
async def organisation(case: Case) -> int:
    """Begin."""
    note(case, "organisation")
    return 7


@onboarding.step()
def roles(case: Case) -> list[str]:
    """Go on."""
    note(case, "roles")
    return ["Admin", "Manager", "User"]


@onboarding.step()
def station(case: Case) -> None:
    """Die once, as a machine does whose power fails."""
    note(case, "station")
    if Path(case.about["ledger"]).read_text().count(":station\n") == 1:
        os.kill(os.getpid(), signal.SIGKILL)


@onboarding.step()
async def welcome(case: Case) -> str:
    """End."""
    note(case, "welcome")
    return f"{case.done['organisation']} {', '.join(case.done['roles'])}"


def application(url: str) -> Tidemill:
    """The application over a store."""
    app = Tidemill(url)
    app.include(onboarding)
    return app


if __name__ == "__main__":
    asyncio.run(application(sys.argv[1]).worker(lease="1s", heartbeat="300ms").run())
