"""Who sends a request, and the permission that each route asks of them."""

from functools import partial
from typing import Any, Final, Protocol
from urllib.parse import unquote

from fastapi import Depends, Request

from tidemill.access import tokens
from tidemill.access.actor import NOBODY, Actor
from tidemill.access.audit import Scribe
from tidemill.access.keys import Keys
from tidemill.access.quota import Quotas
from tidemill.access.role import Permission
from tidemill.access.sessions import Login, Sessions
from tidemill.access.tenants import Tenants
from tidemill.api.counting import Counts
from tidemill.api.desk import Desk, Looked
from tidemill.api.remembered import Remembered
from tidemill.app import Tidemill
from tidemill.client.control import Jobs
from tidemill.core.errors import NotAllowed, NotAuthenticated
from tidemill.core.identity import check_name
from tidemill.core.query import QueueCounts

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing, so that a page of somebody else may as well send them."""

COOKIE: Final = "__Host-tidemill"
"""Holds the token of a session: of this host alone, and sent over TLS only."""
PLAIN_COOKIE: Final = "tidemill"
"""The same where a browser talks to this machine itself without TLS, which the other forbids."""

CSRF: Final = "X-CSRF-Token"
REASON: Final = "X-Reason"
"""Header in which a caller may say why; percent-encoded, for headers hold no other letters."""

TENANT: Final = "X-Tenant"
"""Header in which a caller who reaches every tenant says whose data alone is meant."""

_OLDEST: Final = 1.0
"""Seconds for which a key that was looked up is believed: so soon another server's word counts."""


class Doorkeeper(Protocol):
    """How a host application says who its callers are, so that they need no second login."""

    async def identify(self, request: Request) -> Actor | None:
        """Whoever sends this; `None`: nobody that the host knows."""
        ...


class Doors:
    """Finds out who sends a request: a session, a key, somebody whom the host vouches for."""

    def __init__(
        self, app: Tidemill, host: Doorkeeper | None = None, looked: Looked | None = None
    ) -> None:
        """Let people in to this application."""
        self._app = app
        self._host = host
        self._sessions = Sessions(app.client)
        self._keys = Keys(app.client, "")
        self._tenants = Tenants(app.client)
        self._quotas = Quotas(app.client)
        self._looked = looked or Looked(Counts())
        self._known = Remembered[Actor | None](lambda _: _OLDEST)
        self._closed = Remembered[bool](lambda _: _OLDEST)

    async def desk(self, request: Request) -> Desk:
        """The desk of whoever sends this.

        Raises:
            NotAuthenticated: it comes with a key or a session that opens nothing.
            NotAllowed: it was sent from a page that is not ours.
            NotFound: it is about a tenant that the caller does not reach.
        """
        actor, login = await self._identify(request)
        if named := request.headers.get(TENANT):
            actor = actor.confined(check_name("tenant", named))
        if actor.tenant and await self._is_closed(actor.tenant):
            raise NotAuthenticated(f"tenant {actor.tenant} is closed")
        scribe = Scribe(
            actor=actor,
            request=request.state.request,
            address=address_of(request),
            reason=_reason(request),
        )
        if actor.kind != "nobody":
            # What strangers ask for in vain is not kept, or anybody could fill the audit log.
            request.state.scribe = scribe
        root = request.scope.get("root_path", "")
        return Desk(self._app, scribe, self._quotas, self._looked, login, root)

    def forget(self) -> None:
        """Look up anew who has which key, and who is closed: something has just been changed."""
        self._known.forget()
        self._closed.forget()

    async def counts(self) -> tuple[QueueCounts, ...]:
        """Live jobs of all tenants, for whoever reaches this server: often asked, counted once."""
        return await self._looked.counts.get(NOBODY, None, Jobs(self._app.client))

    def changed(self, actor: Actor) -> None:
        """Show somebody what they have changed, and not what was so before."""
        self._looked.counts.changed(actor)

    async def _identify(self, request: Request) -> tuple[Actor, Login | None]:
        scheme, _, secret = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and secret.startswith(tokens.KEY_MARK):
            return await self._of_key(secret.strip()), None
        if self._host is not None and (vouched := await self._host.identify(request)):
            return vouched, None
        if scheme:
            raise NotAuthenticated("the key opens nothing", hint="is it whole, and not revoked?")
        token = request.cookies.get(cookie_of(request))
        if not token:
            return NOBODY, None
        login = await self._sessions.alook(token)
        if login is None:
            raise NotAuthenticated("the session has ended", hint="log in again")
        if request.method not in SAFE:
            _check_is_ours(request, login)
        return login.actor, login

    async def _of_key(self, secret: str) -> Actor:
        actor = await self._known.get(tokens.digest(secret), lambda: self._keys.aadmit(secret))
        if actor is None:
            raise NotAuthenticated("the key opens nothing", hint="is it whole, and not revoked?")
        return actor

    async def _is_closed(self, tenant: str) -> bool:
        async def look() -> bool:
            kept = await self._tenants.alook(tenant)
            return kept is not None and kept.value.disabled

        return await self._closed.get(tenant, look)


def needs(permission: Permission | None) -> Any:
    """What a route declares: the permission without which it does nothing.

    Args:
        permission: `None`: it takes none, only that somebody is known.
    """

    async def desk(request: Request) -> Desk:
        doors = doors_of(request)
        found = await doors.desk(request)
        if found.actor.kind == "nobody":
            raise NotAuthenticated("nobody is logged in", hint="log in, or send a key")
        if permission is not None:
            found.actor.check(permission)
        if request.method not in SAFE:
            request.state.answered = partial(doors.changed, found.actor)
        return found

    desk.needs = permission  # type: ignore[attr-defined]  # a test reads what each route declares
    return Depends(desk)


async def _anyone() -> None:
    """Nobody has to be known."""


ANYONE: Final = Depends(_anyone)
"""Declared by the few routes that are open to whoever can reach them."""


def doors_of(request: Request) -> Doors:
    """The doors of the API that a request has come to."""
    doors: Doors = request.app.state.doors
    return doors


def address_of(request: Request) -> str:
    """Where a request comes from."""
    return request.client.host if request.client else ""


def _check_is_ours(request: Request, login: Login) -> None:
    """See to it that a page of ours has sent this, and no page that the browser is visiting.

    Raises:
        NotAllowed: it was another page, or nobody can tell.
    """
    site = request.headers.get("sec-fetch-site", "same-origin")
    origin = request.headers.get("origin")
    if site not in ("same-origin", "none") or origin not in (None, _origin_of(request)):
        raise NotAllowed("the request comes from a page of another site")
    if not login.is_ours(request.headers.get(CSRF, "")):
        raise NotAllowed(
            "the request does not show that a page of ours has sent it",
            hint=f"`GET /session` tells the token to send in {CSRF}",
        )


def is_over_tls(request: Request) -> bool:
    """Whether nobody on the way can read a request, as the server or a trusted proxy says.

    Asked of the scope: what `request.url` tells is put together from headers as well.
    """
    return bool(request.scope["scheme"] == "https")


def cookie_of(request: Request) -> str:
    """The cookie in which a browser that has sent this keeps the token of its session.

    Over TLS the plain one counts nothing: without the prefix another host of the domain, or
    whoever sits on the way where there is no TLS, may have planted a session of their own.
    """
    return COOKIE if is_over_tls(request) else PLAIN_COOKIE


def _origin_of(request: Request) -> str:
    return f"{request.scope['scheme']}://{request.headers.get('host', '')}"


def _reason(request: Request) -> str:
    return unquote(request.headers.get(REASON, ""))[:1_000]
