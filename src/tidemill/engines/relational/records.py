"""Documents with versions, and logs that only grow."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice, takewhile
from typing import Any, Generic, TypeVar

import msgspec

from tidemill.core.errors import WrongTransaction
from tidemill.core.instants import Instant
from tidemill.core.query import at_most
from tidemill.core.record import (
    AUDIT,
    CHAIN_BASE,
    EVENTS,
    ChainBase,
    Entry,
    Mention,
    NewEntry,
    Put,
    Record,
    chained,
    check_needs,
    check_unmentioned,
    check_version,
)
from tidemill.core.signal import Signal
from tidemill.engines.relational.ground import G, Transaction
from tidemill.engines.relational.link import Row
from tidemill.loops.call import Call

T = TypeVar("T")

LAST = (1 << 63) - 1
"""Behind every position that there is."""

_HIGHEST = chr(0x10FFFF)
"""No letter, now or ever: no key begins with it."""
_HALVES, _BEHIND_HALVES = 0xD800, 0xE000
"""Between these two are half surrogate pairs, which no store keeps."""


def put_record(tx: Transaction, put: Put) -> Record:
    """Write a document if it still is what the writer saw."""
    check_needs(put.needs, [bool(tx.link.rows("find_record", need)) for need in put.needs])
    version = _version_of(tx, put.kind, put.key, put.expected) + 1
    tx.link.run("put_record", (put.kind, put.key, version, put.doc))
    return Record(put.kind, put.key, version, put.doc)


def _version_of(tx: Transaction, kind: str, key: str, expected: int | None) -> int:
    """The version that is there, 0 for none."""
    found = tx.link.rows("find_record", (kind, key))
    version = int(found[0][0]) if found else 0
    check_version(f"{kind} {key!r}", version, expected)
    return version


def append_entries(tx: Transaction, log: str, entries: Sequence[NewEntry]) -> int:
    """Add lines to a log; answer the last one's position."""
    if log == AUDIT:
        append_chained(tx, entries)
        return tx.link.append(())
    if log == EVENTS:
        tx.signals.append(Signal("event"))
    return tx.link.append([(log, tx.now, e.topic, e.tenant, e.source, e.data) for e in entries])


def append_chained(tx: Transaction, entries: Sequence[NewEntry]) -> None:
    """Add lines to the chained log; the last thing that a transaction does, for others wait."""
    if not entries:
        return
    digest = tx.link.end_of_chain() or _base(tx)
    rows: list[Row] = []
    for entry in entries:
        digest = chained(digest, tx.now, entry)
        rows.append((tx.now, entry.topic, entry.tenant, entry.source, entry.data, digest))
    tx.link.bulk("append_chained", rows)


def _base(tx: Transaction) -> bytes:
    """The digest behind which the chained log begins, lines before it having been deleted."""
    found = tx.link.rows("find_record", CHAIN_BASE)
    return bytes.fromhex(msgspec.json.decode(found[0][1], type=ChainBase).digest) if found else b""


def prune_chained(tx: Transaction, until: Instant, limit: int) -> int:
    """Delete lines of the chained log from its beginning, those as old as this; answer how many.

    The digest of the last one is kept, so that what is left can be shown to be whole.
    """
    lines = tx.link.rows("oldest_chained", (limit,))
    old = list(takewhile(lambda line: line[1] <= until, lines))
    if old:
        position, _, digest = old[-1]
        base = ChainBase(position, bytes(digest).hex())
        put_record(tx, Put(*CHAIN_BASE, msgspec.json.encode(base)))
        tx.link.run("prune_chained", (position,))
    return len(old)


def audited(
    work: Callable[[Transaction], T], audit: Sequence[NewEntry]
) -> Callable[[Transaction], T]:
    """The same work, and behind it the lines that say who has it done."""
    if not audit:
        return work

    def with_lines(tx: Transaction) -> T:
        answer = work(tx)
        append_chained(tx, audit)
        return answer

    return with_lines


def of_tenant(tenant: str | None, say: str) -> tuple[tuple[str, ...], str]:
    """The values and the text of a condition on the tenant, begun with a word; empty for any."""
    if tenant is None:
        return (), ""
    # Said so that the partial index over tenants may be used.
    return (tenant,), f"{say} tenant = ?" + (" AND tenant <> ''" if tenant else "")


class RelationalRecords(Generic[G]):
    """The port of documents and logs."""

    def __init__(self, ground: G) -> None:
        """Stand on this ground."""
        self._ground = ground

    def put(self, put: Put, *, audit: Sequence[NewEntry] = ()) -> Call[Record]:
        """Write a document; see the protocol."""
        return self._ground.write(audited(lambda tx: put_record(tx, put), audit))

    def get(self, kind: str, key: str) -> Call[Record | None]:
        """The document of this key."""

        def read(tx: Transaction) -> Record | None:
            found = tx.link.rows("find_record", (kind, key))
            return Record(kind, key, *found[0]) if found else None

        return self._ground.read(read)

    def find(
        self,
        kind: str,
        equal: Mapping[str, str | int | bool] | None = None,
        *,
        prefix: str = "",
        after: str = "",
        limit: int | None = None,
    ) -> Call[tuple[Record, ...]]:
        """The documents of a kind whose top-level fields equal these, by key.

        Records are few by nature, so they are compared here rather than indexed.
        """
        most = LAST if limit is None else at_most(limit)
        taken = LAST if equal else most
        span = (kind, prefix, after, end_of(prefix), taken)

        def read(tx: Transaction) -> tuple[Record, ...]:
            if prefix or after or limit is not None:
                rows = tx.link.rows("find_records_between", span)
            else:
                rows = tx.link.rows("find_records", (kind,))
            records = (Record(kind, *row) for row in rows)
            return tuple(islice((r for r in records if _fits(r.doc, equal)), most))

        return self._ground.read(read)

    def delete(
        self,
        kind: str,
        key: str,
        expected: int | None = None,
        *,
        unless: Sequence[Mention] = (),
        audit: Sequence[NewEntry] = (),
    ) -> Call[bool]:
        """Remove a document, unless others name it; whether it was there."""

        def work(tx: Transaction) -> bool:
            _version_of(tx, kind, key, expected)
            check_unmentioned(f"{kind} {key!r}", _naming(tx, unless))
            return tx.link.run("delete_record", (kind, key)) > 0

        return self._ground.write(audited(work, audit))

    def append(
        self,
        log: str,
        entries: Sequence[NewEntry],
        *,
        tx: Any = None,
        audit: Sequence[NewEntry] = (),
    ) -> Call[int]:
        """Add lines to a log in order; answer the position of the last one."""
        if tx is not None:
            refuse_chained(log)
        return self._ground.write(
            audited(lambda inner: append_entries(inner, log, entries), audit), tx=tx
        )

    def read(
        self,
        log: str,
        *,
        after: int = 0,
        before: int | None = None,
        limit: int = 100,
        newest: bool = False,
        tenant: str | None = None,
    ) -> Call[tuple[Entry, ...]]:
        """Lines of a log between two positions."""
        statement = "read_newest_entries" if newest else "read_entries"
        whose, condition = of_tenant(tenant, "AND")
        values = (log, after, LAST if before is None else before, *whose, at_most(limit))

        def read(tx: Transaction) -> tuple[Entry, ...]:
            rows = tx.link.rows(statement, values, of_tenant=condition)
            return tuple([Entry(*row) for row in rows])

        return self._ground.read(read)


def end_of(prefix: str) -> str:
    """What is behind every key that begins so, and before every other one behind those.

    Example:
        >>> end_of("acme/")
        'acme0'
    """
    kept = prefix.rstrip(_HIGHEST)
    if not kept:
        return _HIGHEST
    last = ord(kept[-1]) + 1
    return kept[:-1] + chr(_BEHIND_HALVES if last == _HALVES else last)


def _naming(tx: Transaction, mentions: Sequence[Mention]) -> Iterator[str]:
    """The kinds of the documents that name something, each once for each of them."""
    for mention in mentions:
        for _, _, doc in tx.link.rows("find_records", (mention.kind,)):
            if mention.is_in(msgspec.json.decode(doc)):
                yield mention.kind


def refuse_chained(log: str) -> None:
    """See to it that the chained log does not wait for a caller's transaction.

    Raises:
        WrongTransaction: it is the log in question.
    """
    if log == AUDIT:
        raise WrongTransaction(
            f"lines of the log {AUDIT!r} follow one on the other, in no transaction of a caller's",
            hint="leave tx out",
        )


def _fits(doc: bytes, equal: Mapping[str, str | int | bool] | None) -> bool:
    if not equal:
        return True
    fields = msgspec.json.decode(doc)
    missing = object()
    return all(
        (found := fields.get(name, missing)) == value and type(found) is type(value)
        for name, value in equal.items()
    )
