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

    def check_is_person(self, deed: str) -> None:
        """See to it that somebody asks, and no program with a key.

        Args:
            deed: what is asked for, such as `"make keys"`.

        Raises:
            NotAllowed: it is a key, and one that leaked could let others in for good.
        """
        if self.kind == "key":
            raise NotAllowed(f"a key cannot {deed}", hint="a person has to do it: log in as a user")

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


def actor_of_key(key: ApiKey, owner: User | None = None) -> Actor:
    """A program that comes with a key.

    Args:
        owner: the user who made it, who has to have all that it may; `None`: no user did.
    """
    may = permissions_of_key(key.role, key.scopes, key.tenant)
    if owner is not None:
        may &= actor_of_user(owner, key.tenant).may
    return Actor(kind="key", name=key.id, tenant=key.tenant, role=key.role, may=may)


def permissions_of_key(
    role: Role, scopes: tuple[str, ...], tenant: str | None
) -> frozenset[Permission]:
    """What a key may do, whoever made it."""
    may = permissions(role, instance=tenant is None)
    return frozenset(each for each in may if covers(scopes, each))
