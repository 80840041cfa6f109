"""How much of everything there is: the sizes that a measurement goes by."""

from typing import Final

from msgspec import Struct


class Scale(Struct, frozen=True, kw_only=True):
    """Sizes, all of them to be changed on the command line.

    Attributes:
        seconds: how long a writer writes.
        backlog: jobs that a worker empties a queue of.
        peer_backlog: the same for a peer, which takes longer.
        pickups: jobs that are watched one by one on their way to a worker.
        claims: claims that are timed in one store.
        waiting: jobs in line in the store that has many.
        scheduled: jobs that are due later.
        blocked: jobs parked under one key.
        history: jobs that have ended.
        marathon: jobs that one worker runs while its memory is watched.
        pinned_minutes: how long jobs are offered while an old snapshot is held.
        posts: webhooks that a worker posts.
        stay_minutes: how long a page is looked at while jobs come and go.
        reported: rows of a report.
        exported: rows of a table that is exported.
    """

    seconds: float = 4.0
    backlog: int = 100_000
    peer_backlog: int = 20_000
    pickups: int = 300
    claims: int = 100
    waiting: int = 1_000_000
    scheduled: int = 1_000_000
    blocked: int = 100_000
    history: int = 5_000_000
    marathon: int = 500_000
    posts: int = 10_000
    pinned_minutes: float = 15.0
    stay_minutes: float = 60.0
    reported: int = 10_000
    exported: int = 1_000_000

    @property
    def watched(self) -> float:
        """Seconds that the longest of them only watches."""
        return 60 * max(self.pinned_minutes, self.stay_minutes)


FULL: Final = Scale()
QUICK: Final = Scale(
    seconds=1.0,
    backlog=10_000,
    peer_backlog=3_000,
    pickups=50,
    claims=30,
    waiting=20_000,
    scheduled=20_000,
    blocked=2_000,
    history=50_000,
    marathon=20_000,
    posts=2_000,
    pinned_minutes=1.0,
    stay_minutes=1.0,
    reported=1_000,
    exported=50_000,
)
