"""RTO Compliance Hub on the stage, with the systems that it asks and the server of its mail."""

from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

from examples.compliance_hub import scene
from examples.compliance_hub.hub import create
from examples.compliance_hub.jobs import SYSTEM
from examples.compliance_hub.mailroom import Mailroom
from examples.compliance_hub.sample import elsewhere
from examples.compliance_hub.serving import make_api
from examples.compliance_hub.setup import Setup as Kept
from examples.compliance_hub.setup import keep_setup, kept_setup
from examples.compliance_hub.standin import Secrets, StandIn
from examples.demo.cast import Cast, Deed, Setup, Stage
from tidemill.loops.clock import Clock


def set_up(stack: ExitStack, folder: Path) -> Setup:
    """Begin what stands in for the world; where it is the hub finds in its folder."""
    today = datetime.now(UTC).date()
    stand_in = StandIn(elsewhere(today), Secrets.new(), fails_every=scene.FAILS_EVERY)
    mailroom = stack.enter_context(Mailroom().serving())
    stack.enter_context(stand_in.serving())
    kept = Kept(third_party=stand_in.url, known=stand_in.known, mail=mailroom.url)
    keep_setup(folder, kept)
    return {}


def make(url: str, folder: Path, setup: Setup, clock: Clock | None = None) -> Cast:
    """Make the application."""
    del setup  # it keeps its own
    hub = create(url, folder, kept_setup(folder), clock=clock)
    return Cast(
        app=hub.app,
        prepare=hub.keep_rules,
        api=partial(make_api, hub),
        worker=hub.worker,
        seed=partial(scene.seed, hub),
        tick=partial(scene.tick, hub),
        close=hub.close,
    )


_REMINDED: Final = "reminders have been sent"

STAGE: Final = Stage(
    SYSTEM,
    "RTO Compliance Hub",
    "syncs, reminders, reviews and digests in Sydney's time",
    set_up,
    make,
    (
        Deed(
            task="compliance.xero-sync",
            result=lambda dice: {"invoices": dice.randrange(40, 120), "pages": 3},
            seconds=(4, 40),
            fails=0.15,
            dies=0.04,
            error=("httpx.ReadTimeout", "the accounting system did not answer in 30 s"),
            says="a page of invoices has been read",
        ),
        Deed(
            task="compliance.accelerate-sync",
            result=lambda dice: {"enrolments": dice.randrange(20, 90)},
            seconds=(3, 30),
            fails=0.1,
            error=("httpx.HTTPStatusError", "503 Service Unavailable"),
            says="a page of enrolments has been read",
        ),
        Deed(
            task="compliance.feedback-analysis",
            result=lambda dice: {"read": dice.randrange(3, 25), "praise": dice.randrange(3)},
            seconds=(1, 12),
        ),
        *(
            Deed(task=f"compliance.{type_}", result=lambda dice: {"sent": dice.randrange(6)},
                 says=_REMINDED)
            for type_ in ("pd-reminders", "credential-expiry", "policy-reviews", "complaint-sla",
                          "onboarding-check")
        ),
        Deed(task="compliance.retry-failed-emails", fails=0),
        Deed(task="compliance.weekly-digest", seconds=(1, 5)),
        Deed(task="compliance.monthly-report", seconds=(3, 15)),
    ),
)  # fmt: skip
