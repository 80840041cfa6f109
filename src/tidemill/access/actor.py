"""Whoever asks for something, and what they may have."""

from typing import Final, Literal

from msgspec import Struct
from msgspec.structs import replace

from tidemill.access.identity import ApiKey, User
from tidemill.access.role import Permission, Role, covers, permissions
from tidemill.core.errors import NotAllowed, NotFound

Kind = Literal["user", "key", "host", "shell", "nobody"]


class Actor(Struct, frozen=True, kw_only=True):
    """Whoever asks.

    Attributes:
        kind: a user in a browser, a key of a program, somebody whom a host application vouches
            for, somebody at the command line, or nobody that we know.
        name: what the audit log calls them.
        tenant: whose data alone they reach; `None`: everybody's.
        role: what they are there; `None`: nothing.
        may: what they may do.
    """

    kind: Kind
    name: str
    tenant: str | None = None
    role: Role | None = None
    may: frozenset[Permission] = frozenset()

    def check(self, permission: Permission) -> None:
        """See to it that they may do this.

        Raises:
            NotAllowed: they may not.
        """
        if permission not in self.may:
            raise NotAllowed(
                f"{self.name or 'nobody'} has no permission {permission}",
                hint="somebody with the role admin can give a role that has it",
            )

    def confined(self, tenant: str) -> "Actor":
        """The same one, who looks at the data of one tenant alone.

        Raises:
            NotFound: they do not reach it.
        """
        if tenant == self.tenant:
            return self
        if self.tenant is not None or self.role is None:
            raise NotFound(f"there is no tenant {tenant!r}")
        return replace(self, tenant=tenant, may=self.may & permissions(self.role, instance=False))

    @property
    def source(self) -> str:
        """How the audit log names them, such as `"user:zoe"`."""
        return f"{self.kind}:{self.name}"


NOBODY: Final = Actor(kind="nobody", name="")


def actor_of_user(user: User, tenant: str | None) -> Actor:
    """A user who looks at the data of one tenant, or, with a role for the instance, at all."""
    role = user.role_in(tenant)
    if role is None:
        return Actor(kind="user", name=user.name, tenant=tenant)
    may = permissions(role, instance=tenant is None)
    if not user.payloads:
        may -= {Permission.PAYLOADS_READ}
    return Actor(kind="user", name=user.name, tenant=tenant, role=role, may=may)


def actor_of_key(key: ApiKey) -> Actor:
    """A program that comes with a key."""
    may = permissions(key.role, instance=key.tenant is None)
    return Actor(
        kind="key",
        name=key.id,
        tenant=key.tenant,
        role=key.role,
        may=frozenset(each for each in may if covers(key.scopes, each)),
    )
