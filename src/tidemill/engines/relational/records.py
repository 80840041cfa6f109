"""Documents with versions, and logs that only grow."""

from collections.abc import Mapping, Sequence
from typing import Any, Generic

import msgspec

from tidemill.core.query import at_most
from tidemill.core.record import EVENTS, Entry, NewEntry, Put, Record, check_version
from tidemill.core.signal import Signal
from tidemill.engines.relational.ground import G, Transaction
from tidemill.loops.call import Call


def put_record(tx: Transaction, put: Put) -> Record:
    """Write a document if it still is what the writer saw."""
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
    if log == EVENTS:
        tx.signals.append(Signal("event"))
    return tx.link.append([(log, tx.now, e.topic, e.tenant, e.source, e.data) for e in entries])


class RelationalRecords(Generic[G]):
    """The port of documents and logs."""

    def __init__(self, ground: G) -> None:
        """Stand on this ground."""
        self._ground = ground

    def put(self, put: Put) -> Call[Record]:
        """Write a document; see the protocol."""
        return self._ground.write(lambda tx: put_record(tx, put))

    def get(self, kind: str, key: str) -> Call[Record | None]:
        """The document of this key."""

        def read(tx: Transaction) -> Record | None:
            found = tx.link.rows("find_record", (kind, key))
            return Record(kind, key, *found[0]) if found else None

        return self._ground.read(read)

    def find(
        self, kind: str, equal: Mapping[str, str | int | bool] | None = None
    ) -> Call[tuple[Record, ...]]:
        """The documents of a kind whose top-level fields equal these, by key.

        Records are few by nature, so they are compared here rather than indexed.
        """

        def read(tx: Transaction) -> tuple[Record, ...]:
            rows = tx.link.rows("find_records", (kind,))
            records = (Record(kind, *row) for row in rows)
            return tuple([r for r in records if _fits(r.doc, equal)])

        return self._ground.read(read)

    def delete(self, kind: str, key: str, expected: int | None = None) -> Call[bool]:
        """Remove a document; whether it was there."""

        def work(tx: Transaction) -> bool:
            _version_of(tx, kind, key, expected)
            return tx.link.run("delete_record", (kind, key)) > 0

        return self._ground.write(work)

    def append(self, log: str, entries: Sequence[NewEntry], *, tx: Any = None) -> Call[int]:
        """Add lines to a log in order; answer the position of the last one."""
        return self._ground.write(lambda inner: append_entries(inner, log, entries), tx=tx)

    def read(
        self, log: str, *, after: int = 0, limit: int = 100, newest: bool = False
    ) -> Call[tuple[Entry, ...]]:
        """Lines of a log behind a position."""
        statement = "read_newest_entries" if newest else "read_entries"

        most = at_most(limit)

        def read(tx: Transaction) -> tuple[Entry, ...]:
            return tuple([Entry(*row) for row in tx.link.rows(statement, (log, after, most))])

        return self._ground.read(read)


def _fits(doc: bytes, equal: Mapping[str, str | int | bool] | None) -> bool:
    if not equal:
        return True
    fields = msgspec.json.decode(doc)
    missing = object()
    return all(
        (found := fields.get(name, missing)) == value and type(found) is type(value)
        for name, value in equal.items()
    )
