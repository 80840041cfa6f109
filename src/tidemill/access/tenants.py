"""Tenants: whose data there is, and how much of it each may have."""

from typing import Final

from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from tidemill.access.identity import KEY, TENANT, USER, ApiKey, Quota, Tenant, User
from tidemill.client.client import Client
from tidemill.client.directory import Directory, Kept
from tidemill.client.steps import Steps, ask, awaiting, blocking
from tidemill.core.errors import InvalidOption, StateError, VersionConflict
from tidemill.core.identity import check_name, check_words, is_whole
from tidemill.core.rules import TenantRules

_NO_QUOTA: Final = Quota()


class Tenants:
    """The tenants of one store; every verb comes with an `a` before it for async code."""

    def __init__(self, client: Client) -> None:
        """Ask through this client."""
        self._client = client
        self._kept = Directory(client, TENANT, Tenant, "tenants")

    @blocking
    def find(self) -> Steps[list[Kept[Tenant]]]:
        """All tenants that were made known, by name."""
        return self._kept.all()

    afind = awaiting(find)

    @blocking
    def get(self, name: str) -> Steps[Kept[Tenant]]:
        """One tenant.

        Raises:
            NotFound: there is none of this name.
        """
        return self._kept.get(check_name("tenant", name), f"tenant {name!r}")

    aget = awaiting(get)

    @blocking
    def look(self, name: str) -> Steps[Kept[Tenant] | None]:
        """One tenant, if it was made known."""
        return self._kept.look(name)

    alook = awaiting(look)

    @blocking
    def create(self, name: str, *, title: str = "", quota: Quota = _NO_QUOTA) -> Steps[Tenant]:
        """Make a tenant known.

        Raises:
            InvalidName: no name for a tenant.
            InvalidOption: a quota that makes no sense.
            VersionConflict: there is one of this name.
        """
        tenant = Tenant(
            name=check_name("tenant", name),
            title=check_words("title", title),
            quota=check_quota(quota),
            created_at=self._client.store.clock.now(),
        )
        try:
            yield from self._kept.add(name, tenant)
        except VersionConflict as error:
            raise VersionConflict(
                f"there is a tenant {name!r} already", hint="take another name"
            ) from error
        yield from self._limit(name, quota)
        return tenant

    acreate = awaiting(create)

    @blocking
    def change(
        self,
        name: str,
        *,
        title: str | UnsetType = UNSET,
        quota: Quota | UnsetType = UNSET,
        disabled: bool | UnsetType = UNSET,
        expected: int | None = None,
    ) -> Steps[Kept[Tenant]]:
        """Change what is known of a tenant; what is not given stays.

        Raises:
            NotFound: there is none of this name.
            InvalidOption: a quota that makes no sense.
            VersionConflict: it is not of the version that was seen.
        """
        given = {"title": title, "quota": quota, "disabled": disabled}
        if not isinstance(title, UnsetType):
            check_words("title", title)
        if not isinstance(quota, UnsetType):
            check_quota(quota)
        changes = {name: each for name, each in given.items() if each is not UNSET}
        kept = yield from self._kept.change(
            check_name("tenant", name),
            lambda old: replace(old, **changes),
            shown=f"tenant {name!r}",
            expected=expected,
        )
        if "quota" in changes:
            yield from self._limit(name, kept.value.quota)
        return kept

    achange = awaiting(change)

    @blocking
    def delete(self, name: str, *, expected: int | None = None) -> Steps[None]:
        """Forget a tenant and its quota; its jobs stay.

        Raises:
            NotFound: there is none of this name.
            StateError: somebody can still come in as one of it.
            VersionConflict: it is not of the version that was seen.
        """
        key = check_name("tenant", name)
        yield from self._kept.get(key, f"tenant {name!r}")
        yield from self._check_is_empty(key)
        yield from self._kept.remove(key, shown=f"tenant {name!r}", expected=expected)
        yield from self._limit(name, _NO_QUOTA)

    adelete = awaiting(delete)

    def _check_is_empty(self, name: str) -> Steps[None]:
        """See to it that nobody is left who would come in again once nothing disables it."""
        users = yield from Directory(self._client, USER, User, "users").all()
        keys = yield from Directory(self._client, KEY, ApiKey, "keys").all()
        people = sum(name in each.value.tenants for each in users)
        programs = sum(each.value.tenant == name for each in keys)
        if people or programs:
            raise StateError(
                f"tenant {name!r} has users ({people}) or keys ({programs})",
                hint="take their roles away and revoke the keys first, or disable the tenant",
            )

    def _limit(self, name: str, quota: Quota) -> Steps[None]:
        """Have claims keep to a quota, whose line in the log of who did what is that of the tenant.

        It is done behind the record: where that was the last thing to be done, changing the quota
        again mends it.
        """
        engine = yield from self._client.store.engine()
        yield from ask(engine.jobs.rule(TenantRules(tenant=name, most=quota.running)))


def check_quota(quota: Quota) -> Quota:
    """A quota, if it makes sense.

    Raises:
        InvalidOption: a part of it is no whole number, or less than nothing.
    """
    for name in quota.__struct_fields__:
        most = getattr(quota, name)
        if most is not None and not (is_whole(most) and most >= 0):
            raise InvalidOption(
                f"{name}={most!r} is no quota", hint="a whole number from 0, or nothing at all"
            )
    return quota
