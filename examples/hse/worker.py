"""A further worker: `python -m examples.hse.worker`, of what the one command has made."""

import argparse
import sys
from pathlib import Path

from examples.hse.system import Setup, create
from examples.stage.kept import kept


def main() -> int:
    """Work until told to stop; answer the exit code."""
    parser = argparse.ArgumentParser(prog="python -m examples.hse.worker", description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("hse-data"), help="where all is kept")
    parser.add_argument("--url", default="", help="where jobs are kept; by default in the folder")
    asked = parser.parse_args()
    folder: Path = asked.folder.resolve()
    try:
        setup = kept(folder, Setup)
    except FileNotFoundError:
        parser.error(f"{folder} keeps no installation: run python -m examples.hse first")
    hse = create(asked.url or f"sqlite:///{folder}/jobs.db", folder, setup)
    return hse.worker().run_blocking()


if __name__ == "__main__":
    sys.exit(main())
