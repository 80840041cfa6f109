"""The hub with one command: `python -m examples.compliance_hub`; Ctrl-C ends all of it."""

import argparse
import secrets
import sys
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from examples.compliance_hub.hub import Setup, create
from examples.compliance_hub.mailroom import Mailroom
from examples.compliance_hub.sample import elsewhere, fill
from examples.compliance_hub.serving import BELOW, serving
from examples.compliance_hub.standin import Secrets, StandIn
from tidemill import Tidemill
from tidemill.access.identity import Grant
from tidemill.access.role import Role
from tidemill.access.users import Users

ADMIN = "sysadmin"


def main() -> int:
    """Run the hub, its worker and all third parties until Ctrl-C; answer the exit code."""
    asked = _asked()
    folder: Path = asked.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        known = Secrets.new()
        mailroom = stack.enter_context(Mailroom().serving())
        today = datetime.now(UTC).date()
        stand_in = StandIn(elsewhere(today), known, fails_every=17)
        stack.enter_context(stand_in.serving())
        setup = Setup(third_party=stand_in.url, known=known, mail=mailroom.url)
        hub = create(asked.url or f"sqlite:///{folder}/jobs.db", folder, setup)
        stack.callback(hub.close)
        fill(hub.books, hub.today())
        worker = hub.worker()
        url = stack.enter_context(serving(hub, asked.port))
        print(f"The hub is at {url}/docs, its dashboard at {url}{BELOW}/, until Ctrl-C.")
        print(_login(hub.app))
        return worker.run_blocking()


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="compliance_hub", description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("hub-data"), help="where it keeps all")
    parser.add_argument("--url", default="", help="where jobs are kept; by default in the folder")
    parser.add_argument("--port", type=int, default=8430)
    return parser.parse_args()


def _login(app: Tidemill) -> str:
    """Make the first SystemAdmin; answer what is to be said of it."""
    users = Users(app.client)
    if users.has_admin():
        return f"Log in as {ADMIN}, with the password of the first time."
    password = secrets.token_urlsafe(12)
    users.create(ADMIN, password, [Grant(Role.ADMIN)])
    return f"Log in as {ADMIN}, password {password} (shown this once)."


if __name__ == "__main__":
    sys.exit(main())
