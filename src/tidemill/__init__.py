"""Background jobs for Python that need nothing to start and nothing to outgrow."""

import typing

from tidemill import errors
from tidemill.app import Tidemill
from tidemill.client.job import Job
from tidemill.client.task import Task
from tidemill.core.event import Event
from tidemill.core.instants import millis
from tidemill.core.state import State
from tidemill.core.unique import Unique, unique
from tidemill.errors import TidemillError
from tidemill.modules.module import Module
from tidemill.tasks.directives import Cancel, Retry, Snooze
from tidemill.tasks.options import Concurrency, Priority, RateLimit
from tidemill.tasks.secret import Secret

if typing.TYPE_CHECKING:
    from tidemill.worker.context import JobContext, current

__all__ = [
    "Cancel",
    "Concurrency",
    "Event",
    "Job",
    "JobContext",
    "Module",
    "Priority",
    "RateLimit",
    "Retry",
    "Secret",
    "Snooze",
    "State",
    "Task",
    "Tidemill",
    "TidemillError",
    "Unique",
    "current",
    "errors",
    "millis",
    "unique",
]


def __getattr__(name: str) -> object:
    """Load what only a running job needs when it is first asked for."""
    if name in ("JobContext", "current"):
        from tidemill.worker import context  # noqa: PLC0415 - a program may only enqueue

        found: object = getattr(context, name)
        return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
