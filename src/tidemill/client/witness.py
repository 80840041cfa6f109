"""Who has something done: what a caller is told by in the audit log, beside what was done."""

from typing import Any, Protocol

import msgspec
from msgspec import Struct

from tidemill.core.record import NewEntry


class Deed(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that somebody has done, or asked for.

    Attributes:
        action: dotted name, such as `"queues.pause"`.
        target: what it was done to: an id, a name; empty if it has no one name.
        given: what was asked for in particular, as JSON values by name.
        before: the document as it was, if it is one that is edited; `None`: it was not there.
        after: the document as it has become; `None`: it is not there any more.
    """

    action: str
    target: str = ""
    given: dict[str, Any] = {}
    before: bytes | None = None
    after: bytes | None = None


class Witness(Protocol):
    """Knows who asks."""

    @property
    def source(self) -> str:
        """How the audit log names them."""
        ...

    def tells(self, deed: Deed) -> NewEntry:
        """The line of the audit log that says who has done this."""
        ...


def written(value: Any) -> bytes:
    """A document as it is compared and digested: the same value gives the same bytes.

    Example:
        >>> written({"b": 1, "a": [2]})
        b'{"a":[2],"b":1}'
    """
    return msgspec.json.encode(value, order="sorted")
