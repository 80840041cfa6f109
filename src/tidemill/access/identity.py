"""Who there is: tenants, users, their sessions, and keys for programs, as they are kept."""

import re
import reprlib
from typing import Final

from msgspec import Struct

from tidemill.access.role import Role
from tidemill.core.errors import InvalidName, InvalidOption
from tidemill.core.identity import check_name
from tidemill.core.instants import Instant, Millis

USER: Final = "user"
SESSION: Final = "session"
KEY: Final = "key"
"""The kinds of records that these are."""

IDLE: Final[Millis] = 30 * 60_000
"""A session that is not used so long has ended."""
LONGEST: Final[Millis] = 12 * 3_600_000
"""A session ends so long after it began, used or not."""

_USER_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+@\-]{0,127}")


class Quota(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How much one tenant may have; `None`: as much as there is room.

    Attributes:
        waiting: jobs that are not finished and do not run; ticks of the tenant's own schedules and
            jobs that it runs again count, too.
        running: jobs that run at once; claims keep to it, whoever has enqueued them.
        per_minute: jobs that are enqueued in a minute, or come by schedules of the tenant's own.
        payload: bytes of arguments that one job may have.
    """

    waiting: int | None = None
    running: int | None = None
    per_minute: int | None = None
    payload: int | None = None


class Tenant(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Whose data it is.

    Attributes:
        title: its name for people.
        disabled: nobody of it may come in; its jobs run on.
    """

    name: str
    title: str = ""
    quota: Quota = Quota()
    disabled: bool = False
    created_at: Instant = 0


class Grant(Struct, frozen=True):
    """A role that a user has.

    Attributes:
        tenant: for this tenant; `None`: for the whole instance.
    """

    role: Role
    tenant: str | None = None


class User(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Somebody who may come in.

    Attributes:
        name: what they log in as; an e-mail address, or a word.
        grants: at most one for a tenant, and one for the instance.
        password: its hash by argon2id, with parameters and salt; empty: none can be right.
        payloads: whether they may see what jobs hold, where their role allows it.
        epoch: grows when the password or the grants change, and ends all sessions before.
    """

    name: str
    full_name: str = ""
    grants: tuple[Grant, ...] = ()
    password: str = ""
    payloads: bool = True
    disabled: bool = False
    epoch: int = 0
    created_at: Instant = 0

    def role_in(self, tenant: str | None) -> Role | None:
        """The role that a user has there: the one for the instance counts everywhere."""
        roles = [grant.role for grant in self.grants if grant.tenant in (None, tenant)]
        return max(roles, key=list(Role).index, default=None)

    @property
    def tenants(self) -> tuple[str, ...]:
        """The tenants for which they have a role of their own, by name."""
        return tuple(sorted(grant.tenant for grant in self.grants if grant.tenant is not None))

    @property
    def is_instance_wide(self) -> bool:
        """Whether they have a role for the whole instance."""
        return any(grant.tenant is None for grant in self.grants)


class Session(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A browser in which somebody has logged in; kept under the digest of its token.

    Attributes:
        tenant: whose data is looked at; `None`: everybody's.
        epoch: the user's when it began.
        seen_at: when it was last used, to the minute.
        agent: what the browser calls itself.
    """

    user: str
    tenant: str | None
    epoch: int
    created_at: Instant
    seen_at: Instant
    agent: str = ""

    def holds(self, now: Instant) -> bool:
        """Whether it has not ended by itself."""
        return now < min(self.seen_at + IDLE, self.created_at + LONGEST)


class ApiKey(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a program comes in with; kept under the digest of the key.

    Attributes:
        id: what it is called by; a name and nothing secret.
        title: what it is for, in words.
        beginning: of the key, so that its owner knows which one it is.
        role: the most that it may do.
        scopes: and of that only these, see `read_scopes`.
        tenant: whose data alone it reaches; `None`: everybody's.
        expires_at: not any more from then on; `None`: it never expires.
        owner: who made it.
        of_user: whether that is a user here: it may no more than they, and nothing without them;
            `None`: nobody can tell, and it opens nothing.
    """

    id: str
    title: str
    beginning: str
    role: Role
    scopes: tuple[str, ...]
    tenant: str | None
    owner: str
    created_at: Instant
    expires_at: Instant | None = None
    of_user: bool | None = None


def check_user_name(name: object) -> str:
    """The name of a user, if it can be one.

    Raises:
        InvalidName: it is empty, longer than 128, or holds anything but letters, digits, `_.+@-`.
    """
    if not isinstance(name, str) or not _USER_NAME.fullmatch(name):
        raise InvalidName(
            f"user name {reprlib.repr(name)} is not allowed",
            hint="use an e-mail address, or letters, digits and '_.+@-'",
        )
    return name.lower()


def check_grants(grants: tuple[Grant, ...]) -> tuple[Grant, ...]:
    """Grants, in the order of their tenants, if they do not contradict each other.

    Raises:
        InvalidOption: two of them are for one tenant.
        InvalidName: one is for what is no name of a tenant.
    """
    tenants = [grant.tenant and check_name("tenant", grant.tenant) for grant in grants]
    if len(set(tenants)) < len(tenants):
        raise InvalidOption("two roles are given for one tenant", hint="give one for each")
    return tuple(sorted(grants, key=lambda grant: grant.tenant or ""))
