"""Run all of Finance Management by one command: `python -m examples.finance`."""

import argparse
import sys
from contextlib import ExitStack
from pathlib import Path

from examples.finance.application import create
from examples.finance.identity import Identity
from examples.finance.place import ADDRESSES
from examples.finance.post_office import PostOffice
from examples.finance.scene import seed
from examples.finance.serving import api_of
from examples.stage.web import serving


def main() -> int:
    """Do what the command line says; answer the exit code."""
    asked = _arguments()
    folder = asked.folder.absolute()
    url = asked.url or f"sqlite:///{folder}/jobs.db"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with ExitStack() as stack:
        post = stack.enter_context(PostOffice(folder / "mail").serving())
        finance = create(
            url,
            folder,
            tenant=asked.tenant,
            ledger=asked.ledger,
            mail=post.url,
            files=f"{folder}/files",
            zone=asked.zone,
        )
        stack.callback(finance.close)
        identity = stack.enter_context(Identity(asked.tenant).serving())
        worker = finance.worker()
        seed(finance)
        at = stack.enter_context(serving(api_of(finance, identity.url), asked.port))
        print(f"Finance Management is at {at} until Ctrl-C")
        print(f"Log in at {identity.url}/token as")
        for name, password in identity.passwords.items():
            print(f"  {name} with the password {password}")
        print(f"Mail of {', '.join(ADDRESSES.values())} is filed in {folder}/mail", flush=True)
        code = worker.run_blocking()
    print("Everything has ended.")
    return code


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m examples.finance", description=__doc__)
    parser.add_argument("--url", default="", help="where jobs are kept; by default in the folder")
    parser.add_argument("--folder", type=Path, default=Path("finance-data"))
    parser.add_argument("--tenant", default="", help="whose its jobs are")
    parser.add_argument("--ledger", default="", help="its database; by default in the folder")
    parser.add_argument("--zone", default="UTC", help="of its schedules and its days")
    parser.add_argument("--port", type=int, default=8421)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
