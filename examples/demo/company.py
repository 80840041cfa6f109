"""The company: the applications that are put on, and where each is."""

from contextlib import ExitStack
from importlib import import_module
from pathlib import Path
from typing import Final

from examples.demo.cast import Cast, Stage
from examples.stage.kept import keep, kept
from tidemill.loops.clock import Clock

NAMES: Final = ("compliance", "finance", "automation", "hse", "property")


def stage_of(name: str) -> Stage:
    """The stage of an application; what it is made of is imported now."""
    stage: Stage = import_module(f"examples.demo.casts.{name}").STAGE
    return stage


def folder_of(folder: Path, name: str) -> Path:
    """Where an application keeps its own; made if it is not there."""
    own = folder / name
    own.mkdir(mode=0o700, parents=True, exist_ok=True)
    return own


def set_up(stack: ExitStack, stage: Stage, folder: Path) -> None:
    """Begin what stands in for the world of an application, and keep where that is.

    Args:
        stack: ends it when it is closed.
        stage: of the application.
        folder: of the demo.
    """
    own = folder_of(folder, stage.name)
    keep(own, stage.set_up(stack, own))


def make(stage: Stage, url: str, folder: Path, address: str, clock: Clock | None = None) -> Cast:
    """Make an application, in any process, once its stage is set up in one.

    Args:
        stage: of the application.
        url: where jobs are kept.
        folder: of the demo.
        address: where all are served.
        clock: the time that it goes by; the machine's by default.
    """
    own = folder_of(folder, stage.name)
    cast = stage.make(url, own, kept(own, dict[str, str]), clock=clock)
    cast.app.settings = cast.app.settings.given(shared(folder, address))
    return cast


def shared(folder: Path, address: str) -> dict[str, str]:
    """What is set for all: whoever removes what has expired has to find the files of each."""
    told = {"files.folder": str(folder / "files")}
    return told | {"files.url": address} if address else told
