"""The company: the applications that are put on, and where each is."""

from importlib import import_module
from pathlib import Path
from typing import Final

import msgspec

from examples.demo.cast import Setup, Stage

_ALL: Final = ("compliance", "finance", "automation", "hse", "property")
_FILE: Final = "stage.json"
_CASTS: Final = Path(__file__).parent / "casts"

NAMES: Final = tuple(name for name in _ALL if (_CASTS / f"{name}.py").exists())
"""Those that are here."""


def stage_of(name: str) -> Stage:
    """The stage of an application; what it is made of is imported now."""
    stage: Stage = import_module(f"examples.demo.casts.{name}").STAGE
    return stage


def folder_of(folder: Path, name: str) -> Path:
    """Where an application keeps its own; made if it is not there."""
    own = folder / name
    own.mkdir(mode=0o700, parents=True, exist_ok=True)
    return own


def keep(folder: Path, setup: Setup) -> None:
    """Keep what has to be known of a stage, for the workers to come; nobody else can read it."""
    path = folder / _FILE
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_bytes(msgspec.json.encode(setup))


def kept(folder: Path) -> Setup:
    """What was kept of a stage."""
    return msgspec.json.decode((folder / _FILE).read_bytes(), type=dict[str, str])
