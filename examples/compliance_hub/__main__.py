"""Run the hub, its worker and its third parties: `python -m examples.compliance_hub`."""

import argparse
import sys
from pathlib import Path
from typing import Final

from examples.compliance_hub.sample import fill
from examples.compliance_hub.scene import staged
from examples.compliance_hub.serving import make_api
from examples.compliance_hub.work import BELOW
from examples.stage.logins import first_logins
from examples.stage.web import serving
from tidemill.access.identity import Grant
from tidemill.access.role import Role

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
        with serving(make_api(hub), asked.port):
            print(f"The hub is at {address}/docs, its dashboard at {address}{BELOW}/ until Ctrl-C")
            people = {ADMIN: ("SystemAdmin", Grant(Role.ADMIN))}
            print(*first_logins(hub.app, people), flush=True)
            code = worker.run_blocking()
    print("Everything has ended.")
    return code


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m examples.compliance_hub", description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("hub-data"), help="where it keeps all")
    parser.add_argument("--url", default="", help="where jobs are kept; by default in the folder")
    parser.add_argument("--database", default="", help="its own; by default in the folder as well")
    parser.add_argument("--port", type=int, default=8432)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
