"""Charter: what a task has of the module that brings it, and what the module's code may do."""

from collections.abc import Iterable, Iterator, Mapping
from contextvars import ContextVar
from itertools import product
from typing import Any, Final

from msgspec import Struct

from tidemill.core.errors import NotFound, NotPermitted
from tidemill.core.event import matches

_ANY_WORD: Final = "?"
"""A word that is in no name, so that only a wildcard means it."""

_MOST_OPEN: Final = 4
"""Wildcards for any number of words in a pattern that is compared with another one."""


class Permissions(Struct, frozen=True, kw_only=True):
    """What the code of a module may do, beside what its own queue and services are for.

    Attributes:
        queues: queues that its jobs may go to.
        emit: patterns of the events that it may emit.
        hear: patterns of the events that its handlers may be told of.
    """

    queues: tuple[str, ...] = ()
    emit: tuple[str, ...] = ()
    hear: tuple[str, ...] = ()


class Charter(Struct, frozen=True, kw_only=True, eq=False):
    """What the tasks of a module carry of it.

    Attributes:
        module: its name, which its own queue has as well.
        place: where its permissions are written, for whoever has to add to them.
        permissions: what its code may do; `None`: whatever the application may.
        services: what its jobs may use of what the application gives its handlers.
        settings: its settings, as the application has them.
        home: the client of the application that includes it; `None`: none does yet.
    """

    module: str
    place: str
    permissions: Permissions | None = None
    services: tuple[str, ...] = ()
    settings: Any = {}
    home: Any = None

    def check_queue(self, queue: str) -> None:
        """See to it that a job may go to a queue.

        Raises:
            NotPermitted: it may not.
        """
        may = self.permissions
        if may is not None and queue != self.module and queue not in may.queues:
            raise self._refused(f"sends a job to queue {queue!r}", queue, "permissions.queues")

    def check_emit(self, name: str) -> None:
        """See to it that an event may be emitted.

        Raises:
            NotPermitted: it may not.
        """
        may = self.permissions
        if may is not None and not any(matches(pattern, name) for pattern in may.emit):
            raise self._refused(f"emits {name!r}", name, "permissions.events.emit")

    def check_hear(self, pattern: str) -> None:
        """See to it that a handler may be told of the events of a pattern.

        Raises:
            NotPermitted: it may not.
        """
        may = self.permissions
        if may is not None and not any(covers(each, pattern) for each in may.hear):
            raise self._refused(f"listens for {pattern!r}", pattern, "permissions.events.hear")

    def check_service(self, name: str) -> None:
        """See to it that a service may be used.

        Raises:
            NotPermitted: it may not.
        """
        if name not in self.services:
            raise self._refused(f"uses the service {name!r}", name, "permissions.services")

    def _refused(self, does: str, what: str, key: str) -> NotPermitted:
        return NotPermitted(
            f"module {self.module} {does}, for which it has no permission",
            hint=f"add {what!r} to {key} of {self.place}, if it is meant to",
        )


chartered: Final[ContextVar[Charter | None]] = ContextVar("tidemill_charter", default=None)
"""The charter of the module whose code this is; `None`: it is the application's own."""


class Permitted(Mapping[str, Any]):
    """The services that the code of a module may use, of those that are given."""

    def __init__(self, given: Mapping[str, Any], charter: Charter) -> None:
        """Give no more than the charter says."""
        self._given = given
        self._charter = charter

    def __getitem__(self, name: str) -> Any:
        self._charter.check_service(name)
        if name not in self._given:
            raise NotFound(
                f"module {self._charter.module} needs the service {name!r}, which this worker is "
                "not given",
                hint=f'app.worker(services={{"{name}": ...}}); a child process has none',
            )
        return self._given[name]

    def __contains__(self, name: object) -> bool:
        return name in self._charter.services and name in self._given

    def __iter__(self) -> Iterator[str]:
        return (name for name in self._charter.services if name in self._given)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def covers(wide: str, narrow: str) -> bool:
    """Whether a pattern means every event that another one means; in doubt it does not.

    Example:
        >>> covers("invoice.**", "invoice.*"), covers("invoice.*", "invoice.**")
        (True, False)
    """
    if wide == narrow:
        return True
    words = narrow.split(".")
    if words.count("**") > _MOST_OPEN:
        return False
    # A pattern without `**` means names of one length; one with it all lengths from its least.
    lengths = (0, 1, len(wide.split(".")) + 1)
    return all(matches(wide, name) for name in _samples(words, lengths) if name)


def _samples(words: list[str], lengths: Iterable[int]) -> Iterator[str]:
    """Names that stand for all that a pattern means."""
    each = [
        [[_ANY_WORD] * length for length in lengths]
        if word == "**"
        else [[_ANY_WORD if word == "*" else word]]
        for word in words
    ]
    for parts in product(*each):
        yield ".".join(word for part in parts for word in part)
