"""Property management with one command: `python -m examples.property`; Ctrl-C ends all of it."""

import argparse
import os
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from examples.property import scene
from examples.property.office import BELOW, Office, Setup, create
from examples.property.receivers import Receivers
from examples.property.words import PAGE_SIZE, ROLES, SYSTEM
from examples.stage.kept import keep
from examples.stage.life import living
from examples.stage.logins import first_logins
from examples.stage.web import serving
from tidemill.access.identity import Grant
from tidemill.access.role import Role


def main() -> int:
    """Run all of it until Ctrl-C; answer the exit code."""
    asked = _asked()
    folder: Path = asked.folder.resolve()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    url = store_url(asked.url, os.environ, folder)
    with ExitStack() as stack:
        receivers = stack.enter_context(Receivers().serving())
        setup = Setup(
            mail=receivers.mail,
            sms=receivers.sms,
            push=receivers.push,
            page_size=int(os.environ.get("JOB_UI_PAGE_SIZE", PAGE_SIZE)),
        )
        keep(folder, setup)
        office = create(url, folder, setup)
        stack.callback(office.close)
        office.prepare()
        worker = office.worker()
        scene.seed(office)
        at = stack.enter_context(serving(office.api(), asked.port))
        print(f"Property management is at {at}/docs, its dashboard at {at}{BELOW}/, until Ctrl-C.")
        for line in _log_ins(office):
            print(line, flush=True)
        if asked.alive:
            stack.enter_context(living(partial(scene.tick, office)))
        code = worker.run_blocking()
    print("Everything has ended.")
    return code


def store_url(asked: str, environment: Mapping[str, str], folder: Path) -> str:
    """Where jobs are kept: as asked, or by the name that the system before had for that.

    Example:
        >>> store_url("", {"REDIS_URL": "postgresql://db/jobs"}, Path("data"))
        'postgresql://db/jobs'
    """
    return asked or environment.get("REDIS_URL") or f"sqlite:///{folder}/jobs.db"


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m examples.property", description=__doc__)
    parser.add_argument(
        "--folder", type=Path, default=Path("property-data"), help="where it keeps all"
    )
    parser.add_argument("--url", default="", help="where jobs are kept; by default in the folder")
    parser.add_argument("--port", type=int, default=8434)
    parser.add_argument("--alive", action="store_true", help="have tickets come and go on")
    return parser.parse_args()


def _log_ins(office: Office) -> list[str]:
    """Make somebody of each role, the first time; what is to be said of them."""
    # Whoever is ADMIN here sees to the whole instance: it is this system's own.
    people = {
        name.lower(): (name, Grant(Role(role), None if role == Role.ADMIN else SYSTEM))
        for name, role in ROLES.items()
    }
    return first_logins(office.app, people)


if __name__ == "__main__":
    sys.exit(main())
