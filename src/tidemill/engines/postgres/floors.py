"""How far each line has been read, so that claims need not read past the same dead rows again.

A job that leaves the line leaves a dead entry in its index, which stays until nobody can see it any
more and it has been cleaned away. Where somebody looks at the store as it was an hour ago, that is
an hour's jobs in front of the first one that waits.

A floor is the place of the first job that a claim was given. What is inserted later comes behind
it, or has another rank, which is looked for without a floor. What comes back to an old place is
counted by the store. Left is what was stored before the floor and committed behind it: a floor lies
a second back, and is given up every second, and as soon as a claim does not get all that it asked
for. Where a look from the beginning has taken long, it is taken more rarely, so that what lies dead
there costs no more than a small share of the time.
"""

from collections.abc import Sequence
from typing import Final

from tidemill.core.instants import Instant, Millis
from tidemill.core.job import Claim
from tidemill.engines.relational.link import Values

BACK: Final[Millis] = 1_000
"""How much earlier than the first job the floor lies."""

LONGEST: Final = 1.0
"""Seconds after which lines are read from their beginning, where that is soon done."""

DEAR: Final = 0.02
"""Seconds: a look from the beginning that takes longer reads past many that are dead."""

SHARE: Final = 0.05
"""Of the time, at most, that goes into such looks."""

RAREST: Final = 30.0
"""Seconds after which lines are read from their beginning whatever it costs."""

NO_FLOORS: Final[Values] = ([], [], [], -1)
"""Lines are read from their beginning."""


class Floors:
    """The floors of one process."""

    def __init__(self) -> None:
        """Know of none."""
        self._floors: dict[str, tuple[int, Instant]] = {}
        self._rewinds = -1
        self._begun_at = 0.0
        self._cost = 0.0
        self._given_up: dict[str, tuple[int, Instant]] = {}

    def values(self, now: float) -> Values:
        """Queues, ranks, moments, and what had come back: as `claim_plain` takes them.

        Args:
            now: seconds of a clock that nobody can set.
        """
        if now - self._begun_at > min(max(LONGEST, self._cost / SHARE), RAREST):
            self._given_up, self._floors = self._floors, {}
            self._begun_at = now
        floors = self._floors.items()
        if not floors:
            return NO_FLOORS
        return (
            [queue for queue, _ in floors],
            [rank for _, (rank, _) in floors],
            [ready_at for _, (_, ready_at) in floors],
            self._rewinds,
        )

    def took(self, seconds: float) -> None:
        """Remember how long a look from the beginning has taken."""
        self._cost = seconds

    def learn(self, claims: Sequence[Claim], rewinds: int, *, all_that_was_wanted: bool) -> bool:
        """Raise the floors to what was claimed, or give them up; whether to look before them now.

        Args:
            rewinds: what has come back to old places by now.
            all_that_was_wanted: whether there is nothing that a further look could add.
        """
        dear = self._cost > DEAR
        stays = all_that_was_wanted or dear
        again = bool(self._floors) and not stays
        if rewinds != self._rewinds:
            self._given_up = {}
        kept = dict(self._floors) if rewinds == self._rewinds and stays else {}
        firsts: dict[str, Claim] = {}
        if stays:
            for claim in claims:
                firsts.setdefault(claim.queue, claim)
        for queue, first in firsts.items():
            place = (-first.priority, first.ready_at - BACK)
            # One of a smaller rank was found before the floor, which holds for the others still.
            kept[queue] = max(kept.get(queue, place), place)
        if dear and not self._floors:
            # A line that gave nothing to this look from the beginning keeps the floor that it had.
            kept = self._given_up | kept
        self._floors, self._rewinds = kept, rewinds
        return again
