"""Records: the few, cold, versioned documents, and the logs that only grow."""

from msgspec import Struct

from tidemill.core.errors import VersionConflict
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
    """

    kind: str
    key: str
    doc: bytes
    expected: int | None = None


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
    """A line of a log, with its place. Positions grow with time and are never used twice."""

    position: int
    at: Instant
    topic: str
    tenant: str
    source: str
    data: bytes


EVENTS = "events"
"""The log that holds every event."""


def job_log(job: str) -> str:
    """Name of the log that holds what a job said while it ran."""
    return f"job/{job}"


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
