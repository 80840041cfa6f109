"""An application on the stage of the demo: what it is made of, served by, and busy with."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from random import Random
from typing import Any, Final, NamedTuple, Protocol, TypeAlias

from msgspec import Struct
from starlette.types import ASGIApp

from tidemill import Tidemill
from tidemill.loops.clock import Clock
from tidemill.worker.worker import Worker

Setup: TypeAlias = Mapping[str, str]
"""What has to be known of the third parties that stand in for the world: where they are."""

Made: TypeAlias = Callable[[Random], Any]


def nothing(_: Random) -> None:
    """What a job comes to that comes to nothing."""


def no_arguments(_: Random) -> dict[str, Any]:
    """What a job is given that needs nothing."""
    return {}


class Deed(Struct, frozen=True, kw_only=True):
    """Something that was done again and again in the weeks before.

    Attributes:
        task: its name.
        per_day: how often somebody asked for it, besides its schedule.
        arguments: what it was given.
        result: what it came to.
        seconds: the least and the most that it took.
        fails: share of first attempts that failed, and were tried again.
        dies: share of jobs that failed for good.
        error: what they failed with: a kind and a message.
        says: a line of its log.
    """

    task: str
    per_day: float = 0.0
    arguments: Made = no_arguments
    result: Made = nothing
    seconds: tuple[float, float] = (0.1, 3.0)
    fails: float = 0.02
    dies: float = 0.0
    error: tuple[str, str] = ("TimeoutError", "no answer in 10 s")
    says: str = ""


USUAL: Final = Deed(task="")
"""What is taken for done where nothing else is said."""


class Cast(NamedTuple):
    """One application, made; it is not open yet.

    Attributes:
        app: its jobs.
        prepare: tells the store what there is: schedules, modules, rules; safe twice.
        api: makes its endpoints.
        worker: makes a worker for its jobs alone.
        seed: fills it with what it works on.
        tick: has something happen that would happen there now; numbers count up.
        close: lets go of everything.
    """

    app: Tidemill
    prepare: Callable[[], object]
    api: Callable[[], ASGIApp]
    worker: Callable[[], Worker]
    seed: Callable[[], object]
    tick: Callable[[int], object]
    close: Callable[[], object]


class Making(Protocol):
    """Makes an application; in any process, once its stage is set up in one."""

    def __call__(self, url: str, folder: Path, setup: Setup, clock: Clock | None = None) -> Cast:
        """Make it."""
        ...


class Stage(NamedTuple):
    """Where one application is put on.

    Attributes:
        name: of the application, and its tenant.
        title: what people call it.
        about: its work, in a few words.
        set_up: begins what stands in for the world, until the stack is closed.
        make: makes the application.
        deeds: what was done in the weeks before.
        tenants: itself, and behind it the customers whose deeds these are; by default it alone.
    """

    name: str
    title: str
    about: str
    set_up: Callable[[ExitStack, Path], Setup]
    make: Making
    deeds: tuple[Deed, ...]
    tenants: tuple[str, ...] = ()
