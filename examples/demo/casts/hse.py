"""HSE.Digital on the stage, with those who take its mail and its webhooks."""

from contextlib import ExitStack
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, Final

from examples.demo.cast import Cast, Deed, Setup, Stage
from examples.hse import scene
from examples.hse.receivers import Receivers
from examples.hse.sample import ORGANISED
from examples.hse.serving import make_api
from examples.hse.system import Setup as Kept
from examples.hse.system import create
from examples.hse.words import REPORTS, SYSTEM, tenant_of
from tidemill.loops.clock import Clock
from tidemill.tasks.secret import new_key

_RECEIVERS: Final = Receivers()
"""Of the one process in which the stage is set up."""
_TENANTS: Final = tuple(tenant_of(SYSTEM, slug) for slug, _ in ORGANISED)


def set_up(stack: ExitStack, folder: Path) -> Setup:
    """Begin what stands in for the world."""
    receivers = stack.enter_context(_RECEIVERS.serving())
    keys = folder / "keys"
    if not keys.exists():
        keys.touch(mode=0o600)
        keys.write_text(new_key("k1"))
    return {"mail": receivers.mail, "host": receivers.host, "keys": keys.read_text()}


def make(url: str, folder: Path, setup: Setup, clock: Clock | None = None) -> Cast:
    """Make the application."""
    kept = Kept(mail=setup["mail"], receivers=(setup["host"],), keys=setup["keys"])
    hse = create(url, folder, kept, clock=clock)
    return Cast(
        app=hse.app,
        prepare=hse.prepare,
        api=partial(make_api, hse),
        worker=hse.worker,
        seed=lambda: scene.seed(hse, _RECEIVERS),
        tick=partial(scene.tick, hse),
        close=hse.close,
    )


def _letter(dice: Random) -> dict[str, Any]:
    return {
        "to": [f"crew{dice.randrange(9)}@{dice.choice(ORGANISED)[0]}.example"],
        "subject": dice.choice(["Toolbox talk", "Permit about to run out", "Audit on Thursday"]),
        "text": "At 7:00, at the gate.\n",
    }


def _report(dice: Random) -> dict[str, Any]:
    return {"source": dice.choice(REPORTS), "format": dice.choice(["csv", "json", "pdf"])}


STAGE: Final = Stage(
    SYSTEM,
    "HSE.Digital",
    "reports, exports, signed webhooks, organisations that begin",
    set_up,
    make,
    (
        Deed(
            task="hse.email.send",
            per_day=30,
            arguments=_letter,
            seconds=(0.05, 0.8),
            fails=0.04,
            dies=0.01,
            error=("Refused", "550 nobody here is called so"),
        ),
        Deed(
            task="hse.report.build",
            per_day=8,
            arguments=_report,
            seconds=(0.3, 6),
            dies=0.01,
            error=("AnswerTooLarge", "the report audits has more than 100,000 rows"),
            says="the report has been written",
        ),
        Deed(
            task="hse.export.run",
            per_day=2,
            arguments=lambda _: {"sources": ["stations", "audits", "incidents"], "format": "csv"},
            seconds=(2, 30),
            says="a table has been written",
        ),
        Deed(task="hse.cleanup.clean", seconds=(0.2, 4), fails=0),
    ),
    (SYSTEM, *_TENANTS),
)
