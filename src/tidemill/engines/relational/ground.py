"""Where the shared verbs do their work: in transactions that the engine begins and ends."""

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Final, Protocol, TypeVar

from tidemill.core.instants import Instant, Millis
from tidemill.core.signal import Signal
from tidemill.engines.relational.link import Link
from tidemill.loops.call import Call
from tidemill.loops.failpoint import Place

T = TypeVar("T")

HELD_UP: Final[Millis] = 10
"""How soon to look again where other transactions hold all that there is to do."""


class Transaction:
    """What work sees of the transaction it is done in: the connection, the time, whom to tell.

    Attributes:
        now: one reading of the store's clock.
        steady: the clock by which leases are counted, in milliseconds; nobody can set it.
        queues: queues that are known to be stored, so that they need not be stored again.
        new_queues: queues stored here; known once it is committed.
        signals: hints to be given once it is committed.
        keep_others_out: have all wait from here on who change what more than one job decides; most
            transactions do so from their beginning.
    """

    __slots__ = ("keep_others_out", "link", "new_queues", "now", "queues", "signals", "steady")

    def __init__(
        self, link: Link, now: Instant, steady: Millis, queues: AbstractSet[str] = frozenset()
    ) -> None:
        """Begin with nobody to tell."""
        self.link = link
        self.now = now
        self.steady = steady
        self.queues = queues
        self.new_queues: set[str] = set()
        self.signals: list[Signal] = []
        self.keep_others_out: Callable[[], None] = _nothing


def _nothing() -> None:
    """Nobody is in."""


class Ground(Protocol):
    """Does work on the store, each piece in a transaction of its own."""

    def read(self, work: Callable[[Transaction], T]) -> Call[T]:
        """A call that reads, all of it seeing the store at one moment."""
        ...

    def write(
        self,
        work: Callable[[Transaction], T],
        *,
        after: Place | None = None,
        asks_first: bool = False,
        tx: Any = None,
    ) -> Call[T]:
        """A call that writes, whole or not at all, and counts on nobody else doing so meanwhile.

        Args:
            after: a fail-point to pass once it is committed.
            asks_first: it raises errors of ours only before it has changed anything.
            tx: a transaction of the caller's own, to do it in.
        """
        ...

    def write_together(
        self,
        together: Callable[[Transaction, Sequence[Any]], Sequence[T]],
        item: Any,
        *,
        after: Place | None = None,
    ) -> Call[T]:
        """A call that writes, and may be done in one go with others of its kind."""
        ...


G = TypeVar("G", bound=Ground)
