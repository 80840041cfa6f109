"""HSE.Digital with one command: `python -m examples.hse`; Ctrl-C ends all of it."""

import argparse
import sys
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path

from msgspec.structs import replace

from examples.hse import scene
from examples.hse.receivers import Receivers
from examples.hse.sample import ORGANISED
from examples.hse.serving import make_api
from examples.hse.system import BELOW, Hse, Setup, create
from examples.hse.words import ROLES, Numbers
from examples.stage.kept import keep, kept
from examples.stage.life import living
from examples.stage.logins import first_logins
from examples.stage.web import serving
from tidemill.access.identity import Grant
from tidemill.access.role import Role
from tidemill.signatures import new_secret


def main() -> int:
    """Run all of it until Ctrl-C; answer the exit code."""
    asked = _asked()
    folder: Path = asked.folder.resolve()
    url = asked.url or f"sqlite:///{folder}/jobs.db"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with ExitStack() as stack:
        receivers = stack.enter_context(Receivers().serving())
        setup = _setup(folder, receivers, asked.port)
        hse = create(url, folder, setup)
        stack.callback(hse.close)
        hse.prepare()
        worker = hse.worker()
        receivers.secrets.append(secret := new_secret())
        scene.seed(hse, scene.Told(receivers.url, secret))
        at = stack.enter_context(serving(make_api(hse), asked.port))
        print(f"HSE.Digital is at {at}/docs, its dashboard at {at}{BELOW}/, until Ctrl-C.")
        for line in _log_ins(hse):
            print(line, flush=True)
        if asked.alive:
            stack.enter_context(living(partial(scene.tick, hse)))
        code = worker.run_blocking()
    print("Everything has ended.")
    return code


def _setup(folder: Path, receivers: Receivers, port: int) -> Setup:
    """What it is made with; the keys are those of the last time, or no secret could be read."""
    address = f"http://127.0.0.1:{port}" if port else ""
    setup = Setup(
        mail=receivers.mail, receivers=(receivers.host,), address=address, numbers=Numbers.of()
    )
    with suppress(FileNotFoundError):
        setup = replace(setup, keys=kept(folder, Setup).keys)
    keep(folder, setup)
    return setup


def _log_ins(hse: Hse) -> list[str]:
    """Make somebody of each role, the first time; what is to be said of them."""
    slug, name = ORGANISED[0]
    people = {"sysadmin": ("HSE.Digital itself", Grant(Role.ADMIN))} | {
        f"{role.lower()}@{slug}.example": (f"{role} of {name}", Grant(Role(ours), hse.tenant(slug)))
        for role, ours in ROLES.items()
    }
    return first_logins(hse.app, people)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m examples.hse", description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("hse-data"), help="where it keeps all")
    parser.add_argument("--url", default="", help="where jobs are kept; by default in the folder")
    parser.add_argument("--port", type=int, default=8433)
    parser.add_argument("--alive", action="store_true", help="have things happen by themselves")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
