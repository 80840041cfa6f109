"""A worker of the hub in a process of its own: `python -m examples.compliance_hub.worker`."""

import argparse
import sys
from pathlib import Path

from examples.compliance_hub.hub import create
from examples.compliance_hub.setup import Setup
from examples.stage.kept import kept


def main() -> int:
    """Work until told to stop; answer the exit code."""
    parser = argparse.ArgumentParser(prog="python -m examples.compliance_hub.worker")
    parser.add_argument("--url", required=True, help="where jobs are kept")
    parser.add_argument("--folder", type=Path, required=True, help="where the hub keeps its files")
    parser.add_argument("--database", default="", help="the hub's own; by default in the folder")
    asked = parser.parse_args()
    folder = asked.folder.absolute()
    hub = create(asked.url, folder, kept(folder, Setup), database=asked.database)
    return hub.worker().run_blocking()


if __name__ == "__main__":
    sys.exit(main())
