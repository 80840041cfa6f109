"""All faults of the table, each with the journeys that bring it about."""

from collections.abc import Callable
from functools import partial
from typing import Final, NamedTuple

from tests.journeys import cutting, ending, freezing, setting
from tests.journeys.cutting import ANSWERS
from tests.journeys.figures import Figures
from tests.journeys.killing import KILL_AT, PLACES_OF, at_ask, killed
from tests.journeys.stage import Stage

SEEDS: Final = 20
"""Journeys to each fail-point on each engine."""

Journey = Callable[[Stage], Figures]


class Fault(NamedTuple):
    """One line of the table for each engine.

    Attributes:
        name: what befalls whom.
        journeys: made one after the other or at once, each on a stage of its own.
        is_far: whether they need a server of their own, behind a network; PostgreSQL only.
    """

    name: str
    journeys: tuple[Journey, ...]
    is_far: bool = False

    @property
    def schemes(self) -> tuple[str, ...]:
        """The engines that it can befall."""
        return ("postgresql",) if self.is_far else ("sqlite", "postgresql")


def _killed_at(place: str) -> Fault:
    who = "client" if place in PLACES_OF[at_ask] else "worker"
    journeys = tuple(partial(killed, place=place, seed=seed) for seed in range(SEEDS))
    return Fault(f"{who} killed at `{place}`", journeys)


def _far(name: str, journey: Journey) -> Fault:
    return Fault(name, (journey,), is_far=True)


FAULTS: Final = (
    *(_killed_at(place) for place in KILL_AT),
    Fault(
        "worker stopped for two leases, then woken",
        (partial(freezing.zombies, rounds=10),),
    ),
    *(
        Fault(
            f"worker stopped inside a write, at `{place}`",
            (partial(freezing.frozen_inside, place=place),) * 3,
        )
        for place in ("settle.inside", "promote.middle")
    ),
    Fault("worker told to stop twice", (partial(ending.told_twice, rounds=10),)),
    Fault("worker told to stop at its start", (partial(ending.told_at_start, times=30),)),
    _far("server killed and started again", partial(cutting.server_killed, times=10)),
    _far("all connections reset", partial(cutting.connections_reset, times=50)),
    *(
        _far(f"answer to {to} lost", partial(cutting.answer_lost, to=to, times=100))
        for to in ANSWERS
    ),
    _far("network silent for 60 s", partial(cutting.silence, seconds=60)),
    _far(
        "each answer 0.3 s late, 0.2 s more or less",
        partial(cutting.slow_network, seconds=60, slow_down=cutting.late),
    ),
    _far(
        "64 kB/s each way of a connection",
        partial(cutting.slow_network, seconds=60, slow_down=cutting.narrow),
    ),
    _far("server's clock set by hours", partial(setting.clock_set, rounds=3)),
    _far("a session ended every 0.2 s", partial(cutting.sessions_ended, seconds=60)),
)
