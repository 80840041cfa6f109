"""How many more jobs may start, and how many may be fetched ahead of that."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from msgspec import Struct

from tidemill.tasks.declaration import Declaration
from tidemill.tasks.options import Executor as Kind

MOST_AHEAD: Final = 500
"""Jobs of one kind that may be fetched before there is room for them."""

SLOW: Final = 0.2
"""Seconds of run time above which nothing is fetched ahead: it would wait here for no good."""

_SLACK: Final = 0.010
_RUN_WEIGHT: Final = 0.1
_MIX_WEIGHT: Final = 0.3
_LEAST_SHARE: Final = 0.02


class Ask(Struct, frozen=True):
    """What to ask the store for.

    Attributes:
        limit: at most so many jobs.
        at_once: so many of them would begin at once.
        without: but none of these tasks.
    """

    limit: int
    at_once: int
    without: tuple[str, ...] = ()


class Load(Struct, frozen=True):
    """What one executor has now.

    Attributes:
        held: runs it was handed and has not delivered.
        waiting: those of them that wait in its line.
    """

    held: int
    waiting: int


class Slots:
    """Counts nothing itself: it is told what runs, and learns how long jobs take.

    A claim is not told how many jobs of each kind of executor it may bring, so what is asked for
    follows from the mix of kinds that claims have brought so far. While one kind is full its tasks
    are left out, so that their jobs wait in the store, where another worker sees them.
    """

    def __init__(self, capacity: Mapping[Kind, int], tasks: Iterable[Declaration[Any]]) -> None:
        """Begin with what the declarations tell; only kinds that some task has are counted."""
        self._tasks: dict[Kind, list[str]] = {}
        for task in tasks:
            self._tasks.setdefault(task.options.executor, []).append(task.name)
        count = sum(map(len, self._tasks.values()))
        self._capacity = {kind: size for kind, size in capacity.items() if kind in self._tasks}
        self._share = {kind: len(self._tasks[kind]) / count for kind in self._capacity}
        self._run_time: dict[Kind, float] = {}
        self._asks_for_all = True
        self._round_trip = 0.0

    @property
    def room(self) -> int:
        """Jobs that may run at once, of all kinds that some task has."""
        return sum(self._capacity.values())

    def ended(self, kind: Kind, seconds: float) -> None:
        """Learn from a job that ran so long."""
        known = self._run_time.get(kind)
        # The first one counts whole: it is all that is known.
        self._run_time[kind] = seconds if known is None else known + _RUN_WEIGHT * (seconds - known)

    def claimed(self, kinds: Sequence[Kind], seconds: float) -> None:
        """Learn from what was asked for last: the kind of each job, and how long it took."""
        self._round_trip += _RUN_WEIGHT * (seconds - self._round_trip)
        # What comes when something was left out says nothing about the mix.
        if kinds and self._asks_for_all:
            for kind in self._share:
                share = kinds.count(kind) / len(kinds)
                self._share[kind] += _MIX_WEIGHT * (share - self._share[kind])

    def ahead(self, kind: Kind) -> int:
        """How many jobs of a kind may wait here: as many as it ends while one claim is made."""
        seconds = self._run_time.get(kind)
        if seconds is None or seconds > SLOW:
            return 0
        rate = self._capacity[kind] / max(seconds, 1e-6)
        return min(MOST_AHEAD, math.ceil(rate * (self._round_trip + _SLACK)))

    def ask(self, loads: Mapping[Kind, Load]) -> Ask | None:
        """What to ask for now; `None`: nothing, for there is no room."""
        room: dict[Kind, int] = {}
        for kind, capacity in self._capacity.items():
            ahead = self.ahead(kind)
            low = loads[kind].waiting <= ahead // 2
            # Lines are refilled at the half mark, so that claims are few and large.
            room[kind] = max(capacity + ahead - loads[kind].held, 0) if low else 0
        full = [kind for kind, jobs in room.items() if not jobs]
        if len(full) == len(room):
            return None
        self._asks_for_all = not full
        without = sorted(task for kind in full for task in self._tasks[kind])
        limits = (
            jobs / max(self._share[kind], _LEAST_SHARE) for kind, jobs in room.items() if jobs
        )
        limit = min(int(min(limits)), sum(room.values()))
        free = [self._capacity[kind] - loads[kind].held for kind, jobs in room.items() if jobs]
        # Of whichever kinds the jobs turn out to be, so many find a place.
        return Ask(max(1, limit), max(0, min(free)), tuple(without))
