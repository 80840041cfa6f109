"""Users, keys, tenants, sessions and the audit log as they travel."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import msgspec
from pydantic import Field

from tidemill.access.audit import AuditLine
from tidemill.access.identity import ApiKey, Grant, Quota, Tenant, User
from tidemill.access.role import Permission, Role
from tidemill.access.sessions import Login
from tidemill.api.shapes.shape import At, In, Limit, Moment, Name, Out, Past, Span, Words, moment
from tidemill.core.query import QueueCounts
from tidemill.core.state import State

UserName = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9_.+@\-]{0,127}$",
        description="An e-mail address, or a word.",
        examples=["zoe@example.org"],
    ),
]
Password = Annotated[str, Field(max_length=1_024, json_schema_extra={"format": "password"})]
Amount = Annotated[int | None, Field(ge=0, description="`null`: as much as there is room.")]


class GrantShape(In):
    """A role, for one tenant or, where that is `null`, for the whole instance."""

    role: Role
    tenant: Name | None = None


class UserIn(In):
    """Somebody who is to be let in."""

    name: UserName
    password: Annotated[Password, Field(description="Empty: none, until one is set.")] = ""
    grants: Annotated[list[GrantShape], Field(min_length=1, max_length=100)]
    full_name: Annotated[Words, Field(max_length=200)] = ""
    payloads: Annotated[bool, Field(description="Whether they may see what jobs hold.")] = True


class UserChangeIn(In):
    """What is to be different; what is not there stays."""

    grants: Annotated[list[GrantShape] | None, Field(min_length=1, max_length=100)] = None
    full_name: Annotated[str | None, Field(max_length=200)] = None
    payloads: bool | None = None
    disabled: bool | None = None


class PasswordIn(In):
    """Another password."""

    password: Password


class UserOut(Out):
    """Somebody who may come in."""

    name: str
    full_name: str
    grants: list[GrantShape]
    payloads: bool
    disabled: bool
    has_password: bool
    created_at: At
    version: int


class UsersOut(Out):
    """Users, by name."""

    users: list[UserOut]


class KeyIn(In):
    """A key that is to be made."""

    title: Annotated[str, Field(min_length=1, max_length=200, description="What it is for.")]
    role: Role
    scopes: Annotated[list[str], Field(min_length=1, max_length=100, default_factory=lambda: ["*"])]
    tenant: Name | None = None
    expires_at: Moment | None = None
    expires_in: Span | None = None


class ApiKeyOut(Out):
    """What is known of a key."""

    id: str
    title: str
    beginning: Annotated[str, Field(description="Of the key, so that its owner knows which.")]
    role: Role
    scopes: list[str]
    tenant: str | None
    owner: str
    created_at: At
    expires_at: At | None


class NewKeyOut(ApiKeyOut):
    """A key that has just been made."""

    secret: Annotated[str, Field(description="The key itself; shown now and never again.")]


class KeysOut(Out):
    """Keys, by when they were made."""

    keys: list[ApiKeyOut]


class QuotaShape(In):
    """How much a tenant may have."""

    waiting: Amount = None
    running: Amount = None
    per_minute: Amount = None
    payload: Amount = None


class TenantIn(In):
    """A tenant that is to be known."""

    name: Name
    title: Annotated[Words, Field(max_length=200)] = ""
    quota: QuotaShape = QuotaShape()


class TenantChangeIn(In):
    """What is to be different; what is not there stays."""

    title: Annotated[str | None, Field(max_length=200)] = None
    quota: QuotaShape | None = None
    disabled: bool | None = None


class TenantOut(Out):
    """Whose data there is."""

    name: str
    title: str
    quota: QuotaShape
    disabled: bool
    created_at: At
    version: int


class TenantsOut(Out):
    """Tenants that were made known, by name."""

    tenants: list[TenantOut]


class UseOut(Out):
    """How many jobs a tenant has now."""

    waiting: Annotated[int, Field(description="Not finished, and not running.")]
    running: int


class LoginIn(In):
    """Who wants to come in."""

    name: Annotated[str, Field(max_length=200)]
    password: Password
    tenant: Annotated[Name | None, Field(description="Whose data to look at first.")] = None


class SwitchIn(In):
    """Whose data to look at; `null`: everybody's."""

    tenant: Name | None


class SetUpIn(In):
    """The first admin."""

    token: Annotated[str, Field(max_length=200, description="As the server's console shows it.")]
    name: UserName
    password: Password


class SessionOut(Out):
    """Who is logged in, and what they may do."""

    user: str
    full_name: str
    kind: str
    role: Role | None
    tenant: str | None
    tenants: Annotated[list[str], Field(description="That one may look at instead.")]
    instance: Annotated[bool, Field(description="Whether one may look at everybody's data.")]
    permissions: list[Permission]
    csrf: Annotated[str, Field(description="To be sent in X-CSRF-Token with each change.")]


class AuditIn(In):
    """Which lines are looked for; every one given must hold."""

    actor: Annotated[str, Field(max_length=255)] = ""
    action: Annotated[str, Field(max_length=100, examples=["queues.*"])] = ""
    target: Annotated[str, Field(max_length=300)] = ""
    result: Literal["", "done", "refused"] = ""
    tenant: Name | None = None
    since: Past | None = None
    until: Past | None = None
    cursor: Annotated[int | None, Field(ge=0, le=(1 << 63) - 1)] = None
    limit: Limit = 25


class AuditLineOut(Out):
    """A line of the audit log."""

    position: int
    at: At
    actor: str
    action: str
    tenant: str
    target: str
    given: dict[str, Any]
    before: str
    after: str
    reason: str
    request: str
    address: str
    result: str
    error: str
    digest: str


class AuditOut(Out):
    """Lines of the audit log, newest first."""

    lines: list[AuditLineOut]
    cursor: Annotated[
        int | None,
        Field(description="For what comes before; a page may be short and yet have one."),
    ]


class VerifyIn(In):
    """What the log is held against."""

    noted: Annotated[
        str,
        Field(
            max_length=64,
            pattern=r"^[0-9a-f]*$",
            description="A digest that was the last one once: it must be there still.",
        ),
    ] = ""


class VerdictOut(Out):
    """Whether the audit log is whole."""

    whole: bool
    lines: int
    broken_position: int | None
    last: str
    begins_behind: Annotated[
        int | None, Field(description="The last line that was deleted for its age.")
    ]
    noted: Annotated[
        bool | None, Field(description="Whether a line has that digest; `null`: none was given.")
    ]


def grants_of(shapes: list[GrantShape]) -> tuple[Grant, ...]:
    """Roles as the wing takes them."""
    return tuple(Grant(each.role, each.tenant) for each in shapes)


def user_out(user: User, version: int) -> dict[str, Any]:
    """A user as it travels: never with their password, not even as a hash."""
    return {
        "name": user.name,
        "full_name": user.full_name,
        "grants": [{"role": each.role.value, "tenant": each.tenant} for each in user.grants],
        "payloads": user.payloads,
        "disabled": user.disabled,
        "has_password": bool(user.password),
        "created_at": moment(user.created_at),
        "version": version,
    }


def key_out(key: ApiKey) -> dict[str, Any]:
    """A key as it travels."""
    return msgspec.structs.asdict(key) | {
        "created_at": moment(key.created_at),
        "expires_at": moment(key.expires_at),
    }


def quota_of(shape: QuotaShape) -> Quota:
    """A quota as the wing takes it."""
    return Quota(**shape.model_dump())


def tenant_out(tenant: Tenant, version: int) -> dict[str, Any]:
    """A tenant as it travels."""
    return {
        "name": tenant.name,
        "title": tenant.title,
        "quota": msgspec.structs.asdict(tenant.quota),
        "disabled": tenant.disabled,
        "created_at": moment(tenant.created_at),
        "version": version,
    }


def use_out(counts: Sequence[QueueCounts]) -> dict[str, int]:
    """What a tenant has now, counted as its quota counts."""
    whole = sum(each.count for each in counts)
    running = sum(each.count for each in counts if each.state is State.RUNNING)
    return {"waiting": whole - running, "running": running}


def login_out(login: Login) -> dict[str, Any]:
    """Who is logged in, as it travels."""
    actor, user = login.actor, login.user
    return {
        "user": user.name,
        "full_name": user.full_name,
        "kind": actor.kind,
        "role": actor.role,
        "tenant": actor.tenant,
        "tenants": list(user.tenants),
        "instance": user.is_instance_wide,
        "permissions": sorted(actor.may),
        "csrf": login.csrf,
    }


def line_out(line: AuditLine) -> dict[str, Any]:
    """A line of the audit log as it travels."""
    return {
        "position": line.position,
        "at": moment(line.at),
        "actor": line.actor,
        "action": line.action,
        "tenant": line.tenant,
        **msgspec.structs.asdict(line.account),
        "digest": line.digest,
    }
