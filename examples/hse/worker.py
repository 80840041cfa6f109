"""A further worker: `python -m examples.hse.worker`, of what the one command has made."""

import argparse
import sys
from pathlib import Path
from typing import Final

import msgspec

from examples.hse.system import Setup, create

_FILE: Final = "setup.json"


def keep(folder: Path, setup: Setup) -> None:
    """Keep what an installation is made with, for the workers to come; nobody else can read it."""
    path = folder / _FILE
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_bytes(msgspec.json.encode(setup))


def kept(folder: Path) -> Setup | None:
    """What was kept in a folder, if anything was."""
    path = folder / _FILE
    return msgspec.json.decode(path.read_bytes(), type=Setup) if path.exists() else None


def main() -> int:
    """Work until told to stop; answer the exit code."""
    parser = argparse.ArgumentParser(prog="python -m examples.hse.worker", description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("hse-data"), help="where all is kept")
    parser.add_argument("--url", default="", help="where jobs are kept; by default in the folder")
    asked = parser.parse_args()
    folder: Path = asked.folder.resolve()
    setup = kept(folder)
    if setup is None:
        parser.error(f"{folder} keeps no installation: run python -m examples.hse first")
    hse = create(asked.url or f"sqlite:///{folder}/jobs.db", folder, setup)
    return hse.worker().run_blocking()


if __name__ == "__main__":
    sys.exit(main())
