"""What an installation is made with, in its folder: how workers of other processes know of it."""

from pathlib import Path
from typing import Final, TypeVar

import msgspec

_FILE: Final = "setup.json"

Setup = TypeVar("Setup")


def keep(folder: Path, setup: object) -> None:
    """Keep what an installation is made with; nobody else can read it, for there are secrets."""
    path = folder / _FILE
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_bytes(msgspec.json.encode(setup))


def kept(folder: Path, kind: type[Setup]) -> Setup:
    """What was kept in a folder.

    Raises:
        FileNotFoundError: nothing was.
    """
    return msgspec.json.decode((folder / _FILE).read_bytes(), type=kind)
