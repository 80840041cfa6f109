"""HSE.Digital on the stage, with a mail server and a control room that takes webhooks."""

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
from examples.hse.words import ENTITIES, REPORTS, SYSTEM, tenant_of
from tidemill.loops.clock import Clock
from tidemill.signatures import new_secret
from tidemill.tasks.secret import new_key

_TENANTS: Final = tuple(tenant_of(SYSTEM, slug) for slug, _ in ORGANISED)
_KEYS: Final = "keys"
"""The file of what secrets in jobs are encrypted with."""


def set_up(stack: ExitStack, folder: Path) -> Setup:
    """Begin what stands in for the world."""
    receivers = stack.enter_context(Receivers().serving())
    secret = new_secret()
    receivers.secrets.append(secret)
    keys = folder / _KEYS
    if not keys.exists():
        keys.touch(mode=0o600)
        keys.write_text(new_key("k1"))
    return {
        "mail": receivers.mail,
        "receiver": receivers.host,
        "secret": secret,
        "keys": keys.read_text(),
    }


def make(url: str, folder: Path, setup: Setup, clock: Clock | None = None) -> Cast:
    """Make the application."""
    kept = Kept(mail=setup["mail"], receivers=(setup["receiver"],), keys=setup["keys"])
    hse = create(url, folder, kept, clock=clock)
    hooks = f"http://{setup['receiver']}/hooks"
    return Cast(
        app=hse.app,
        prepare=hse.prepare,
        api=partial(make_api, hse),
        worker=hse.worker,
        seed=partial(scene.seed, hse, scene.Told(hooks, setup["secret"])),
        tick=partial(scene.tick, hse),
        close=hse.close,
    )


def _letter(dice: Random) -> dict[str, Any]:
    slug = dice.choice(["harbour", "ranges"])
    return {"to": [f"desk@{slug}.example"], "subject": f"INC-{dice.randrange(1, 60):04}"}


STAGE: Final = Stage(
    SYSTEM,
    "HSE.Digital",
    "letters, reports, exports, webhooks and new organisations",
    set_up,
    make,
    (
        Deed(
            task="hse.email.send",
            per_day=18,
            arguments=_letter,
            seconds=(0.05, 1.5),
            fails=0.05,
            dies=0.01,
            error=("MailRefused", "550 nobody here is called so"),
        ),
        Deed(
            task="hse.report.build",
            per_day=4,
            arguments=lambda dice: {"source": dice.choice(REPORTS), "format": "csv"},
            seconds=(0.5, 20),
            says="writing rows",
        ),
        Deed(
            task="hse.export.run",
            per_day=2,
            arguments=lambda dice: {"sources": [dice.choice(ENTITIES)], "format": "csv"},
            seconds=(2, 90),
            dies=0.02,
        ),
        Deed(
            task="hse.onboarding.run",
            per_day=0.3,
            arguments=lambda dice: {"about": {"slug": f"site-{dice.randrange(100)}"}},
            seconds=(1, 6),
        ),
        Deed(task="hse.cleanup.clean", seconds=(0.1, 2), fails=0),
    ),
    (SYSTEM, *_TENANTS),
)
