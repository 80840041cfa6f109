"""Subscriptions: made, looked up, changed, disabled and given new secrets by people."""

import secrets
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any, Final, Self
from urllib.parse import urlsplit

from msgspec.structs import replace

import tidemill
from tidemill import Secret, Tidemill, millis
from tidemill.kits.webhook.asking import Asking, blocking
from tidemill.kits.webhook.subscription import (
    Former,
    Stored,
    Subscription,
    check_description,
    check_events,
    check_headers,
    plain,
    stored,
)

MOST: Final = 1_000
"""Subscriptions that one tenant may have."""

_LONGEST_REASON: Final = 300


def kept_as(module: str) -> str:
    """The kind of records as which the subscriptions of a kit are kept."""
    return f"{module}.subscriptions"


class Subscriptions:
    """The subscriptions of one tenant; every verb comes with an `a` before it for async code.

    Made by `webhooks.subscriptions(app)`.

    Example:
        >>> from tidemill import Tidemill
        >>> from tidemill.kits.webhook import Webhooks
        >>> app, webhooks = Tidemill("memory://"), Webhooks()
        >>> app.include(webhooks)
        >>> ours = webhooks.subscriptions(app)
        >>> made = ours.create("https://crm.example.org/in", ["invoice.*"])
        >>> [each.url for each in ours.list()]
        ['https://crm.example.org/in']
    """

    def __init__(
        self,
        app: Tidemill,
        module: str,
        tenant: str | None = None,
        *,
        records: "tidemill.Records | None" = None,
        waits: bool = False,
    ) -> None:
        """Look at those of a kit called `module`.

        Args:
            app: includes the kit.
            module: name of the kit.
            tenant: whose they are; by default the application's own.
            records: through which they are asked for; by default the application's.
            waits: whether each question is waited for, on a thread.
        """
        self._app = app
        self._module = module
        self._tenant = tenant
        self._records = records or app.records(kept_as(module), tenant=tenant)
        self._ask = Asking(waits=waits)

    def on_thread(self) -> Self:
        """The same, each of whose questions to the store is waited for."""
        return type(self)(self._app, self._module, self._tenant, records=self._records, waits=True)

    async def acreate(
        self,
        url: str,
        events: Iterable[str],
        *,
        description: str = "",
        headers: Mapping[str, str] | None = None,
        secret: str = "",
    ) -> Subscription:
        """Begin one; the answer alone shows its secret.

        Args:
            url: where events are posted to, by TLS and out into the world.
            events: patterns of those that are; none: only what is sent to it by name.
            description: whatever people want to say of it.
            headers: to be sent along, such as `Authorization`; their values are not shown again.
            secret: what its webhooks are signed with; by default one of 32 bytes is made.

        Raises:
            AddressRefused: a URL that may not be posted to.
            InvalidOption: headers, a description or a secret that make no sense.
            InvalidName: what is no pattern of events.
            OverQuota: the tenant has 1,000 already.
            StoreError: the store did not take it.
        """
        made = Stored(
            url=self._checked(url),
            events=check_events(events),
            secret=Secret(_secret(secret)),
            created_at=self._now(),
            description=check_description(description),
            headers=check_headers(headers or {}),
        )
        records = self._records
        if len(await self._ask(records.find, records.afind, limit=MOST)) >= MOST:
            raise tidemill.errors.OverQuota(
                f"there are {MOST:,} subscriptions already", hint="delete those that are not needed"
            )
        id_ = f"sub_{secrets.token_hex(12)}"
        value = plain(made, seals=records.seals)
        kept = await self._ask(records.put, records.aput, id_, value, 0)
        return made.shown(id_, kept.version, with_secret=True)

    create = blocking(acreate)

    async def aget(self, id: str) -> Subscription:  # noqa: A002 - the word for it
        """One of them.

        Raises:
            NotFound: it is not there, or another tenant's.
        """
        found = await self._ask(self._records.get, self._records.aget, id)
        if found is None:
            raise _missing(id)
        return stored(found.value).shown(id, found.version)

    get = blocking(aget)

    async def alist(self, *, after: str = "", limit: int = 100) -> list[Subscription]:
        """Those there are, by their ids.

        Args:
            after: the id of the last one of the page before.
            limit: so many at most, 1 to 1,000.
        """
        records = self._records
        found = await self._ask(records.find, records.afind, after=after, limit=limit)
        return [stored(each.value).shown(each.key, each.version) for each in found]

    list = blocking(alist)

    async def achange(
        self,
        id: str,  # noqa: A002 - the word for it
        *,
        url: str | None = None,
        events: Iterable[str] | None = None,
        description: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Subscription:
        """Change one; what is not given stays as it is.

        Headers are told to the host that they were given for: whoever names another one gives them
        anew, or `{}`.

        Raises:
            NotFound: it is not there.
            InvalidOption: it goes to another host, and has headers that were not given with it.
            TidemillError: as `create`.
        """
        new: dict[str, Any] = {}
        if url is not None:
            new["url"] = self._checked(url)
        if events is not None:
            new["events"] = check_events(events)
        if description is not None:
            new["description"] = check_description(description)
        if headers is not None:
            new["headers"] = check_headers(headers)

        def changed(seen: Stored) -> Stored:
            if seen.headers and headers is None and url and _host(url) != _host(seen.url):
                raise tidemill.errors.InvalidOption(
                    "the headers were given for another host",
                    hint="give headers with the url, or {} for none",
                )
            return replace(seen, **new)

        return await self._change(id, changed)

    change = blocking(achange)

    async def adisable(self, id: str, reason: str = "") -> Subscription:  # noqa: A002 - as above
        """Post nothing to it any more; what waits to be posted is cancelled when it is due.

        Raises:
            NotFound: it is not there.
            InvalidOption: a reason that cannot be kept.
        """
        said = check_description(reason)[:_LONGEST_REASON] or "by a person"
        return await self._change(id, lambda seen: seen.disabled(said, self._now()))

    disable = blocking(adisable)

    async def aenable(self, id: str) -> Subscription:  # noqa: A002 - as above
        """Post to it again; what has happened meanwhile can be replayed where it was enqueued.

        Raises:
            NotFound: it is not there.
        """
        return await self._change(id, lambda seen: replace(seen, disabled_at=0, reason=""))

    enable = blocking(aenable)

    async def arotate(
        self,
        id: str,  # noqa: A002 - as above
        *,
        overlap: Any = "24h",
        secret: str = "",
    ) -> Subscription:
        """Give it a new secret; the answer alone shows it.

        Until the overlap is over, webhooks are signed with both.

        Args:
            id: of the subscription.
            overlap: how long the former secret signs as well; 0: it does not, nor does one before.
            secret: the new one; by default one of 32 bytes is made.

        Raises:
            NotFound: it is not there.
            StateError: it has two secrets already; wait, or give no overlap.
            InvalidOption: a secret or an overlap that makes no sense.
        """
        length = millis(overlap)
        new = Secret(_secret(secret))

        def rotated(seen: Stored) -> Stored:
            now = self._now()
            if length and len(seen.secrets(now)) > 1:
                raise tidemill.errors.StateError(
                    f"subscription {id} has two secrets already",
                    hint="wait until the former one is over, or end both by overlap=0",
                )
            former = Former(seen.secret, now + length) if length else None
            return replace(seen, secret=new, former=former)

        return await self._change(id, rotated, with_secret=True)

    rotate = blocking(arotate)

    async def aseal(self) -> int:
        """Write each anew, its secrets under the first key of `secrets.keys`; how many there are.

        What was kept before there was a key is sealed by that, and a former key can go.

        Raises:
            InvalidOption: no key is set, or one is missing under which a secret was sealed.
        """
        if not self._records.seals:
            raise tidemill.errors.InvalidOption(
                "no key is set to seal subscriptions with",
                hint="`tidemill secrets new` makes one; set it as secrets.keys",
            )
        count = 0
        for each in await self.alist(limit=MOST):
            with suppress(tidemill.errors.NotFound):  # it has just been deleted
                await self._change(each.id, lambda seen: seen)
                count += 1
        return count

    seal = blocking(aseal)

    async def adelete(self, id: str) -> bool:  # noqa: A002 - as above
        """Keep it no longer, nor its secret; whether it was there.

        What waits to be posted is cancelled when it is due.
        """
        return await self._ask(self._records.delete, self._records.adelete, id)

    delete = blocking(adelete)

    async def _change(
        self,
        id_: str,
        turn: Callable[[Stored], Stored],
        *,
        with_secret: bool = False,
    ) -> Subscription:
        def turned(value: Any) -> Any:
            if value is None:
                raise _missing(id_)
            return plain(turn(stored(value)), seals=self._records.seals)

        kept = await self._ask(self._records.change, self._records.achange, id_, turned)
        return stored(kept.value).shown(id_, kept.version, with_secret=with_secret)

    def _checked(self, url: str) -> str:
        self._app.discover()  # it may be the settings that include the kit
        allow = self._app.included.settings(self._module).allow
        return self._app.settings.check_address(url, allow=allow)

    def _now(self) -> int:
        return self._app.store.clock.now()


def _host(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port


def _secret(given: str) -> str:
    return tidemill.signatures.check_secret(given) if given else tidemill.signatures.new_secret()


def _missing(id_: str) -> tidemill.errors.NotFound:
    return tidemill.errors.NotFound(f"there is no subscription {id_!r:.120}")
