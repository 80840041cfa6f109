"""Facts that happened, and the patterns by which one listens for them."""

import re
import reprlib
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise
from typing import Any

from msgspec import Struct

from tidemill.core.errors import InvalidName
from tidemill.core.instants import Instant

_NAME = re.compile(r"[A-Za-z0-9_\-]+(\.[A-Za-z0-9_\-]+)*")
_PATTERN = re.compile(r"(\*\*|\*|[A-Za-z0-9_\-]+)(\.(\*\*|\*|[A-Za-z0-9_\-]+))*")
_TWICE = ("**", "**")


class Topic(StrEnum):
    """The platform's own events. A row may stand for several jobs that ended in one step.

    The payload of those about jobs is `{"jobs": [{"id", "task", "queue"}, ...]}`. A job that has a
    reason has `"reason"` beside these; one whose attempt failed in this step has
    `"error": {"kind", "message"}`. Where there is neither, neither is there. The traceback stays
    with the job.
    """

    JOBS_COMPLETED = "jobs.completed"
    """Neither reason nor error."""
    JOBS_RETRYING = "jobs.retrying"
    """With the error, and no reason."""
    JOBS_FAILED = "jobs.failed"
    """With reason and error."""
    JOBS_CANCELLED = "jobs.cancelled"
    """With the reason, where one was given, and the error of an attempt that it ended."""
    QUEUE_CHANGED = "queue.changed"
    """`{"queue", "rules"}`: paused, resumed, or limited anew."""
    TASK_CHANGED = "task.changed"
    """`{"task", "rules"}`."""
    KEY_CHANGED = "key.changed"
    """`{"key", "rules"}`."""
    QUOTA_CHANGED = "quota.changed"
    """`{"quota", "rules"}`: the quota is named as its tenant is."""


class Event(Struct, frozen=True):
    """One fact, as it is kept.

    Attributes:
        position: its place in the log; grows, and can be read from.
        name: dotted, such as `invoice.paid`.
        source: who said it.
        payload: JSON value.
    """

    position: int
    at: Instant
    name: str
    tenant: str
    source: str
    payload: Any

    def matches(self, pattern: str) -> bool:
        """Whether a pattern means it, as those of handlers do.

        Raises:
            InvalidName: it is no pattern.

        Example:
            >>> Event(1, 0, "invoice.paid", "", "", None).matches("invoice.*")
            True
        """
        return matches(pattern, self.name)


def check_event_name(name: object) -> str:
    """Return the name of an event if it is one: dotted words of letters, digits, `_`, `-`.

    Raises:
        InvalidName: it is not, or is longer than 255 characters.
    """
    if not isinstance(name, str) or len(name) > 255 or not _NAME.fullmatch(name):
        raise InvalidName(
            f"event name {reprlib.repr(name)} is not allowed",
            hint='use dotted words, such as "invoice.paid"',
        )
    return name


@lru_cache(maxsize=1024)
def compile_pattern(pattern: object) -> tuple[str, ...]:
    """The words of a pattern: `*` is one word, `**` any number of words, none included.

    Of several `**` in a row one is left, which means the same.

    Raises:
        InvalidName: it holds anything but words, `*` and `**` between dots.
    """
    if not isinstance(pattern, str) or len(pattern) > 255 or not _PATTERN.fullmatch(pattern):
        raise InvalidName(
            f"event pattern {reprlib.repr(pattern)} is not allowed",
            hint='use dotted words, "*" for one word, "**" for any number',
        )
    words = pattern.split(".")
    return (words[0], *(word for before, word in pairwise(words) if (before, word) != _TWICE))


def matches(pattern: str, name: str) -> bool:
    """Whether a pattern means an event of this name.

    Example:
        >>> matches("invoice.*", "invoice.paid"), matches("**.paid", "paid")
        (True, True)
    """
    meant, words = compile_pattern(pattern), name.split(".")
    if "" in words:
        return False
    at = place = again = 0
    any_number = -1
    # No regular expression: with many `**` one would try very many ways to share out the words.
    # Here only the last `**` ever takes one more, for whatever fits behind the first place where
    # the words before it fit, fits there as well.
    while place < len(words):
        wanted = meant[at] if at < len(meant) else ""
        if wanted == "**":
            any_number, again = at, place
            at += 1
        elif wanted in ("*", words[place]):
            at += 1
            place += 1
        elif any_number >= 0:
            again += 1
            at, place = any_number + 1, again
        else:
            return False
    return meant[at:] in ((), ("**",))
