"""Tenants: whose data there is, and how much of it each may have."""

from typing import Final

from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from tidemill.access.identity import KEY, USER, Quota, Tenant
from tidemill.client.client import Client
from tidemill.client.directory import TENANT, Directory, Kept
from tidemill.client.steps import Steps, ask, awaiting, blocking
from tidemill.core.errors import InvalidOption, NotFound, StateError, VersionConflict
from tidemill.core.identity import check_name, check_words, is_whole
from tidemill.core.record import Mention
from tidemill.core.rules import TenantRules

_NO_QUOTA: Final = Quota()

MENTIONED: Final = (
    (USER, "grants.tenant"),
    (KEY, "tenant"),
    ("schedule", "owner"),
    ("alert_rule", "tenant"),
    ("alert_channel", "tenant"),
)
"""Kinds of records that belong to tenants, and where it is said to which."""


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
        yield from self._limit(name)
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
            yield from self._limit(name)
        return kept

    achange = awaiting(change)

    @blocking
    def delete(self, name: str, *, expected: int | None = None) -> Steps[None]:
        """Forget a tenant and its quota; its jobs stay.

        Raises:
            NotFound: there is none of this name.
            StateError: somebody can still come in as one of it, or something of it goes on.
            VersionConflict: it is not of the version that was seen.
        """
        key = check_name("tenant", name)
        mentions = [Mention(kind, field, key) for kind, field in MENTIONED]
        shown = f"tenant {name!r}"
        try:
            yield from self._kept.remove(key, shown=shown, expected=expected, unless=mentions)
        except (NotFound, VersionConflict):
            raise
        except StateError as error:
            raise StateError(
                error.message,
                hint="take roles away, revoke keys and delete the others first, or disable the"
                " tenant",
            ) from error
        yield from self._limit(name)

    adelete = awaiting(delete)

    def _limit(self, name: str) -> Steps[None]:
        """Have claims keep to the quota of a tenant, or to none if there is none any more.

        It is done behind the record, and looked at again: of several who change or delete the
        tenant at once, whoever sets the limit last has seen the record as it stays. Where the
        process ends between the two, changing the quota again mends it.
        """
        engine = yield from self._client.store.engine()
        most: int | None = -1
        while (found := (yield from self._running(name))) != most:
            most = found
            yield from ask(engine.jobs.rule(TenantRules(tenant=name, most=most)))

    def _running(self, name: str) -> Steps[int | None]:
        kept = yield from self._kept.look(name)
        return None if kept is None else kept.value.quota.running


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
