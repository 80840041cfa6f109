"""Modules as they travel."""

from typing import Annotated, Any, Final

from pydantic import Field

from tidemill.api.shapes.shape import At, Out, moment
from tidemill.modules.record import ModuleRecord
from tidemill.tasks.secret import MASK


class PermissionsOut(Out):
    """What the code of a module may do, beside what its own queue and services are for."""

    queues: Annotated[list[str], Field(description="Queues that its jobs may go to.")]
    emit: Annotated[list[str], Field(description="Patterns of events that it may emit.")]
    hear: Annotated[list[str], Field(description="Patterns of events that it may be told of.")]


class ModuleQuotasOut(Out):
    """How much of a module's work is done, over all workers; `null`: as much as there is."""

    concurrency: int | None
    rate: Annotated[str | None, Field(description="As it is written.", examples=["100/1m"])]
    per_hour: int | None


class ModuleOut(Out):
    """A module, as the node that started last has told of it."""

    module: str
    version: Annotated[str, Field(description="Of what it brings.")]
    description: str
    place: Annotated[
        str, Field(description="Where it is written; empty for who may not disable it.")
    ]
    tasks: list[str]
    schedules: list[str]
    former_tasks: Annotated[
        list[str], Field(description="Of other versions, that some node may still run.")
    ]
    former_schedules: list[str]
    handlers: Annotated[
        dict[str, str], Field(description="Patterns of the events that its tasks handle.")
    ]
    services: Annotated[list[str], Field(description="What its jobs may use.")]
    permissions: Annotated[
        PermissionsOut | None, Field(description="`null`: whatever the application may.")
    ]
    quotas: ModuleQuotasOut
    settings: Annotated[
        dict[str, Any],
        Field(
            description="As the application has them; `***` in place of what is secret, and of all "
            "of it for who may not disable it."
        ),
    ]
    error: Annotated[str, Field(description="Why a node could not include it.")]
    disabled: bool
    note: Annotated[str, Field(description="Why it is disabled.")]
    changed_by: Annotated[
        str, Field(description="Who last enabled or disabled it, as the audit log names them.")
    ]
    changed_at: At | None


class ModulesOut(Out):
    """Modules, by name."""

    modules: list[ModuleOut]


_NOT_SHOWN: Final = "it could not be included; who may disable modules is told why"


def module_out(module: ModuleRecord, *, places: bool) -> dict[str, Any]:
    """A module as it travels.

    Args:
        places: whether it is told where it is written, how it is set, and in what words it failed,
            which name files of the server's.
    """
    may, quotas = module.permissions, module.quotas
    return {
        "module": module.name,
        "version": module.version,
        "description": module.description,
        "place": module.place if places else "",
        "tasks": module.tasks,
        "schedules": module.schedules,
        "former_tasks": module.former_tasks,
        "former_schedules": module.former_schedules,
        "handlers": module.handlers,
        "services": module.services,
        "permissions": may and {"queues": may.queues, "emit": may.emit, "hear": may.hear},
        "quotas": {
            "concurrency": quotas.concurrency,
            "rate": quotas.rate,
            "per_hour": quotas.per_hour,
        },
        "settings": module.settings if places else dict.fromkeys(module.settings, MASK),
        "error": module.error if places or not module.error else _NOT_SHOWN,
        "disabled": module.disabled,
        "note": module.note,
        "changed_by": module.changed_by,
        "changed_at": moment(module.changed_at),
    }
