"""Documents with versions, and logs that only grow."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import msgspec

from tidemill.core.errors import WrongTransaction
from tidemill.core.query import at_most
from tidemill.core.record import (
    Entry,
    Mention,
    NewEntry,
    Put,
    Record,
    check_needs,
    check_unmentioned,
    check_version,
)
from tidemill.engines.memory.store import Step, Store
from tidemill.loops.call import Call

_MISSING = object()


class MemoryRecords:
    """The port of documents and logs."""

    def __init__(self, store: Store) -> None:
        """Stand on the store."""
        self._store = store

    def put(self, put: Put, *, audit: Sequence[NewEntry] = ()) -> Call[Record]:
        """Write a document if it still is what the writer saw."""
        return self._store.call(lambda step: put_record(step, put), put, audit=audit)

    def get(self, kind: str, key: str) -> Call[Record | None]:
        """The document of this key."""
        return self._store.call(lambda step: step.store.records.get((kind, key)))

    def find(
        self,
        kind: str,
        equal: Mapping[str, str | int | bool] | None = None,
        *,
        prefix: str = "",
        after: str = "",
        limit: int | None = None,
    ) -> Call[tuple[Record, ...]]:
        """The documents of a kind whose top-level fields equal these, by key."""

        def find(step: Step) -> tuple[Record, ...]:
            found = sorted(
                (
                    record
                    for record in step.store.records.values()
                    if record.kind == kind
                    and record.key.startswith(prefix)
                    and record.key > after
                    and _fits(record.doc, equal or {})
                ),
                key=lambda record: record.key,
            )
            return tuple(found if limit is None else found[: at_most(limit)])

        return self._store.call(find)

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

        def remove(step: Step) -> bool:
            version_of(step, kind, key, expected)
            check_unmentioned(f"{kind} {key!r}", _naming(step, unless))
            return step.store.records.pop((kind, key), None) is not None

        return self._store.call(remove, audit=audit)

    def append(
        self,
        log: str,
        entries: Sequence[NewEntry],
        *,
        tx: Any = None,
        audit: Sequence[NewEntry] = (),
    ) -> Call[int]:
        """Add lines to a log in order; answer the position of the last one."""
        return self._store.call(
            lambda step: _append(step, log, entries, tx), log, entries, audit=audit
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
        """Lines of a log between two positions, oldest first; or the newest ones, newest first."""

        def read(step: Step) -> tuple[Entry, ...]:
            lines = [
                line
                for line in step.store.logs.get(log, ())
                if line.position > after
                and (before is None or line.position < before)
                and tenant in (None, line.tenant)
            ]
            return tuple(islice(reversed(lines) if newest else lines, at_most(limit)))

        return self._store.call(read, tenant)


def refuse_transaction(tx: Any) -> None:
    """Say that no transaction can be shared with memory.

    Raises:
        WrongTransaction: one was handed over.
    """
    if tx is not None:
        raise WrongTransaction(
            f"the memory engine cannot take part in {type(tx).__name__}",
            hint="leave tx out, or use an engine with transactions",
        )


def version_of(step: Step, kind: str, key: str, expected: int | None) -> int:
    """The version that is there, 0 for none.

    Raises:
        VersionConflict: another one was expected.
    """
    record = step.store.records.get((kind, key))
    version = record.version if record else 0
    check_version(f"{kind} {key!r}", version, expected)
    return version


def check_put(step: Step, put: Put) -> int:
    """See to it that a document may be written; the version that is there, 0 for none.

    Raises:
        NotFound: one that it needs is not there.
        VersionConflict: it is not what the writer saw.
    """
    check_needs(put.needs, [need in step.store.records for need in put.needs])
    return version_of(step, put.kind, put.key, put.expected)


def put_record(step: Step, put: Put) -> Record:
    """Write a document if it still is what the writer saw."""
    version = check_put(step, put) + 1
    record = Record(put.kind, put.key, version, put.doc)
    step.store.records[put.kind, put.key] = record
    return record


def _fits(doc: bytes, equal: Mapping[str, str | int | bool]) -> bool:
    """Whether the fields are there and equal; `True` is not 1, as in JSON."""
    if not equal:
        return True
    fields = msgspec.json.decode(doc)
    return all(
        (found := fields.get(name, _MISSING)) == value and type(found) is type(value)
        for name, value in equal.items()
    )


def _naming(step: Step, mentions: Sequence[Mention]) -> Iterator[str]:
    """The kinds of the documents that name something, each once for each of them."""
    for mention in mentions:
        for record in step.store.records.values():
            if record.kind == mention.kind and mention.is_in(msgspec.json.decode(record.doc)):
                yield record.kind


def _append(step: Step, log: str, entries: Sequence[NewEntry], tx: Any) -> int:
    refuse_transaction(tx)
    for entry in entries:
        step.append(log, entry)
    return step.store.last_position
