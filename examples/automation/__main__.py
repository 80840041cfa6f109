"""Run the automation platform: `python -m examples.automation`, or only a worker of it."""

import argparse
import asyncio
import secrets
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from os import environ
from pathlib import Path
from typing import Final

from examples.automation.scene import TOLD, seed, settings_for
from examples.automation.shop import Shop
from examples.automation.system import CONSOLE, DOCS, MODULES, Automation, create
from examples.stage.web import serving
from tidemill.access.identity import Grant
from tidemill.access.role import Role
from tidemill.access.users import Users

_PEOPLE: Final[Mapping[str, Role]] = {"ada": Role.ADMIN, "ops": Role.OPERATOR, "vic": Role.VIEWER}


def main() -> int:
    """Do what the command line says."""
    asked = arguments()
    folder = asked.folder.absolute()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    shop = Shop(throttles=11, breaks=29)
    if asked.what == "worker":
        return made(asked, folder, asked.shop).app.worker().run_blocking()
    with shop.serving(asked.shop_port) as url:
        code = _everything(made(asked, folder, url), asked, folder, url)
    print("Everything has ended.")
    return code


def made(asked: argparse.Namespace, folder: Path, shop: str) -> Automation:
    """The platform as the command line and the environment say, by the names of the old one."""
    return create(
        asked.url or f"sqlite:///{folder}/jobs.db",
        folder,
        tenant=asked.tenant,
        database=asked.database,
        modules=(MODULES, *asked.modules),
        receivers=(shop.removeprefix("http://"),),
        concurrency=int(environ.get("JOB_WORKER_CONCURRENCY", "5")),
        event_days=int(environ.get("EVENT_RETENTION_DAYS", "30")),
        default_timeout=int(environ.get("JOB_DEFAULT_TIMEOUT", "300000")),
        default_attempts=int(environ.get("JOB_DEFAULT_RETRIES", "3")),
        settings=settings_for(shop),
    )


def _everything(system: Automation, asked: argparse.Namespace, folder: Path, shop: str) -> int:
    """A worker and the server, until Ctrl-C; answer the exit code."""
    with closing(system.app):
        asyncio.run(system.prepare())
        passwords = _logins(system, folder)
        asyncio.run(seed(system, shop))
        worker = system.app.worker()
        with serving(system.api, asked.port) as at:
            print(
                f"The automation platform is at {at}{CONSOLE} until Ctrl-C; its API at {at}{DOCS}"
            )
            for name, password in passwords.items():
                print(f"  {name} ({_PEOPLE[name]}) with the password {password}")
            print(f"The shop that it reads is at {shop}, and what it was told at {shop}{TOLD}")
            sys.stdout.flush()
            return worker.run_blocking()


def _logins(system: Automation, folder: Path) -> dict[str, str]:
    """People who may come in, with the passwords that they were given at first."""
    users = Users(system.app.client)
    known = {kept.key for kept in users.find()}
    passwords = {}
    for name, role in _PEOPLE.items():
        kept = folder / f"{name}.password"
        if name not in known:
            kept.touch(mode=0o600)
            kept.write_text(secrets.token_urlsafe(16))
            users.create(name, kept.read_text(), [Grant(role)])
        passwords[name] = kept.read_text() if kept.exists() else "that was given to them"
    return passwords


def arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    """What the command line says, or what is given in its place."""
    parser = argparse.ArgumentParser(prog="python -m examples.automation", description=__doc__)
    parser.add_argument("what", nargs="?", choices=["all", "worker"], default="all")
    parser.add_argument("--url", default="", help="where jobs are kept; by default in the folder")
    parser.add_argument("--folder", type=Path, default=Path("automation-data"))
    parser.add_argument("--tenant", default="", help="whose its jobs are")
    parser.add_argument("--database", default="", help="of its modules; by default in the folder")
    parser.add_argument(
        "--modules", type=Path, action="append", default=[], help="one more folder with modules"
    )
    parser.add_argument("--shop", default="http://127.0.0.1:8431", help="what a worker reads")
    parser.add_argument("--shop-port", type=int, default=8431)
    parser.add_argument("--port", type=int, default=8430)
    return parser.parse_args(given)


if __name__ == "__main__":
    sys.exit(main())
