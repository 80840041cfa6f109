"""Run the hub, its worker and its third parties: `python -m examples.compliance_hub`."""

import argparse
import secrets
import sys
from pathlib import Path
from typing import Final

from examples.compliance_hub.hub import Hub
from examples.compliance_hub.sample import fill
from examples.compliance_hub.scene import staged
from examples.compliance_hub.serving import serving
from examples.compliance_hub.work import BELOW
from tidemill.access.identity import Grant
from tidemill.access.role import Role
from tidemill.access.users import Users

ADMIN: Final = "sysadmin"


def main() -> int:
    """Do what the command line says; answer the exit code."""
    asked = _arguments()
    folder: Path = asked.folder.absolute()
    url = asked.url or f"sqlite:///{folder}/jobs.db"
    address = f"http://127.0.0.1:{asked.port}"
    with staged(url, folder, database=asked.database, address=address) as hub:
        fill(hub.books, hub.now().date())
        worker = hub.worker()
        with serving(hub, asked.port):
            print(f"The hub is at {address}/docs, its dashboard at {address}{BELOW}/ until Ctrl-C")
            print(_login(hub), flush=True)
            code = worker.run_blocking()
    print("Everything has ended.")
    return code


def _login(hub: Hub) -> str:
    """Make the first SystemAdmin; answer what is to be said of it."""
    users = Users(hub.app.client)
    if users.has_admin():
        return f"Log in as {ADMIN}, with the password of the first time."
    password = secrets.token_urlsafe(12)
    users.create(ADMIN, password, [Grant(Role.ADMIN)])
    return f"Log in as {ADMIN} with the password {password}, which is shown this once."


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m examples.compliance_hub", description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("hub-data"), help="where it keeps all")
    parser.add_argument("--url", default="", help="where jobs are kept; by default in the folder")
    parser.add_argument("--database", default="", help="its own; by default in the folder as well")
    parser.add_argument("--port", type=int, default=8430)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
