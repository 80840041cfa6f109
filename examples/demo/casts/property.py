"""Property management on the stage, with those who carry its messages."""

from contextlib import ExitStack
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, Final

from examples.demo.cast import Cast, Deed, Setup, Stage
from examples.property import scene
from examples.property.office import Setup as Kept
from examples.property.office import create
from examples.property.receivers import Receivers
from examples.property.words import SYSTEM
from tidemill.loops.clock import Clock


def set_up(stack: ExitStack, folder: Path) -> Setup:
    """Begin what stands in for the world."""
    del folder  # they keep nothing
    receivers = stack.enter_context(Receivers().serving())
    return {"mail": receivers.mail, "sms": receivers.sms, "push": receivers.push}


def make(url: str, folder: Path, setup: Setup, clock: Clock | None = None) -> Cast:
    """Make the application."""
    kept = Kept(mail=setup["mail"], sms=setup["sms"], push=setup["push"])
    office = create(url, folder, kept, clock=clock)
    return Cast(
        app=office.app,
        prepare=office.prepare,
        api=office.api,
        worker=office.worker,
        seed=partial(scene.seed, office),
        tick=partial(scene.tick, office),
        close=office.close,
    )


def _notice(dice: Random) -> dict[str, Any]:
    return {"notice": f"{dice.getrandbits(64):016x}"}


STAGE: Final = Stage(
    SYSTEM,
    "Property management",
    "tickets, appointments, mail, SMS and push",
    set_up,
    make,
    (
        Deed(
            task="property.appointment-start",
            per_day=5,
            arguments=lambda dice: {"reference": f"T-{dice.randrange(1, 900):04}"},
            result=lambda _: "in-progress",
            seconds=(0.05, 0.4),
        ),
        Deed(
            task="property.notify",
            per_day=22,
            arguments=_notice,
            result=lambda dice: dice.choice(["email", "sms", "push"]),
            seconds=(0.1, 3),
            fails=0.07,
            dies=0.02,
            error=("Undeliverable", "550 nobody here is called so"),
            says="a notice has been sent",
        ),
        Deed(task="property.flush-spool", result=lambda _: 0, seconds=(0.02, 0.2), fails=0),
    ),
)
