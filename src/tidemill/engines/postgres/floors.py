"""How far each line has been read, so that claims need not read past the same dead rows again.

A job that leaves the line leaves a dead entry in its index, which stays until nobody can see it any
more and it has been cleaned away. Where somebody looks at the store as it was an hour ago, that is
an hour's jobs in front of the first one that waits.

A floor is the place of the first job that a claim was given. What is inserted later comes behind
it, or has another rank, which is looked for without a floor. What comes back to an old place is
counted by the store. Left is what was stored before the floor and committed behind it: a floor lies
a second back, is given up every second, and as soon as a claim does not get all that it asked for.
"""

from collections.abc import Sequence
from typing import Final

from tidemill.core.instants import Instant, Millis
from tidemill.core.job import Claim
from tidemill.engines.relational.link import Values

BACK: Final[Millis] = 1_000
"""How much earlier than the first job the floor lies."""

LONGEST: Final = 1.0
"""Seconds after which lines are read from their beginning."""

_NONE: Final[Values] = ([], [], [], -1)


class Floors:
    """The floors of one process."""

    def __init__(self) -> None:
        """Know of none."""
        self._floors: dict[str, tuple[int, Instant]] = {}
        self._rewinds = -1
        self._begun_at = 0.0

    def values(self, now: float) -> Values:
        """Queues, ranks, moments, and what had come back: as `claim_plain` takes them.

        Args:
            now: seconds of a clock that nobody can set.
        """
        if now - self._begun_at > LONGEST:
            self._floors = {}
            self._begun_at = now
        floors = self._floors.items()
        if not floors:
            return _NONE
        return (
            [queue for queue, _ in floors],
            [rank for _, (rank, _) in floors],
            [ready_at for _, (_, ready_at) in floors],
            self._rewinds,
        )

    def learn(self, claims: Sequence[Claim], rewinds: int, *, all_that_was_wanted: bool) -> bool:
        """Raise the floors to what was claimed, or give them up; whether there were any till then.

        Args:
            rewinds: what has come back to old places by now.
        """
        had = bool(self._floors)
        kept = dict(self._floors) if rewinds == self._rewinds and all_that_was_wanted else {}
        firsts: dict[str, Claim] = {}
        if all_that_was_wanted:
            for claim in claims:
                firsts.setdefault(claim.queue, claim)
        for queue, first in firsts.items():
            place = (-first.priority, first.ready_at - BACK)
            # One of a smaller rank was found before the floor, which holds for the others still.
            kept[queue] = max(kept.get(queue, place), place)
        self._floors, self._rewinds = kept, rewinds
        return had
