"""What a node tells the store of a module that it includes."""

from typing import Any, Final

import msgspec

from tidemill.modules.module import Module
from tidemill.modules.record import ModuleRecord
from tidemill.tasks.veil import veiled, without_logins

MOST_SETTINGS: Final = 32 << 10
"""Bytes of JSON of the settings that are told; of more only the names are."""


def told(module: Module, settings: Any) -> ModuleRecord:
    """A module as this node knows it.

    Args:
        module: that is included.
        settings: as the application has them.
    """
    return ModuleRecord(
        name=module.name,
        version=module.version,
        description=module.description,
        place=module.place,
        tasks=tuple(module.tasks),
        schedules=tuple(module.schedules),
        handlers=dict(module.handlers),
        services=module.services,
        permissions=module.permissions,
        quotas=module.quotas,
        settings=settings_told(settings),
    )


def settings_told(settings: Any) -> dict[str, Any]:
    """Settings as they are kept and shown: as JSON, without what is secret.

    Example:
        >>> settings_told({"url": "smtp://jobs:hunter2@mail", "token": "t", "most": 5})
        {'url': 'smtp://***@mail', 'token': '***', 'most': 5}
    """
    plain = settings if isinstance(settings, msgspec.Struct) else dict(settings)
    payload = msgspec.json.encode(plain, enc_hook=str)
    found: dict[str, Any] = msgspec.json.decode(payload)
    if len(payload) > MOST_SETTINGS:
        return dict.fromkeys(found, "…")
    shown: dict[str, Any] = without_logins(veiled(found))
    return shown
