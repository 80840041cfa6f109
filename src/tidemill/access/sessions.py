"""Sessions: somebody logs in with a password, and is known until they log out or time is up."""

from contextlib import suppress
from typing import Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from tidemill.access import passwords, throttle, tokens
from tidemill.access.actor import NOBODY, Actor, actor_of_user
from tidemill.access.audit import Scribe
from tidemill.access.identity import SESSION, USER, Session, User, check_user_name
from tidemill.client.client import Client
from tidemill.client.steps import Steps, ask, awaiting, blocking
from tidemill.client.witness import Deed
from tidemill.core.errors import InvalidName, NotAuthenticated, NotFound, VersionConflict
from tidemill.core.instants import Instant, Millis
from tidemill.core.record import AUDIT, NewEntry, Put
from tidemill.engines.protocol import Engine

_SEEN_EVERY: Final[Millis] = 60_000
"""How exactly it is kept when a session was last used: each look would else be a write."""

_MOST_AGENT: Final = 200

LOG_IN: Final = "session.log_in"
"""What the audit log calls it, whether the password was right or wrong."""


class Login(Struct, frozen=True):
    """A session that is in use.

    Attributes:
        token: what the browser has been given; it is stored nowhere.
    """

    token: str
    session: Session
    user: User

    @property
    def actor(self) -> Actor:
        """Who asks, and what they may have."""
        return actor_of_user(self.user, self.session.tenant)

    @property
    def csrf(self) -> str:
        """What a page of ours sends along to show that it is ours; see `is_ours`."""
        return tokens.derived(self.token, "csrf")

    def is_ours(self, csrf: str) -> bool:
        """Whether whoever sends this was told it by a page of ours."""
        return tokens.is_same(csrf, self.csrf)


class Sessions:
    """The sessions of one store.

    Every verb comes twice: as it is for threads, with an `a` before it for async code. Who logs in
    is told in the audit log; who then switches or logs out, where the client knows who asks.
    """

    def __init__(self, client: Client) -> None:
        """Ask through this client."""
        self._client = client

    @blocking
    def begin(
        self,
        name: str,
        password: str,
        *,
        address: str,
        agent: str = "",
        tenant: str | None = None,
        request: str = "",
    ) -> Steps[Login]:
        """Log somebody in.

        Args:
            name: the user's.
            password: as it was typed.
            address: from where.
            agent: what the browser calls itself.
            tenant: whose data to look at; `None`: the instance's, or the user's only tenant.
            request: id of the request by which it is asked for.

        Raises:
            NotAuthenticated: the name, or the password, is wrong; which of them is not told.
            TooManyRequests: too many wrong ones came before.
        """
        engine = yield from self._client.store.engine()
        now = self._client.store.clock.now()
        called = _plainly(name)
        tried = throttle.doors(called, address)
        stranger = Scribe(actor=NOBODY, request=request, address=address)
        yield from throttle.check_open(engine, tried, now)
        user = yield from _user(engine, called)
        right = yield from ask(passwords.is_right(password, user.password if user else ""))
        if user is None or not right or user.disabled:
            yield from throttle.note_wrong(engine, tried, now)
            line = stranger.tells_of_refusal(LOG_IN, name, NotAuthenticated.code)
            yield from ask(engine.records.append(AUDIT, [line]))
            raise NotAuthenticated("the name or the password is wrong")
        if passwords.is_outdated(user.password):
            user = yield from _hash_anew(engine, user, password)
        token = tokens.new_token()
        session = _begun(user, _first_tenant(user, tenant), agent, now)
        login = Login(token, session, user)
        line = replace(stranger, actor=login.actor).tells(Deed(action=LOG_IN, target=user.name))
        yield from _put(engine, token, session, expected=0, audit=(line,))
        return login

    abegin = awaiting(begin)

    @blocking
    def look(self, token: str) -> Steps[Login | None]:
        """The session of a token; `None`: it is none, or has ended."""
        engine = yield from self._client.store.engine()
        record = yield from ask(engine.records.get(SESSION, tokens.digest(token)))
        if record is None:
            return None
        session = msgspec.json.decode(record.doc, type=Session)
        user = yield from _user(engine, session.user)
        now = self._client.store.clock.now()
        if user is None or not _stands(session, user) or not session.holds(now):
            yield from ask(engine.records.delete(SESSION, record.key))
            return None
        if now - session.seen_at >= _SEEN_EVERY:
            session = replace(session, seen_at=now)
            with suppress(VersionConflict):  # another request has noted the same
                yield from _put(engine, token, session, expected=record.version)
        return Login(token, session, user)

    alook = awaiting(look)

    @blocking
    def switch(self, login: Login, tenant: str | None) -> Steps[Login]:
        """Look at the data of another tenant from now on; `None`: at everybody's.

        Raises:
            NotFound: the user has no role there.
        """
        if login.user.role_in(tenant) is None:
            raise NotFound(f"there is no tenant {tenant!r}", hint="`GET /session` names yours")
        engine = yield from self._client.store.engine()
        session = replace(login.session, tenant=tenant)
        audit = self._client.audit("session.switch", login.user.name, given={"tenant": tenant})
        yield from _put(engine, login.token, session, expected=None, audit=audit)
        return Login(login.token, session, login.user)

    aswitch = awaiting(switch)

    @blocking
    def end(self, login: Login) -> Steps[None]:
        """Log somebody out."""
        engine = yield from self._client.store.engine()
        audit = self._client.audit("session.log_out", login.user.name)
        yield from ask(engine.records.delete(SESSION, tokens.digest(login.token), audit=audit))

    aend = awaiting(end)

    @blocking
    def sweep(self) -> Steps[int]:
        """Forget sessions that have ended, and those who were wrong long ago; answer how many."""
        engine = yield from self._client.store.engine()
        now = self._client.store.clock.now()
        ended = 0
        for record in (yield from ask(engine.records.find(SESSION))):
            if not msgspec.json.decode(record.doc, type=Session).holds(now):
                ended += yield from ask(engine.records.delete(SESSION, record.key))
        return ended + (yield from throttle.sweep(engine, now))

    asweep = awaiting(sweep)


def _plainly(name: str) -> str:
    """The name as a user would have it; one that nobody can have is as good as any."""
    try:
        return check_user_name(name)
    except InvalidName:
        return "?"


def _begun(user: User, tenant: str | None, agent: str, now: Instant) -> Session:
    return Session(
        user=user.name,
        tenant=tenant,
        epoch=user.epoch,
        created_at=now,
        seen_at=now,
        agent=agent[:_MOST_AGENT],
    )


def _stands(session: Session, user: User) -> bool:
    """Whether a session is of this user as they are, and not of one who had the name before."""
    return (
        not user.disabled and user.epoch == session.epoch and user.created_at <= session.created_at
    )


def _user(engine: Engine, name: str) -> Steps[User | None]:
    record = yield from ask(engine.records.get(USER, name))
    return None if record is None else msgspec.json.decode(record.doc, type=User)


def _first_tenant(user: User, wished: str | None) -> str | None:
    """Whose data a session looks at in the beginning."""
    if wished is not None and user.role_in(wished) is not None:
        return wished
    return None if user.is_instance_wide else next(iter(user.tenants), "")


def _hash_anew(engine: Engine, user: User, password: str) -> Steps[User]:
    """Keep the same password as passwords are kept now."""
    record = yield from ask(engine.records.get(USER, user.name))
    if record is None:
        return user
    kept = yield from ask(passwords.hashed(password))
    new = replace(msgspec.json.decode(record.doc, type=User), password=kept)
    put = Put(USER, user.name, msgspec.json.encode(new), expected=record.version)
    try:
        yield from ask(engine.records.put(put))
    except VersionConflict:
        return user  # It is being changed just now; there will be another login.
    return new


def _put(
    engine: Engine,
    token: str,
    session: Session,
    *,
    expected: int | None,
    audit: tuple[NewEntry, ...] = (),
) -> Steps[None]:
    put = Put(SESSION, tokens.digest(token), msgspec.json.encode(session), expected=expected)
    yield from ask(engine.records.put(put, audit=audit))
