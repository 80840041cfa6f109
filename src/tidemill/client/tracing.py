"""The trace that a job is part of: what is sent along with it, and who is told that it was sent.

A trace context travels as W3C Trace Context has it (https://www.w3.org/TR/trace-context/), in the
headers of a job. A job that is enqueued while another one runs, or while a request is served, is
part of the same trace; no library is needed for that. Spans are made where one is given.
"""

import re
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from typing import Final, Protocol

from tidemill.core.job import NewJob

TRACEPARENT: Final = "traceparent"
TRACESTATE: Final = "tracestate"

_PARENT: Final = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_MOST_STATE: Final = 512

carried: Final[ContextVar[Mapping[str, str] | None]] = ContextVar("tidemill_trace", default=None)
"""The trace context of what is being done here; `None`: there is none."""


class Tracing(Protocol):
    """Makes spans."""

    def sent(self, jobs: Sequence[NewJob]) -> Mapping[str, str]:
        """Note that jobs are being enqueued; answer the headers that they carry."""
        ...


def context_of(headers: Mapping[str, str]) -> Mapping[str, str] | None:
    """The trace context in some headers, unless it is none or not well formed.

    Example:
        >>> context_of({"traceparent": "00-" + "a" * 32 + "-" + "b" * 16 + "-01", "other": "x"})
        {'traceparent': '00-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-bbbbbbbbbbbbbbbb-01'}
        >>> context_of({"traceparent": "nonsense"})
    """
    parent, state = headers.get(TRACEPARENT, ""), headers.get(TRACESTATE, "")
    if not _PARENT.fullmatch(parent):
        return None
    found = {TRACEPARENT: parent}
    if state and len(state) <= _MOST_STATE and state.isascii() and state.isprintable():
        found[TRACESTATE] = state
    return found
