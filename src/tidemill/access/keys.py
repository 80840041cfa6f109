"""Keys: what programs come in with. Each is shown once, when it is made."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from msgspec import Struct

from tidemill.access import tokens
from tidemill.access.actor import Actor, actor_of_key, permissions_of_key
from tidemill.access.identity import KEY, USER, ApiKey, User
from tidemill.access.role import Role, read_role, read_scopes
from tidemill.client.client import Client
from tidemill.client.directory import Directory
from tidemill.client.steps import Steps, awaiting, blocking
from tidemill.core.errors import InvalidOption, NotAllowed, NotFound
from tidemill.core.identity import check_name, check_words, new_id
from tidemill.core.instants import Duration, Instant, from_datetime, millis

_MOST_TITLE: Final = 200


class NewKey(Struct, frozen=True):
    """A key that has just been made.

    Attributes:
        key: what is known of it.
        secret: the key itself, which is shown now and never again.
    """

    key: ApiKey
    secret: str


class Keys:
    """The keys of one store.

    Every verb comes twice: as it is for threads, with an `a` before it for async code. Asked
    through a client that is confined to a tenant, only that tenant's keys are there.
    """

    def __init__(self, client: Client, owner: str) -> None:
        """Ask through this client; what is made is somebody's."""
        self._client = client
        self._owner = owner
        self._kept = Directory(
            client, KEY, ApiKey, "keys", lambda key: [key.tenant] if key.tenant else []
        )
        self._users = Directory(client, USER, User, "users")

    @blocking
    def find(self) -> Steps[list[ApiKey]]:
        """All keys, by when they were made."""
        found = [each.value for each in (yield from self._kept.all())]
        return sorted(filter(self._is_ours, found), key=lambda key: (key.created_at, key.id))

    afind = awaiting(find)

    @blocking
    def get(self, id: str) -> Steps[ApiKey]:  # noqa: A002 - the word for it
        """One key.

        Raises:
            NotFound: there is none of this id.
        """
        _, key = yield from self._find(id)
        return key

    aget = awaiting(get)

    @blocking
    def create(
        self,
        title: str,
        *,
        role: Role | str,
        scopes: Sequence[str] = ("*",),
        tenant: str | None = None,
        expires: datetime | Duration | None = None,
        by: Actor | None = None,
    ) -> Steps[NewKey]:
        """Make a key.

        Args:
            title: what it is for.
            role: the most that it may do.
            scopes: and of that only these: names of permissions, `"jobs.*"`, or `"*"`.
            tenant: whose data alone it reaches; `None`: everybody's, or that of the tenant to
                which whoever asks is confined.
            expires: a moment, or so long from now; `None`: never.
            by: whoever asks, and has to have all that it may; `None`: somebody who has all.

        Raises:
            InvalidOption: a role, a scope or a time that makes no sense.
            NotFound: the tenant has just been removed.
            NotAllowed: a key for another tenant than one's own, by another key, or one that would
                open nothing, for whoever asks has nothing of it.
        """
        if by is not None:
            by.check_is_person("make keys")
        now = self._client.store.clock.now()
        secret = tokens.new_token(tokens.KEY_MARK)
        whose, most = self._tenant(tenant), read_role(role)
        key = ApiKey(
            id=new_id(),
            title=_title(title),
            beginning=tokens.beginning(secret),
            role=most,
            scopes=_had(by, most, read_scopes(list(scopes)), whose),
            tenant=whose,
            owner=self._owner,
            created_at=now,
            expires_at=_moment(expires, now),
            of_user=by is not None and by.kind == "user",
        )
        yield from self._kept.add(tokens.digest(secret), key, target=key.id)
        return NewKey(key, secret)

    acreate = awaiting(create)

    @blocking
    def revoke(self, id: str) -> Steps[None]:  # noqa: A002 - the word for it
        """Let a key open nothing any more.

        Raises:
            NotFound: there is none of this id.
        """
        digest, key = yield from self._find(id)
        yield from self._kept.remove(digest, shown=f"key {id!r}", target=key.id)

    arevoke = awaiting(revoke)

    @blocking
    def recognise(self, secret: str) -> Steps[ApiKey | None]:
        """The key that a program has come with, unless it is none, or opens nothing any more."""
        found = yield from self._open(secret)
        return found and found[0]

    arecognise = awaiting(recognise)

    @blocking
    def admit(self, secret: str) -> Steps[Actor | None]:
        """Whoever comes with a key; `None`: it is none, or opens nothing any more."""
        found = yield from self._open(secret)
        return found and actor_of_key(*found)

    aadmit = awaiting(admit)

    def _open(self, secret: str) -> Steps[tuple[ApiKey, User | None] | None]:
        """A key that has not expired, and the user on whom it stands."""
        kept = yield from self._kept.look(tokens.digest(secret))
        if kept is None:
            return None
        key = kept.value
        if key.expires_at is not None and key.expires_at <= self._client.store.clock.now():
            return None
        if key.of_user is None:
            return None
        if not key.of_user:
            return key, None
        owner = yield from self._users.look(key.owner)
        # One of the same name who came later is somebody else.
        if owner is None or owner.value.disabled or owner.value.created_at > key.created_at:
            return None
        return key, owner.value

    def _find(self, id_: str) -> Steps[tuple[str, ApiKey]]:
        for each in (yield from self._kept.all()):
            if each.value.id == id_ and self._is_ours(each.value):
                return each.key, each.value
        raise NotFound(f"there is no key {id_!r}", hint="`tidemill keys list` names what there is")

    def _is_ours(self, key: ApiKey) -> bool:
        return not self._client.confined or key.tenant == self._client.tenant

    def _tenant(self, tenant: str | None) -> str | None:
        if not self._client.confined:
            return tenant and check_name("tenant", tenant)
        if tenant not in (None, self._client.tenant):
            raise NotAllowed(
                "a key for others than one's own tenant was to be made",
                hint="somebody with a role for the whole instance can make it",
            )
        return self._client.tenant


def _had(
    by: Actor | None, role: Role, scopes: tuple[str, ...], tenant: str | None
) -> tuple[str, ...]:
    """The scopes, without what whoever asks has not got.

    Raises:
        NotAllowed: nothing would be left.
    """
    if by is None:
        return scopes
    wanted = permissions_of_key(role, scopes, tenant)
    had = wanted & by.may
    if wanted == had:
        return scopes
    if not had:
        raise NotAllowed(
            "a key was to be made for what whoever makes it may not do themselves",
            hint="somebody who may can make it",
        )
    return tuple(sorted(had))


def _title(written: str) -> str:
    """Return what a key is for.

    Raises:
        InvalidOption: it is missing, too long, or no words.
    """
    if not written or len(written) > _MOST_TITLE:
        raise InvalidOption(
            "the title of a key is missing or too long",
            hint=f"say in 1 to {_MOST_TITLE} letters what it is for",
        )
    return check_words("title", written)


def _moment(expires: datetime | Duration | None, now: Instant) -> Instant | None:
    if expires is None:
        return None
    moment = from_datetime(expires) if isinstance(expires, datetime) else now + millis(expires)
    if moment <= now:
        raise InvalidOption("the key would have expired already", hint="give a moment ahead")
    return moment
