"""Users: who may come in, as what, and by which password."""

from collections.abc import Sequence

from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from tidemill.access import passwords
from tidemill.access.identity import USER, Grant, User, check_grants, check_user_name
from tidemill.access.role import Role
from tidemill.client.client import Client
from tidemill.client.directory import Directory, Kept
from tidemill.client.steps import Steps, ask, awaiting, blocking
from tidemill.core.errors import InvalidOption, NotAllowed, NotFound, VersionConflict
from tidemill.core.identity import check_words


class Users:
    """The users of one store.

    Every verb comes twice: as it is for threads, with an `a` before it for async code. Asked
    through a client that is confined to a tenant, nobody is there but who has a role for that
    tenant and for nothing else, and no other role can be given.
    """

    def __init__(self, client: Client) -> None:
        """Ask through this client."""
        self._client = client
        self._kept = Directory(client, USER, User, "users")

    @blocking
    def find(self) -> Steps[list[Kept[User]]]:
        """All users, by name."""
        return [each for each in (yield from self._kept.all()) if self._is_ours(each.value)]

    afind = awaiting(find)

    @blocking
    def get(self, name: str) -> Steps[Kept[User]]:
        """One user.

        Raises:
            NotFound: there is none of this name.
        """
        return self._get(name)

    aget = awaiting(get)

    @blocking
    def create(
        self,
        name: str,
        password: str,
        grants: Sequence[Grant],
        *,
        full_name: str = "",
        payloads: bool = True,
    ) -> Steps[User]:
        """Let somebody in.

        Args:
            name: what they log in as.
            password: the first one; empty: they cannot log in before they are given one.
            grants: their roles, one at least.
            full_name: what people call them.
            payloads: whether they may see what jobs hold, where their role allows it.

        Raises:
            InvalidName: no name for a user.
            InvalidOption: a password that will not do, or no roles.
            NotAllowed: a role for another tenant than one's own.
            VersionConflict: there is a user of this name.
        """
        called = check_user_name(name)
        user = User(
            name=called,
            full_name=check_words("name", full_name),
            grants=self._checked(grants),
            password=(yield from _kept_of(password, called)),
            payloads=payloads,
            created_at=self._client.store.clock.now(),
        )
        try:
            return (yield from self._kept.add(called, user))
        except VersionConflict as error:
            raise VersionConflict(
                f"there is a user {called!r} already", hint="take another name"
            ) from error

    acreate = awaiting(create)

    @blocking
    def change(
        self,
        name: str,
        *,
        grants: Sequence[Grant] | UnsetType = UNSET,
        full_name: str | UnsetType = UNSET,
        payloads: bool | UnsetType = UNSET,
        disabled: bool | UnsetType = UNSET,
        expected: int | None = None,
    ) -> Steps[Kept[User]]:
        """Change what is known of a user; other roles, or being disabled, end all their sessions.

        Raises:
            NotFound: there is no such user.
            InvalidOption: nobody would be left who decides for the whole instance.
            NotAllowed: a role for another tenant than one's own.
            VersionConflict: they are not of the version that was seen.
        """
        old = yield from self._get(name)
        checked = grants if isinstance(grants, UnsetType) else self._checked(grants)

        def altered(user: User) -> User:
            new = user
            if not isinstance(checked, UnsetType):
                new = replace(new, grants=checked)
            if not isinstance(full_name, UnsetType):
                new = replace(new, full_name=check_words("name", full_name))
            if not isinstance(payloads, UnsetType):
                new = replace(new, payloads=payloads)
            if not isinstance(disabled, UnsetType):
                new = replace(new, disabled=disabled)
            ends = (new.grants, new.disabled, new.payloads) != (
                user.grants,
                user.disabled,
                user.payloads,
            )
            return replace(new, epoch=user.epoch + 1) if ends else new

        yield from self._keep_an_admin(old.value, altered(old.value))
        return (
            yield from self._kept.change(
                old.value.name, altered, shown=f"user {name!r}", expected=expected
            )
        )

    achange = awaiting(change)

    @blocking
    def set_password(self, name: str, password: str) -> Steps[None]:
        """Give a user another password, which ends all their sessions.

        Raises:
            NotFound: there is no such user.
            InvalidOption: the password will not do.
        """
        old = yield from self._get(name)
        kept = yield from _kept_of(password, old.value.name)

        def altered(user: User) -> User:
            return replace(user, password=kept, epoch=user.epoch + 1)

        yield from self._kept.change(
            old.value.name, altered, shown=f"user {name!r}", verb="set_password"
        )

    aset_password = awaiting(set_password)

    @blocking
    def delete(self, name: str, *, expected: int | None = None) -> Steps[None]:
        """Let somebody in no more.

        Raises:
            NotFound: there is no such user.
            InvalidOption: nobody would be left who decides for the whole instance.
            VersionConflict: they are not of the version that was seen.
        """
        old = yield from self._get(name)
        yield from self._keep_an_admin(old.value, None)
        yield from self._kept.remove(old.value.name, shown=f"user {name!r}", expected=expected)

    adelete = awaiting(delete)

    @blocking
    def has_admin(self) -> Steps[bool]:
        """Whether there is anybody who decides for the whole instance."""
        return any(_decides(each.value) for each in (yield from self._kept.all()))

    ahas_admin = awaiting(has_admin)

    def _get(self, name: str) -> Steps[Kept[User]]:
        shown = f"user {name!r}"
        kept = yield from self._kept.get(check_user_name(name), shown)
        if not self._is_ours(kept.value):
            raise NotFound(f"there is no {shown}", hint="`tidemill users list` names what there is")
        return kept

    def _is_ours(self, user: User) -> bool:
        if not self._client.confined:
            return True
        return [grant.tenant for grant in user.grants] == [self._client.tenant]

    def _checked(self, grants: Sequence[Grant]) -> tuple[Grant, ...]:
        if not grants:
            raise InvalidOption("no role is given", hint=f"give one of {', '.join(Role)}")
        checked = check_grants(tuple(grants))
        if self._client.confined and any(grant.tenant != self._client.tenant for grant in checked):
            raise NotAllowed(
                "a role for others than one's own tenant was to be given",
                hint="somebody with a role for the whole instance can give it",
            )
        return checked

    def _keep_an_admin(self, old: User, new: User | None) -> Steps[None]:
        """See to it that not everybody who decides for the instance is gone."""
        if not _decides(old) or (new is not None and _decides(new)):
            return
        others = [each.value for each in (yield from self._kept.all())]
        if not any(_decides(each) for each in others if each.name != old.name):
            raise InvalidOption(
                f"{old.name} is the last one who decides for the whole instance",
                hint="make somebody else an admin first",
            )


def _decides(user: User) -> bool:
    """Whether somebody can log in and give roles for the whole instance."""
    admin = Grant(Role.ADMIN) in user.grants
    return admin and not user.disabled and bool(user.password)


def _kept_of(password: str, user: str) -> Steps[str]:
    if not password:
        return ""
    return (yield from ask(passwords.hashed(passwords.check_password(password, user))))
