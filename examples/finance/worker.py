"""A worker of Finance Management in a process of its own: `python -m examples.finance.worker`."""

import argparse
import sys
from pathlib import Path

from examples.finance.application import create


def main() -> int:
    """Work until told to stop; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m examples.finance.worker", description=__doc__)
    parser.add_argument("--url", required=True, help="where jobs are kept")
    parser.add_argument("--folder", type=Path, required=True, help="where its files are")
    parser.add_argument("--tenant", default="", help="whose its jobs are")
    parser.add_argument("--ledger", default="", help="its database; by default in the folder")
    parser.add_argument("--mail", default="", help="where its mail goes, smtp://…")
    parser.add_argument("--files", default="", help="of people; by default in the folder")
    parser.add_argument("--zone", default="UTC", help="of its schedules and its days")
    asked = vars(parser.parse_args())
    url, folder = asked.pop("url"), asked.pop("folder").absolute()
    asked["files"] = asked["files"] or f"{folder}/files"
    return create(url, folder, **asked).worker().run_blocking()


if __name__ == "__main__":
    sys.exit(main())
