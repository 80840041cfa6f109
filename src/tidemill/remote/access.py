"""Users, keys and tenants behind a server, and who did what there; see the wing `access`."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import msgspec
from msgspec import UNSET, UnsetType

from tidemill.access.audit import Account, AuditLine, Search, Verdict
from tidemill.access.identity import ApiKey, Grant, Quota, Tenant, User
from tidemill.access.keys import NewKey
from tidemill.client.directory import Kept
from tidemill.core.instants import Instant, to_datetime
from tidemill.remote.reading import Sent, kept, moment, nothing, part, value
from tidemill.remote.wire import Query, Wire
from tidemill.tasks.secret import MASK

_LINES: Final = 200
"""Lines of the audit log on one page."""

_WHOLE_LOG: Final = 600.0
"""Seconds in which a server follows its audit log from one end to the other."""

_NO_QUOTA: Final = Quota()


class RemoteUsers:
    """The users behind a server, which makes none for those who come with a key."""

    def __init__(self, wire: Wire) -> None:
        """Ask this server."""
        self._wire = wire

    def find(self) -> list[Kept[User]]:
        """All users, by name."""
        return self._wire.get(lambda sent: [_user(each) for each in sent["users"]], "/users")

    def get(self, name: str) -> Kept[User]:
        """One user.

        Raises:
            NotFound: there is none of this name.
        """
        return self._wire.get(_user, f"/users/{part(name)}")

    def create(
        self,
        name: str,
        password: str,
        grants: Sequence[Grant],
        *,
        full_name: str = "",
        payloads: bool = True,
    ) -> User:
        """Let somebody in."""
        body = {
            "name": name,
            "password": password,
            "grants": grants,
            "full_name": full_name,
            "payloads": payloads,
        }
        return self._wire.ask(_user, "POST", "/users", body).value

    def change(
        self,
        name: str,
        *,
        grants: Sequence[Grant] | UnsetType = UNSET,
        disabled: bool | UnsetType = UNSET,
    ) -> Kept[User]:
        """Change what is known of a user; other roles, or being disabled, end all their sessions.

        Raises:
            NotFound: there is no such user.
        """
        given = _given(grants=grants, disabled=disabled)
        return self._wire.ask(_user, "PATCH", f"/users/{part(name)}", given)

    def set_password(self, name: str, password: str) -> None:
        """Give a user another password, which ends all their sessions."""
        path = f"/users/{part(name)}/password"
        self._wire.ask(nothing, "PUT", path, {"password": password})

    def delete(self, name: str) -> None:
        """Let somebody in no more."""
        self._wire.ask(nothing, "DELETE", f"/users/{part(name)}")


class RemoteKeys:
    """The keys behind a server, which makes none for those who come with one."""

    def __init__(self, wire: Wire) -> None:
        """Ask this server."""
        self._wire = wire

    def find(self) -> list[ApiKey]:
        """All keys, by when they were made."""
        return self._wire.get(lambda sent: [_key(each) for each in sent["keys"]], "/keys")

    def get(self, id: str) -> ApiKey:  # noqa: A002 - the word for it
        """One key.

        Raises:
            NotFound: there is none of this id.
        """
        return self._wire.get(_key, f"/keys/{part(id)}")

    def create(
        self,
        title: str,
        *,
        role: str,
        scopes: Sequence[str] = ("*",),
        tenant: str | None = None,
        expires: str | None = None,
    ) -> NewKey:
        """Make a key."""
        body = {
            "title": title,
            "role": role,
            "scopes": scopes,
            "tenant": tenant,
            "expires_in": expires,
        }
        return self._wire.ask(_new_key, "POST", "/keys", body)

    def revoke(self, id: str) -> None:  # noqa: A002 - the word for it
        """Let a key open nothing any more."""
        self._wire.ask(nothing, "DELETE", f"/keys/{part(id)}")


class RemoteTenants:
    """The tenants behind a server."""

    def __init__(self, wire: Wire) -> None:
        """Ask this server."""
        self._wire = wire

    def find(self) -> list[Kept[Tenant]]:
        """All tenants that were made known, by name."""
        return self._wire.get(lambda sent: [_tenant(each) for each in sent["tenants"]], "/tenants")

    def get(self, name: str) -> Kept[Tenant]:
        """One tenant.

        Raises:
            NotFound: there is none of this name.
        """
        return self._wire.get(_tenant, f"/tenants/{part(name)}")

    def create(self, name: str, *, title: str = "", quota: Quota = _NO_QUOTA) -> Tenant:
        """Make a tenant known."""
        body = {"name": name, "title": title, "quota": quota}
        return self._wire.ask(_tenant, "POST", "/tenants", body).value

    def change(
        self,
        name: str,
        *,
        title: str | UnsetType = UNSET,
        quota: Quota | UnsetType = UNSET,
        disabled: bool | UnsetType = UNSET,
        expected: int | None = None,
    ) -> Kept[Tenant]:
        """Change what is known of a tenant; what is not given stays.

        Raises:
            NotFound: there is none of this name.
            VersionConflict: it is not of the version that was seen.
        """
        given = _given(title=title, quota=quota, disabled=disabled)
        path = f"/tenants/{part(name)}"
        return self._wire.ask(_tenant, "PATCH", path, given, version=expected)

    def delete(self, name: str) -> None:
        """Forget a tenant and its quota; its jobs stay."""
        self._wire.ask(nothing, "DELETE", f"/tenants/{part(name)}")


class RemoteAuditLog:
    """Who did what behind a server."""

    def __init__(self, wire: Wire) -> None:
        """Ask this server."""
        self._wire = wire

    def find(self, search: Search) -> Iterator[AuditLine]:
        """The lines that are looked for, newest first, read as one goes along."""
        query: Query = {
            "tenant": search.tenant,
            "actor": search.actor,
            "action": search.action,
            "target": search.target,
            "result": search.result,
            "since": _written(search.since),
            "until": _written(search.before),
        }
        return self._wire.pages(_line, "/audit", "lines", query, limit=_LINES)

    def verify(self, told: Callable[[int], object] | None = None, *, noted: str = "") -> Verdict:
        """Have the server follow the whole log from its beginning to its end."""
        verdict = self._wire.ask(
            _verdict, "GET", "/audit/verify", query={"noted": noted}, patience=_WHOLE_LOG
        )
        if told is not None:
            told(verdict.lines)
        return verdict


def _given(**written: Any) -> dict[str, Any]:
    return {name: each for name, each in written.items() if each is not UNSET}


def _user(sent: Sent) -> Kept[User]:
    # Of a password there is no more to know than whether there is one.
    password = MASK if sent["has_password"] else ""
    return kept(value(User, sent, at=("created_at",), password=password), sent, sent["name"])


def _key(sent: Sent) -> ApiKey:
    return value(ApiKey, sent, at=("created_at", "expires_at"))


def _new_key(sent: Sent) -> NewKey:
    return NewKey(_key(sent), msgspec.convert(sent["secret"], str))


def _tenant(sent: Sent) -> Kept[Tenant]:
    return kept(value(Tenant, sent, at=("created_at",)), sent, sent["name"])


def _line(sent: Sent) -> AuditLine:
    return value(AuditLine, sent, at=("at",), account=value(Account, sent))


def _verdict(sent: Sent) -> Verdict:
    return value(Verdict, sent)


def _written(instant: Instant | None) -> str | None:
    return None if instant is None else moment(to_datetime(instant))
