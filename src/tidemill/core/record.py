"""Records: the few, cold, versioned documents, and the logs that only grow."""

from collections import Counter
from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Any

from msgspec import Struct

from tidemill.core.errors import NotFound, StateError, VersionConflict
from tidemill.core.instants import Instant


class Record(Struct, frozen=True):
    """A document under a kind and a key.

    Attributes:
        version: 1 when it is new; one more with every change.
        doc: JSON object.
    """

    kind: str
    key: str
    version: int
    doc: bytes


class Put(Struct, frozen=True):
    """Write a document if it still is what the writer saw.

    Attributes:
        expected: version that was read; 0: it must not exist; `None`: whatever is there.
        needs: kind and key of documents that have to be there, too.
    """

    kind: str
    key: str
    doc: bytes
    expected: int | None = None
    needs: tuple[tuple[str, str], ...] = ()


class Mention(Struct, frozen=True):
    """Where documents of one kind name something: one that is named is not to be removed.

    Attributes:
        field: a field, or the fields that lead to it with dots between them; of a list, each part.
        name: what is named there.
    """

    kind: str
    field: str
    name: str

    def is_in(self, doc: Any) -> bool:
        """Whether a document names it.

        Example:
            >>> Mention("user", "grants.tenant", "acme").is_in({"grants": [{"tenant": "acme"}]})
            True
        """
        return self.name in _values(doc, self.field.split("."))


class NewEntry(Struct, frozen=True):
    """A line to be added to a log.

    Attributes:
        topic: dotted name by which it can be looked for; a level for job logs.
        data: JSON value.
    """

    topic: str
    data: bytes
    tenant: str = ""
    source: str = ""


class Entry(Struct, frozen=True):
    """A line of a log, with its place. Positions grow with time and are never used twice.

    Attributes:
        digest: in the chained log, what ties the line to all before it; elsewhere empty.
    """

    position: int
    at: Instant
    topic: str
    tenant: str
    source: str
    data: bytes
    digest: bytes = b""


EVENTS = "events"
"""The log that holds every event."""

AUDIT = "audit"
"""The log that holds who did what. It is chained: who alters, removes or slips in a line of it has
to make anew the digests of all lines behind."""


CHAIN_BASE = ("audit", "base")
"""Kind and key of the record that says where the chained log begins, once lines were deleted."""


class ChainBase(Struct, frozen=True):
    """The last line of the chained log that was deleted for its age.

    Attributes:
        digest: its digest, in hexadecimal digits.
    """

    position: int
    digest: str


def chained(before: bytes, at: Instant, entry: NewEntry) -> bytes:
    """The digest of a line of the chained log: SHA-256 over the one before it and what it says.

    Every part is preceded by its length, so that no two lines are told by the same bytes.

    Args:
        before: the digest of the line before; empty for the first one.
        at: when it was added, in milliseconds.
    """
    digest = sha256(before)
    for part in (str(at), entry.topic, entry.tenant, entry.source):
        told = part.encode()
        digest.update(b"%d:%b" % (len(told), told))
    digest.update(b"%d:%b" % (len(entry.data), entry.data))
    return digest.digest()


def job_log(job: str) -> str:
    """Name of the log that holds what a job said while it ran."""
    return f"job/{job}"


def check_needs(needs: Iterable[tuple[str, str]], there: Iterable[bool]) -> None:
    """Make sure that what a document needs is there.

    Raises:
        NotFound: it is not.
    """
    for (kind, key), is_there in zip(needs, there, strict=True):
        if not is_there:
            raise NotFound(
                f"{kind} {key!r} has just been removed", hint="make it again first, if it is meant"
            )


def check_unmentioned(what: str, kinds: Iterable[str]) -> None:
    """Make sure that nothing names a document that is to be removed.

    Args:
        what: the document as a sentence begins with it, such as "tenant 'acme'".
        kinds: the kind of each document that names it.

    Raises:
        StateError: something does; it is told what, and how often.
    """
    if counts := Counter(kinds):
        told = ", ".join(f"{kind} ({count})" for kind, count in counts.items())
        raise StateError(f"{what} is named by others: {told}", hint="remove those first")


def _values(doc: Any, path: list[str]) -> Iterator[Any]:
    """What is at the end of a path."""
    if isinstance(doc, list):
        for part in doc:
            yield from _values(part, path)
    elif not path:
        yield doc
    elif isinstance(doc, dict) and path[0] in doc:
        yield from _values(doc[path[0]], path[1:])


def check_version(what: str, version: int, expected: int | None) -> None:
    """Make sure that something still is what its writer saw, where that was asked for.

    Args:
        what: the thing as a sentence begins with it, such as "schedule 'nightly'".
        version: the version that is there, 0 for none.
        expected: the one that was seen; `None`: any will do.

    Raises:
        VersionConflict: another one is there.
    """
    if expected is not None and expected != version:
        raise VersionConflict(
            f"{what} is at version {version}, not {expected}",
            hint="read it again, then decide anew",
        )
