"""HSE.Digital with one command: `python -m examples.hse`; Ctrl-C ends all of it."""

import argparse
import secrets
import sys
import threading
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from examples.hse import scene
from examples.hse.receivers import Receivers
from examples.hse.sample import ORGANISED
from examples.hse.serving import serving
from examples.hse.system import BELOW, Hse, Setup, create
from examples.hse.words import ROLES, Numbers
from examples.hse.worker import keep, kept
from tidemill.access.identity import Grant
from tidemill.access.role import Role
from tidemill.access.users import Users
from tidemill.signatures import new_secret

_EVERY: Final = 5.0
"""Seconds between two things that happen by themselves."""


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
        at = stack.enter_context(serving(hse, asked.port))
        print(f"HSE.Digital is at {at}/docs, its dashboard at {at}{BELOW}/, until Ctrl-C.")
        for line in _log_ins(hse):
            print(line, flush=True)
        if asked.alive:
            stack.enter_context(_Life(hse))
        code = worker.run_blocking()
    print("Everything has ended.")
    return code


def _setup(folder: Path, receivers: Receivers, port: int) -> Setup:
    """What it is made with; the keys are those of the last time, or no secret could be read."""
    address = f"http://127.0.0.1:{port}" if port else ""
    setup = Setup(
        mail=receivers.mail, receivers=(receivers.host,), address=address, numbers=Numbers.of()
    )
    if (former := kept(folder)) is not None:
        setup = replace(setup, keys=former.keys)
    keep(folder, setup)
    return setup


def _log_ins(hse: Hse) -> list[str]:
    """Make somebody of each role, the first time; what is to be said of them."""
    users = Users(hse.app.client)
    if users.has_admin():
        return ["Log in with the passwords of the first time."]
    slug, name = ORGANISED[0]
    people = {"sysadmin": ("HSE.Digital itself", Grant(Role.ADMIN))} | {
        f"{role.lower()}@{slug}.example": (f"{role} of {name}", Grant(Role(ours), hse.tenant(slug)))
        for role, ours in ROLES.items()
    }
    told = []
    for login, (who, grant) in people.items():
        password = secrets.token_urlsafe(12)
        users.create(login, password, [grant])
        told.append(f"{who}: log in as {login}, password {password} (shown this once).")
    return told


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m examples.hse", description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("hse-data"), help="where it keeps all")
    parser.add_argument("--url", default="", help="where jobs are kept; by default in the folder")
    parser.add_argument("--port", type=int, default=8433)
    parser.add_argument("--alive", action="store_true", help="have things happen by themselves")
    return parser.parse_args()


class _Life:
    """Has things happen until the block ends."""

    def __init__(self, hse: Hse) -> None:
        self._hse = hse
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._live, name="hse-life")

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _live(self) -> None:
        number = 0
        while not self._over.wait(_EVERY):
            scene.tick(self._hse, number)
            number += 1


if __name__ == "__main__":
    sys.exit(main())
