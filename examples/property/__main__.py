"""Property management with one command: `python -m examples.property`; Ctrl-C ends all of it."""

import argparse
import os
import secrets
import sys
import threading
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from examples.property import scene
from examples.property.office import BELOW, Office, Setup, create
from examples.property.receivers import Receivers
from examples.property.serving import serving
from examples.property.words import PAGE_SIZE, ROLES, SYSTEM
from tidemill.access.identity import Grant
from tidemill.access.role import Role
from tidemill.access.users import Users

_EVERY: Final = 5.0
"""Seconds between two things that happen by themselves."""


def main() -> int:
    """Run all of it until Ctrl-C; answer the exit code."""
    asked = _asked()
    folder: Path = asked.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    url = store_url(asked.url, os.environ, folder)
    with ExitStack() as stack:
        receivers = stack.enter_context(Receivers().serving())
        setup = Setup(
            mail=receivers.mail,
            sms=receivers.sms,
            push=receivers.push,
            page_size=int(os.environ.get("JOB_UI_PAGE_SIZE", PAGE_SIZE)),
        )
        office = create(url, folder, setup)
        stack.callback(office.close)
        office.prepare()
        worker = office.worker()
        scene.seed(office)
        at = stack.enter_context(serving(office, asked.port))
        print(f"Property management is at {at}/docs, its dashboard at {at}{BELOW}/, until Ctrl-C.")
        for line in _log_ins(office):
            print(line)
        if asked.alive:
            stack.enter_context(_Life(office))
        return worker.run_blocking()


def store_url(asked: str, environment: Mapping[str, str], folder: Path) -> str:
    """Where jobs are kept: as asked, or by the name that the system before had for that.

    Example:
        >>> store_url("", {"REDIS_URL": "postgresql://db/jobs"}, Path("data"))
        'postgresql://db/jobs'
    """
    return asked or environment.get("REDIS_URL") or f"sqlite:///{folder}/jobs.db"


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="property", description=__doc__)
    parser.add_argument(
        "--folder", type=Path, default=Path("property-data"), help="where it keeps all"
    )
    parser.add_argument("--url", default="", help="where jobs are kept; by default in the folder")
    parser.add_argument("--port", type=int, default=8434)
    parser.add_argument("--alive", action="store_true", help="have tickets come and go on")
    return parser.parse_args()


def _log_ins(office: Office) -> list[str]:
    """Make somebody of each role, the first time; what is to be said of them."""
    users = Users(office.app.client)
    if users.has_admin():
        return ["Log in with the passwords of the first time."]
    told = []
    for name, role in ROLES.items():
        password = secrets.token_urlsafe(12)
        # Whoever is ADMIN here sees to the whole instance: it is this system's own.
        tenant = None if role == Role.ADMIN else SYSTEM
        users.create(name.lower(), password, [Grant(Role(role), tenant)])
        told.append(f"{name}: log in as {name.lower()}, password {password} (shown this once).")
    return told


class _Life:
    """Has things happen until the block ends."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._live, name="property-life")

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _live(self) -> None:
        number = 0
        while not self._over.wait(_EVERY):
            scene.tick(self._office, number)
            number += 1


if __name__ == "__main__":
    sys.exit(main())
