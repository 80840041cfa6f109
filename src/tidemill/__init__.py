"""Background jobs for Python that need nothing to start and nothing to outgrow."""

import importlib
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
    from tidemill import signatures
    from tidemill.client.directory import Kept
    from tidemill.client.records import Records
    from tidemill.files.files import Files
    from tidemill.files.record import File
    from tidemill.worker.context import JobContext, current

__all__ = [
    "Cancel",
    "Concurrency",
    "Event",
    "File",
    "Files",
    "Job",
    "JobContext",
    "Kept",
    "Module",
    "Priority",
    "RateLimit",
    "Records",
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
    "signatures",
    "unique",
]


_LATER: typing.Final = {
    "File": "tidemill.files.record",
    "Files": "tidemill.files.files",
    "JobContext": "tidemill.worker.context",
    "Kept": "tidemill.client.directory",
    "Records": "tidemill.client.records",
    "current": "tidemill.worker.context",
}


def __getattr__(name: str) -> object:
    """Load what a program that only enqueues does not need when it is first asked for."""
    if name == "signatures":
        return importlib.import_module("tidemill.signatures")
    if name in _LATER:
        found: object = getattr(importlib.import_module(_LATER[name]), name)
        return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
