"""A worker of one application in a process of its own: `python -m examples.demo.worker finance`."""

import argparse
import sys
from pathlib import Path

from examples.demo.company import NAMES, folder_of, kept, stage_of


def main() -> int:
    """Work until told to stop; answer the exit code."""
    parser = argparse.ArgumentParser(prog="python -m examples.demo.worker", description=__doc__)
    parser.add_argument("name", choices=NAMES, help="of the application")
    parser.add_argument("--url", required=True, help="where jobs are kept")
    parser.add_argument("--folder", type=Path, required=True, help="of the demo")
    asked = parser.parse_args()
    own = folder_of(asked.folder, asked.name)
    cast = stage_of(asked.name).make(asked.url, own, kept(own))
    return cast.worker().run_blocking()


if __name__ == "__main__":
    sys.exit(main())
