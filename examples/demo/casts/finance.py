"""Finance Management on the stage, with a mail server and an identity provider."""

from contextlib import ExitStack
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, Final

from examples.demo.cast import Cast, Deed, Setup, Stage
from examples.finance import scene
from examples.finance.application import create
from examples.finance.believable import ACCOUNTS
from examples.finance.identity import Identity
from examples.finance.place import ADDRESSES
from examples.finance.post_office import PostOffice
from examples.finance.serving import api_of
from tidemill.loops.clock import Clock

NAME: Final = "finance"


def set_up(stack: ExitStack, folder: Path) -> Setup:
    """Begin what stands in for the world."""
    post = stack.enter_context(PostOffice(folder / "mail").serving())
    identity = stack.enter_context(Identity(NAME).serving())
    return {"mail": post.url, "identity": identity.url, "password": identity.passwords["ada"]}


def make(url: str, folder: Path, setup: Setup, clock: Clock | None = None) -> Cast:
    """Make the application."""
    finance = create(url, folder, tenant=NAME, mail=setup["mail"], clock=clock)
    return Cast(
        app=finance.app,
        prepare=finance.prepare,
        api=partial(api_of, finance, setup["identity"]),
        worker=finance.worker,
        seed=partial(scene.seed, finance),
        tick=partial(scene.tick, finance),
        close=finance.close,
    )


def _imported(dice: Random) -> dict[str, Any]:
    read, account = dice.randrange(5, 40), dice.choice(ACCOUNTS)
    kind = "ofx" if account.form.startswith("ofx") else account.form
    return {"account": account.id, "kind": kind, "read": read, "new": read, "skipped": 0}


def _spent(dice: Random) -> dict[str, Any]:
    return {"groceries": dice.randrange(90_000), "transport": dice.randrange(26_000)}


STAGE: Final = Stage(
    NAME,
    "Finance Management",
    "statements, receipts, budgets, backups that are proved",
    set_up,
    make,
    (
        Deed(
            task="finance.transaction_import",
            per_day=6,
            arguments=lambda dice: {
                "file": f"{dice.getrandbits(128):032x}", "account": dice.choice(ACCOUNTS).id
            },
            result=_imported,
            seconds=(0.3, 9),
            dies=0.04,
            error=("Unreadable", "it is neither OFX nor CSV of a bank that is known"),
            says="booked",
        ),
        Deed(
            task="finance.email_sync",
            arguments=lambda _: {"mailbox": ADDRESSES["ada"]},
            result=lambda dice: {"read": dice.randrange(30), "receipts": dice.randrange(9),
                                 "broken": 0},
            seconds=(1, 12),
            says="receipts matched",
        ),
        Deed(
            task="finance.account_reconciliation",
            per_day=6,
            arguments=lambda dice: {"account": dice.choice(ACCOUNTS).id},
            result=lambda dice: {"account": dice.choice(ACCOUNTS).id, "statements": 3,
                                 "differing": []},
            seconds=(0.1, 2),
            says="compared",
        ),
        Deed(task="finance.budget_refresh", result=_spent, seconds=(0.1, 1)),
        Deed(task="finance.notification_digest", result=lambda dice: {"ada": dice.randrange(5)},
             seconds=(0.2, 3)),
        Deed(task="finance.check_stuck", result=lambda _: [], seconds=(0.02, 0.2), fails=0),
    ),
)  # fmt: skip
