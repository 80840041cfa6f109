"""A further worker: `python -m examples.property.worker`, of what the one command has made."""

import argparse
import sys
from pathlib import Path

from examples.property.office import Setup, create
from examples.stage.kept import kept


def main() -> int:
    """Work until told to stop; answer the exit code."""
    parser = argparse.ArgumentParser(prog="python -m examples.property.worker", description=__doc__)
    parser.add_argument(
        "--folder", type=Path, default=Path("property-data"), help="where it keeps all"
    )
    parser.add_argument("--url", default="", help="where jobs are kept; by default in the folder")
    asked = parser.parse_args()
    folder: Path = asked.folder.resolve()
    try:
        setup = kept(folder, Setup)
    except FileNotFoundError:
        parser.error(f"{folder} keeps no installation: run python -m examples.property first")
    office = create(asked.url or f"sqlite:///{folder}/jobs.db", folder, setup)
    return office.worker().run_blocking()


if __name__ == "__main__":
    sys.exit(main())
