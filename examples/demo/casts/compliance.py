"""RTO Compliance Hub on the stage, with the systems that it asks and the server of its mail."""

from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, Final

from examples.compliance_hub import scene
from examples.compliance_hub.hub import create
from examples.compliance_hub.jobs import SYSTEM
from examples.compliance_hub.sample import elsewhere
from examples.compliance_hub.serving import make_api
from examples.compliance_hub.setup import Setup as Kept
from examples.compliance_hub.standin import Secrets, StandIn
from examples.demo.cast import Cast, Deed, Setup, Stage
from examples.stage.mailroom import Mailroom
from tidemill.loops.clock import Clock


def set_up(stack: ExitStack, folder: Path) -> Setup:
    """Begin what stands in for the world."""
    del folder  # they keep nothing
    known = Secrets.new()
    today = datetime.now(UTC).date()
    mailroom = stack.enter_context(Mailroom().serving())
    stand_in = StandIn(elsewhere(today), known, fails_every=scene.FAILS_EVERY)
    stack.enter_context(stand_in.serving())
    return {"mail": mailroom.url, "third_party": stand_in.url, **known._asdict()}


def make(url: str, folder: Path, setup: Setup, clock: Clock | None = None) -> Cast:
    """Make the application."""
    kept = Kept(
        third_party=setup["third_party"],
        known=Secrets(setup["client_secret"], setup["api_key"]),
        mail=setup["mail"],
        address=f"/{SYSTEM}",
    )
    hub = create(url, folder, kept, clock=clock)
    return Cast(
        app=hub.app,
        prepare=hub.keep_rules,
        api=partial(make_api, hub),
        worker=hub.worker,
        seed=partial(scene.seed, hub),
        tick=partial(scene.tick, hub),
        close=hub.close,
    )


def _reminded(dice: Random) -> dict[str, int]:
    due = dice.randrange(3, 30)
    return {"due": due, "sent": dice.randrange(due)}


def _read(dice: Random) -> dict[str, int]:
    moods = [dice.randrange(12), dice.randrange(6), dice.randrange(8)]
    named = dict(zip(("positive", "neutral", "negative"), moods, strict=True))
    return {"read": sum(moods), **named}


def _letter(dice: Random) -> dict[str, Any]:
    return {
        "to": [f"person{dice.randrange(24)}@harbour.example"],
        "subject": dice.choice(("Your credential: First aid", "Policy review: Privacy")),
        "text": "Hello, this is due.",
    }


def _brought(*names: str) -> Any:
    return lambda dice: {name: dice.randrange(40) for name in names}


_BUSY: Final = ("HTTPStatusError", "Server error '500 Internal Server Error'")

STAGE: Final = Stage(
    SYSTEM,
    "RTO Compliance Hub",
    "syncs, reminders, reports, a reader of feedback",
    set_up,
    make,
    (
        Deed(
            task="compliance.feedback-analysis", result=_read, seconds=(1, 6), fails=0,
            says="feedback has been read",
        ),
        Deed(
            task="compliance.xero-sync", result=_brought("contacts", "invoices"), seconds=(2, 40),
            fails=0.2, dies=0.05, error=_BUSY, says="Invoices: 25 rows changed",
        ),
        Deed(
            task="compliance.accelerate-sync", seconds=(3, 60), fails=0.2, dies=0.05, error=_BUSY,
            result=_brought("students", "enrolments", "feedback"), says="students: 25 rows changed",
        ),
        *(
            Deed(task=f"compliance.{type_}", result=_reminded, seconds=(0.1, 2), fails=0.01)
            for type_ in ("pd-reminders", "credential-expiry", "policy-reviews", "complaint-sla",
                          "onboarding-check")
        ),
        Deed(task="compliance.weekly-digest", result=lambda _: {"sent": 3}),
        Deed(task="compliance.monthly-report", result=lambda _: {"asked": 2}),
        Deed(
            task="compliance.retry-failed-emails", seconds=(0.02, 0.3), fails=0,
            result=lambda dice: {"again": dice.choice((0, 0, 0, 1, 2)), "given_up": 0},
        ),
        Deed(
            task="compliance.email.send", per_day=14, arguments=_letter, seconds=(0.1, 2),
            fails=0.06, dies=0.02, error=("MailRefused", "550 nobody here is called so"),
            result=lambda dice: {
                "message_id": f"<{dice.getrandbits(64):016x}@harbour.example>",
                "accepted": ["somebody@harbour.example"], "refused": {}, "size": 900, "digest": "",
            },
        ),
    ),
)  # fmt: skip
