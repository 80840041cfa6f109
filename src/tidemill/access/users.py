"""Users: who may come in, as what, and by which password."""

from collections.abc import Sequence
from typing import Any

from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from tidemill.access import passwords
from tidemill.access.actor import Actor
from tidemill.access.identity import USER, Grant, User, check_grants, check_user_name
from tidemill.access.role import GRADES, Permission, Role, includes
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
        self._kept = Directory(client, USER, User, "users", lambda user: user.tenants)

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
        by: Actor | None = None,
    ) -> Steps[User]:
        """Let somebody in.

        Args:
            name: what they log in as.
            password: the first one; empty: they cannot log in before they are given one.
            grants: their roles, one at least.
            full_name: what people call them.
            payloads: whether they may see what jobs hold, where their role allows it.
            by: whoever asks; `None`: somebody who may do all.

        Raises:
            InvalidName: no name for a user.
            InvalidOption: a password that will not do, or no roles.
            NotAllowed: a role for another tenant than one's own, more than one has oneself, or by
                a key.
            VersionConflict: there is a user of this name.
        """
        _check_is_person(by, "let users in")
        called = check_user_name(name)
        user = User(
            name=called,
            full_name=check_words("name", full_name),
            grants=self._checked(grants),
            payloads=payloads,
            created_at=self._client.store.clock.now(),
        )
        _check_gives(by, None, user)
        user = replace(user, password=(yield from _kept_of(password, called)))
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
        by: Actor | None = None,
    ) -> Steps[Kept[User]]:
        """Change what is known of a user; other roles, or being disabled, end all their sessions.

        Raises:
            NotFound: there is no such user.
            InvalidOption: nobody would be left who decides for the whole instance.
            NotAllowed: a role for another tenant than one's own, or more than whoever asks has;
                or a key asks for more than to have somebody disabled or called otherwise.
            VersionConflict: they are not of the version that was seen.
        """
        if (grants, payloads) != (UNSET, UNSET) or disabled is False:
            _check_is_person(by, "give users rights")
        old = yield from self._get(name)
        given: dict[str, Any] = {"payloads": payloads, "disabled": disabled}
        if not isinstance(grants, UnsetType):
            given["grants"] = self._checked(grants)
        if not isinstance(full_name, UnsetType):
            given["full_name"] = check_words("name", full_name)
        changes = {field: each for field, each in given.items() if each is not UNSET}

        def altered(user: User) -> User:
            new = replace(user, **changes)
            _check_gives(by, user, new)
            return replace(new, epoch=user.epoch + 1) if _rights(new) != _rights(user) else new

        yield from self._keep_an_admin(old.value, altered(old.value))
        return (
            yield from self._kept.change(
                old.value.name, altered, shown=f"user {name!r}", expected=expected
            )
        )

    achange = awaiting(change)

    @blocking
    def set_password(self, name: str, password: str, *, by: Actor | None = None) -> Steps[None]:
        """Give a user another password, which ends all their sessions.

        Raises:
            NotFound: there is no such user.
            InvalidOption: the password will not do.
            NotAllowed: it is somebody who sees what whoever asks does not, or a key asks.
        """
        _check_is_person(by, "set passwords")
        old = yield from self._get(name)
        if by is not None and not _is(by, old.value):
            # Whoever knows the password can log in as them.
            _check_gives(by, None, old.value)
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


def _check_is_person(by: Actor | None, deed: str) -> None:
    if by is not None:
        by.check_is_person(deed)


def _check_gives(by: Actor | None, old: User | None, new: User) -> None:
    """See to it that nobody raises their own rights, by themselves or by way of somebody else.

    Raises:
        NotAllowed: whoever asks would have given what they have not got.
    """
    if by is None:
        return
    gets = _sees_payloads(new) and not (old and _sees_payloads(old))
    if gets and Permission.PAYLOADS_READ not in by.may:
        raise NotAllowed(
            "one who may not see what jobs hold cannot let somebody see it",
            hint="give payloads=false, or ask somebody who may see it",
        )
    if old is not None and _is(by, old) and _is_more(old, new):
        raise NotAllowed(
            f"{old.name} cannot raise their own rights", hint="somebody else who may can do it"
        )


def _is(by: Actor, user: User) -> bool:
    """Whether whoever asks is this very user."""
    return (by.kind, by.name) == ("user", user.name)


def _is_more(old: User, new: User) -> bool:
    """Whether a user as they will be may anything that they may not now."""
    raised = any(
        (role := old.role_in(grant.tenant)) is None or not includes(role, grant.role)
        for grant in new.grants
    )
    return raised or (new.payloads and not old.payloads)


def _sees_payloads(user: User) -> bool:
    """Whether a user sees what jobs hold, somewhere."""
    least = GRADES[Permission.PAYLOADS_READ].role
    return user.payloads and any(includes(grant.role, least) for grant in user.grants)


def _rights(user: User) -> tuple[object, ...]:
    """What all sessions stand on, beside the password."""
    return user.grants, user.disabled, user.payloads


def _decides(user: User) -> bool:
    """Whether somebody can log in and give roles for the whole instance."""
    admin = Grant(Role.ADMIN) in user.grants
    return admin and not user.disabled and bool(user.password)


def _kept_of(password: str, user: str) -> Steps[str]:
    if not password:
        return ""
    return (yield from ask(passwords.hashed(passwords.check_password(password, user))))
