"""Who did what: written in one step with what was done, read back, and shown to be whole."""

from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import Any, Final, Literal

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from tidemill.access.actor import Actor
from tidemill.client.client import Client
from tidemill.client.scan import newest
from tidemill.client.steps import Steps, ask, awaiting, blocking
from tidemill.client.witness import Deed
from tidemill.core.instants import Instant
from tidemill.core.record import (
    AUDIT,
    CHAIN_BASE,
    ChainBase,
    Entry,
    NewEntry,
    chained,
)
from tidemill.engines.protocol import Engine

Result = Literal["done", "refused"]

_PAGE: Final = 1_000
"""Lines that are looked at in one step."""

_AT_ONCE: Final = 500
"""Lines that are read at once for those who read on."""

MOST_TARGET: Final = 255
"""Letters of a target that a line holds: it may be what a stranger has typed."""


class Account(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a line of the audit log holds beside its time, its actor and its action.

    Attributes:
        target: what it was done to.
        given: what was asked for in particular.
        before: digest of the document as it was; empty: there was none, or it is no document.
        after: digest of the document as it has become.
        reason: why, in the words of whoever asked.
        request: id of the request by which it was asked for.
        address: where the request came from.
        result: whether it was done.
        error: the code of the error with which it was refused.
    """

    target: str = ""
    given: dict[str, Any] = {}
    before: str = ""
    after: str = ""
    reason: str = ""
    request: str = ""
    address: str = ""
    result: Result = "done"
    error: str = ""


class AuditLine(Struct, frozen=True, kw_only=True):
    """A line of the audit log.

    Attributes:
        position: its place in the log.
        actor: who it was, such as `"user:zoe"`.
        action: what was done, such as `"queues.pause"`.
        tenant: whose data the actor was confined to; empty: everybody's.
        digest: ties the line to all lines before it; in hexadecimal digits.
    """

    position: int
    at: Instant
    actor: str
    action: str
    tenant: str
    account: Account
    digest: str


class Scribe(Struct, frozen=True, kw_only=True):
    """Knows who asks, and writes it down; the witness of one request.

    Attributes:
        request: id of the request.
        address: where it came from.
        reason: why, in the words of whoever asks.
    """

    actor: Actor
    request: str = ""
    address: str = ""
    reason: str = ""

    @property
    def source(self) -> str:
        """How the audit log names them."""
        return self.actor.source

    def tells(self, deed: Deed) -> NewEntry:
        """The line that says that they have done this."""
        return self._line(
            deed.action,
            Account(
                target=_short(deed.target),
                given=deed.given,
                before=_digest(deed.before),
                after=_digest(deed.after),
                **self._circumstances(),
            ),
        )

    def tells_of_refusal(self, action: str, target: str, error: str) -> NewEntry:
        """The line that says that they have asked for it in vain."""
        return self._line(
            action,
            Account(target=_short(target), result="refused", error=error, **self._circumstances()),
        )

    def _circumstances(self) -> dict[str, Any]:
        return {"reason": self.reason, "request": self.request, "address": self.address}

    def _line(self, action: str, account: Account) -> NewEntry:
        tenant = self.actor.tenant or ""
        return NewEntry(action, msgspec.json.encode(account), tenant, self.actor.source)


class Verdict(Struct, frozen=True, kw_only=True):
    """What became of the attempt to show that the audit log is whole.

    Attributes:
        lines: how many follow from all before them.
        broken_position: the position of the first line that does not; `None`: all do.
        last: the digest of the last line that does, in hexadecimal digits. Who keeps it elsewhere
            can later tell that lines up to it are what they were, and that none is missing.
        begins_behind: the position of the last line that was deleted for its age; `None`: none
            was.
        noted: whether a line has the digest that was noted; `None`: none was.
    """

    lines: int
    broken_position: int | None
    last: str
    begins_behind: int | None
    noted: bool | None = None

    @property
    def whole(self) -> bool:
        """Whether no line was altered, removed or slipped in, nor cut off behind a noted one."""
        return self.broken_position is None and self.noted is not False


def verify(
    engine: Engine, told: Callable[[int], object] | None = None, *, noted: str = ""
) -> Steps[Verdict]:
    """Follow the audit log from its beginning to its end.

    Args:
        told: is told from time to time how many lines have been looked at.
        noted: a digest that was the last one once: without it a cut at the end would not show.
    """
    record = yield from ask(engine.records.get(*CHAIN_BASE))
    base = None if record is None else msgspec.json.decode(record.doc, type=ChainBase)
    digest = b"" if base is None else bytes.fromhex(base.digest)
    behind = None if base is None else base.position
    position, lines = behind or 0, 0
    seen = (noted == digest.hex()) if noted else None
    while entries := (yield from ask(engine.records.read(AUDIT, after=position, limit=_PAGE))):
        for entry in entries:
            follows = chained(
                digest, entry.at, NewEntry(entry.topic, entry.data, entry.tenant, entry.source)
            )
            if follows != entry.digest:
                return Verdict(
                    lines=lines,
                    broken_position=entry.position,
                    last=digest.hex(),
                    begins_behind=behind,
                    noted=seen,
                )
            digest, lines = follows, lines + 1
            seen = seen or (noted == digest.hex() if noted else None)
        position = entries[-1].position
        if told:
            told(lines)
    return Verdict(
        lines=lines, broken_position=None, last=digest.hex(), begins_behind=behind, noted=seen
    )


class Search(Struct, frozen=True, kw_only=True):
    """Which lines are looked for; every one given must hold.

    Attributes:
        tenant: of actors confined to this tenant; `None`: of any.
        actor: of this actor.
        action: this action, or with a star at the end all that begin so: `"jobs.*"`.
        target: done to this.
        result: done, or refused.
        since: at or after.
        before: before.
    """

    tenant: str | None = None
    actor: str = ""
    action: str = ""
    target: str = ""
    result: Result | Literal[""] = ""
    since: Instant | None = None
    before: Instant | None = None

    def means(self, line: AuditLine) -> bool:
        """Whether it is one of these."""
        begin, star, _ = self.action.partition("*")
        named = line.action.startswith(begin) if star else self.action in ("", line.action)
        return (
            named
            and self.actor in ("", line.actor)
            and _short(self.target) in ("", line.account.target)
            and self.result in ("", line.account.result)
            and (self.since is None or line.at >= self.since)
            and (self.before is None or line.at < self.before)
        )


class AuditPage(Struct, frozen=True):
    """Lines of the audit log, newest first; see `Found` for the cursor."""

    lines: tuple[AuditLine, ...]
    cursor: int | None


def find(engine: Engine, search: Search, *, cursor: int | None, limit: int) -> Steps[AuditPage]:
    """Lines that are looked for, newest first, from where the page before ended."""
    found = yield from newest(
        engine,
        AUDIT,
        lambda entry: search.means(line_of(entry)),
        limit=limit,
        cursor=cursor,
        tenant=search.tenant,
    )
    return AuditPage(tuple(map(line_of, found.entries)), found.cursor)


class AuditLog:
    """The log of one store, read back; a verb with an `a` before it is for async code.

    Asked through a client that is confined to a tenant, only what was done for it is there.
    """

    def __init__(self, client: Client) -> None:
        """Ask through this client."""
        self._client = client

    def find(self, search: Search) -> Iterator[AuditLine]:
        """The lines that are looked for, newest first, read as one goes along."""
        cursor = None
        while True:
            found = self.page(search, cursor=cursor, limit=_AT_ONCE)
            yield from found.lines
            if (cursor := found.cursor) is None:
                return

    @blocking
    def page(self, search: Search, *, cursor: int | None, limit: int) -> Steps[AuditPage]:
        """Lines that are looked for, newest first, from where the page before ended."""
        engine = yield from self._client.store.engine()
        meant = replace(search, tenant=self._client.asks_about(search.tenant))
        return (yield from find(engine, meant, cursor=cursor, limit=limit))

    apage = awaiting(page)

    @blocking
    def verify(
        self, told: Callable[[int], object] | None = None, *, noted: str = ""
    ) -> Steps[Verdict]:
        """Follow the whole log from its beginning to its end; see the function of this name."""
        return (yield from verify((yield from self._client.store.engine()), told, noted=noted))

    averify = awaiting(verify)


def line_of(entry: Entry) -> AuditLine:
    """A line as it is read back."""
    return AuditLine(
        position=entry.position,
        at=entry.at,
        actor=entry.source,
        action=entry.topic,
        tenant=entry.tenant,
        account=msgspec.json.decode(entry.data, type=Account),
        digest=entry.digest.hex(),
    )


def _short(target: str) -> str:
    """A target as a line holds it: not too long, and of letters that can be written."""
    return target[:MOST_TARGET].encode("utf-8", "replace").decode()


def _digest(document: bytes | None) -> str:
    return "" if document is None else sha256(document).hexdigest()
