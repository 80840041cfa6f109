"""Finance Management on the stage, with its mail server and its identity provider."""

from contextlib import ExitStack
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, Final

from examples.demo.cast import Cast, Deed, Setup, Stage
from examples.finance import scene
from examples.finance.application import create
from examples.finance.identity import Identity
from examples.finance.place import ADDRESSES
from examples.finance.post_office import PostOffice
from examples.finance.serving import api_of
from tidemill.loops.clock import Clock

NAME: Final = "finance"
ZONE: Final = "Australia/Sydney"


def set_up(stack: ExitStack, folder: Path) -> Setup:
    """Begin what stands in for the world."""
    post = stack.enter_context(PostOffice(folder / "mail").serving())
    identity = stack.enter_context(Identity(NAME).serving())
    return {"mail": post.url, "identity": identity.url}


def make(url: str, folder: Path, setup: Setup, clock: Clock | None = None) -> Cast:
    """Make the application."""
    finance = create(url, folder, tenant=NAME, mail=setup["mail"], zone=ZONE, clock=clock)
    app = finance.app
    queues = sorted({task.options.queue for task in app.registry})
    return Cast(
        app=app,
        prepare=finance.prepare,
        api=partial(api_of, finance, setup["identity"]),
        worker=partial(app.worker, queues=queues),
        seed=partial(scene.seed, finance),
        tick=partial(scene.tick, finance),
        close=finance.close,
    )


def _statement(dice: Random) -> dict[str, Any]:
    file = f"{dice.getrandbits(128):032x}"
    return {"file": file, "account": dice.choice(["card", "everyday", "savings"])}


STAGE: Final = Stage(
    NAME,
    "Finance Management",
    "statements, budgets, reports, backups that are proven",
    set_up,
    make,
    (
        Deed(
            task="finance.email_sync",
            per_day=6,
            arguments=lambda _: {"mailbox": ADDRESSES["ada"]},
            result=lambda dice: {"read": dice.randrange(12), "booked": dice.randrange(4)},
            seconds=(0.4, 6),
            fails=0.06,
            error=("ConnectionError", "the mail server closed the connection"),
            says="the mailbox has been read",
        ),
        Deed(
            task="finance.transaction_import",
            per_day=5,
            arguments=_statement,
            result=lambda dice: {"booked": dice.randrange(5, 60), "known": dice.randrange(3)},
            seconds=(0.3, 9),
            dies=0.04,
            error=("UnreadableStatement", "line 14: '31/02/2026' is no date"),
            says="the statement has been booked",
        ),
        Deed(
            task="finance.budget_refresh",
            per_day=1,
            result=lambda dice: {"budgets": 9, "over": dice.randrange(3)},
        ),
        Deed(task="finance.insights", per_day=0.5, seconds=(2, 20)),
        Deed(task="finance.notification_digest", per_day=0.3),
        Deed(task="finance.cleanup.clean", seconds=(0.05, 0.6)),
        Deed(task="finance.check_stuck", seconds=(0.02, 0.2), fails=0),
    ),
)
