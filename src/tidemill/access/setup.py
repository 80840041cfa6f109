"""The first admin is made by whoever can read the console of the server, and by nobody else."""

from typing import Final

import msgspec
from msgspec import Struct

from tidemill.access import tokens
from tidemill.client.client import Client
from tidemill.client.steps import Steps, ask, awaiting, blocking
from tidemill.core.errors import NotAuthenticated
from tidemill.core.instants import Instant, Millis
from tidemill.core.record import Put

LIFE: Final[Millis] = 15 * 60_000
"""So long a token is worth something."""

_RECORD: Final = ("setup", "token")


class _Kept(Struct, frozen=True):
    """What is kept of a token."""

    digest: str
    until: Instant


class SetUp:
    """The way in while there is nobody yet who decides for the instance.

    Every verb comes twice: as it is for threads, with an `a` before it for async code.
    """

    def __init__(self, client: Client) -> None:
        """Ask through this client."""
        self._client = client

    @blocking
    def begin(self) -> Steps[str]:
        """Make a token, to be shown on the console; those before are worth nothing any more."""
        token = tokens.new_token()
        until = self._client.store.clock.now() + LIFE
        doc = msgspec.json.encode(_Kept(tokens.digest(token), until))
        engine = yield from self._client.store.engine()
        yield from ask(engine.records.put(Put(*_RECORD, doc)))
        return token

    abegin = awaiting(begin)

    @blocking
    def check(self, token: str) -> Steps[None]:
        """See to it that somebody has read the console.

        Raises:
            NotAuthenticated: it is not the token that was shown there, or not any more.
        """
        engine = yield from self._client.store.engine()
        record = yield from ask(engine.records.get(*_RECORD))
        kept = None if record is None else msgspec.json.decode(record.doc, type=_Kept)
        now = self._client.store.clock.now()
        if (
            kept is None
            or now >= kept.until
            or not tokens.is_same(tokens.digest(token), kept.digest)
        ):
            raise NotAuthenticated(
                "this is not the token on the server's console, or not any more",
                hint="start the server anew for another one, or use `tidemill users create`",
            )

    acheck = awaiting(check)

    @blocking
    def end(self) -> Steps[None]:
        """Let the token be worth nothing any more."""
        engine = yield from self._client.store.engine()
        yield from ask(engine.records.delete(*_RECORD))

    aend = awaiting(end)
