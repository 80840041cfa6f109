"""What every node knows of a module: what it brings, and whether its work is done."""

from typing import Any, Final

from msgspec import Struct

from tidemill.core.instants import Instant
from tidemill.modules.quotas import Quotas
from tidemill.tasks.charter import Permissions

KIND: Final = "module"
"""The kind of record that modules are."""


class ModuleRecord(Struct, frozen=True, kw_only=True):
    """A module as it is kept, as the node that started last has told of it.

    Attributes:
        version: of what it brings.
        place: where it is written.
        tasks: names of its tasks.
        schedules: names of its schedules.
        handlers: patterns of the events that it handles, by the task that does.
        former_tasks: tasks that nodes of other versions have told of.
        former_schedules: schedules of those.
        services: what its jobs may use.
        permissions: what its code may do besides; `None`: whatever the application may.
        quotas: how much of its work is done.
        settings: as the application has them, with a mask in place of what is secret.
        error: why a node could not include it; empty: it could.
        disabled: whether its jobs are not started now.
        note: why, in the words of whoever disabled it.
        changed_by: who last enabled or disabled it, as the audit log names them.
        changed_at: when that was.
    """

    name: str
    version: str = ""
    description: str = ""
    place: str = ""
    tasks: tuple[str, ...] = ()
    schedules: tuple[str, ...] = ()
    handlers: dict[str, str] = {}
    former_tasks: tuple[str, ...] = ()
    former_schedules: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    permissions: Permissions | None = None
    quotas: Quotas = Quotas()
    settings: dict[str, Any] = {}
    error: str = ""
    disabled: bool = False
    note: str = ""
    changed_by: str = ""
    changed_at: Instant | None = None


def mark(module: str) -> str:
    """What the note of a pause begins with that a disabled module has brought about."""
    return f"module {module} is disabled"
