"""Roles, and the one table of what each of them may do."""

from enum import StrEnum
from typing import Final

from msgspec import Struct

from tidemill.core.errors import InvalidOption


class Role(StrEnum):
    """What somebody is, for one tenant or for the whole instance.

    Each may do what those before it may.
    """

    VIEWER = "viewer"
    """Looks, and changes nothing. What jobs were given and answered is masked."""
    OPERATOR = "operator"
    """Runs, retries, cancels, pauses."""
    ADMIN = "admin"
    """Decides who may do what, and reads who did what."""


class Permission(StrEnum):
    """One thing that can be allowed. Every route names the one that it needs."""

    JOBS_READ = "jobs.read"
    JOBS_ENQUEUE = "jobs.enqueue"
    JOBS_CHANGE = "jobs.change"
    """Cancel, retry, run now, postpone, reprioritise, move."""
    JOBS_DELETE = "jobs.delete"
    PAYLOADS_READ = "payloads.read"
    """See what jobs were given, what they answered, and what they said."""
    QUEUES_READ = "queues.read"
    QUEUES_CHANGE = "queues.change"
    TASKS_READ = "tasks.read"
    TASKS_CHANGE = "tasks.change"
    MODULES_READ = "modules.read"
    MODULES_CHANGE = "modules.change"
    SCHEDULES_READ = "schedules.read"
    SCHEDULES_RUN = "schedules.run"
    SCHEDULES_CHANGE = "schedules.change"
    WORKERS_READ = "workers.read"
    EVENTS_READ = "events.read"
    EVENTS_EMIT = "events.emit"
    EVENTS_CLEAN = "events.clean"
    STATISTICS_READ = "statistics.read"
    METRICS_READ = "metrics.read"
    ALERTS_READ = "alerts.read"
    ALERTS_ACKNOWLEDGE = "alerts.acknowledge"
    ALERTS_CHANGE = "alerts.change"
    AUDIT_READ = "audit.read"
    AUDIT_VERIFY = "audit.verify"
    USERS_READ = "users.read"
    USERS_CHANGE = "users.change"
    KEYS_READ = "keys.read"
    KEYS_CHANGE = "keys.change"
    TENANTS_READ = "tenants.read"
    TENANTS_CHANGE = "tenants.change"
    SETTINGS_READ = "settings.read"


class Grade(Struct, frozen=True):
    """Who has a permission.

    Attributes:
        role: the least role that has it.
        instance: whether it takes a role for the whole instance; one for a tenant does not do.
    """

    role: Role
    instance: bool = False


P = Permission
GRADES: Final[dict[Permission, Grade]] = {
    P.JOBS_READ: Grade(Role.VIEWER),
    P.JOBS_ENQUEUE: Grade(Role.OPERATOR),
    P.JOBS_CHANGE: Grade(Role.OPERATOR),
    P.JOBS_DELETE: Grade(Role.OPERATOR),
    P.PAYLOADS_READ: Grade(Role.OPERATOR),
    P.QUEUES_READ: Grade(Role.VIEWER),
    P.QUEUES_CHANGE: Grade(Role.OPERATOR, instance=True),
    P.TASKS_READ: Grade(Role.VIEWER),
    P.TASKS_CHANGE: Grade(Role.OPERATOR, instance=True),
    P.MODULES_READ: Grade(Role.VIEWER, instance=True),
    P.MODULES_CHANGE: Grade(Role.OPERATOR, instance=True),
    P.SCHEDULES_READ: Grade(Role.VIEWER),
    P.SCHEDULES_RUN: Grade(Role.OPERATOR),
    P.SCHEDULES_CHANGE: Grade(Role.OPERATOR),
    P.WORKERS_READ: Grade(Role.VIEWER, instance=True),
    P.EVENTS_READ: Grade(Role.VIEWER),
    P.EVENTS_EMIT: Grade(Role.OPERATOR),
    P.EVENTS_CLEAN: Grade(Role.ADMIN, instance=True),
    P.STATISTICS_READ: Grade(Role.VIEWER),
    P.METRICS_READ: Grade(Role.VIEWER, instance=True),
    P.ALERTS_READ: Grade(Role.VIEWER),
    P.ALERTS_ACKNOWLEDGE: Grade(Role.OPERATOR),
    P.ALERTS_CHANGE: Grade(Role.ADMIN),
    P.AUDIT_READ: Grade(Role.ADMIN),
    P.AUDIT_VERIFY: Grade(Role.ADMIN, instance=True),
    P.USERS_READ: Grade(Role.ADMIN),
    P.USERS_CHANGE: Grade(Role.ADMIN),
    P.KEYS_READ: Grade(Role.ADMIN),
    P.KEYS_CHANGE: Grade(Role.ADMIN),
    P.TENANTS_READ: Grade(Role.ADMIN, instance=True),
    P.TENANTS_CHANGE: Grade(Role.ADMIN, instance=True),
    P.SETTINGS_READ: Grade(Role.ADMIN, instance=True),
}
"""The one table of permissions."""

_RANKS: Final = {role: rank for rank, role in enumerate(Role)}


def includes(role: Role, other: Role) -> bool:
    """Whether a role may do all that another one may.

    Example:
        >>> includes(Role.ADMIN, Role.VIEWER), includes(Role.VIEWER, Role.OPERATOR)
        (True, False)
    """
    return _RANKS[role] >= _RANKS[other]


def permissions(role: Role, *, instance: bool) -> frozenset[Permission]:
    """What a role may do, for the whole instance or for one tenant."""
    return frozenset(
        permission
        for permission, grade in GRADES.items()
        if includes(role, grade.role) and (instance or not grade.instance)
    )


def read_role(written: object) -> Role:
    """The role that somebody has written.

    Raises:
        InvalidOption: there is none of that name.
    """
    try:
        return Role(written)  # type: ignore[arg-type]  # whatever it is, this tells
    except ValueError:
        raise InvalidOption(
            f"{written!r} is no role", hint=f"there are {', '.join(Role)}"
        ) from None


def read_scopes(written: object) -> tuple[str, ...]:
    """What a key may be used for: names of permissions, `"jobs.*"` for all of a noun, `"*"`.

    Raises:
        InvalidOption: no list of these.
    """
    if not isinstance(written, list | tuple) or not written:
        raise InvalidOption("scopes are a list, and not an empty one", hint='write ["jobs.*"]')
    known = {*Permission, *(f"{each.partition('.')[0]}.*" for each in Permission), "*"}
    for scope in written:
        if scope not in known:
            raise InvalidOption(
                f"{scope!r} is no scope", hint='use names of permissions, "jobs.*", or "*"'
            )
    return tuple(dict.fromkeys(written))


def covers(scopes: tuple[str, ...], permission: Permission) -> bool:
    """Whether scopes hold a permission.

    Example:
        >>> covers(("jobs.*",), Permission.JOBS_READ), covers(("jobs.*",), Permission.AUDIT_READ)
        (True, False)
    """
    noun = f"{permission.partition('.')[0]}.*"
    return any(scope in (permission, noun, "*") for scope in scopes)
