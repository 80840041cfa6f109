"""A worker of one application in a process of its own: `python -m examples.demo.worker finance`."""

import argparse
import sys
from pathlib import Path

from examples.demo.company import NAMES, make, stage_of


def main() -> int:
    """Work until told to stop; answer the exit code."""
    parser = argparse.ArgumentParser(prog="python -m examples.demo.worker", description=__doc__)
    parser.add_argument("name", choices=NAMES, help="of the application")
    parser.add_argument("--url", required=True, help="where jobs are kept")
    parser.add_argument("--folder", type=Path, required=True, help="of the demo")
    parser.add_argument("--address", required=True, help="of its server")
    asked = parser.parse_args()
    cast = make(stage_of(asked.name), asked.url, asked.folder, asked.address)
    return cast.worker().run_blocking()


if __name__ == "__main__":
    sys.exit(main())
