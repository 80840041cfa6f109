"""What one fault, brought about again and again, has come to, in figures."""

from collections.abc import Iterable, Sequence
from itertools import chain

from msgspec import Struct

from tests.journeys.history import Verdict


class Figures(Struct, frozen=True, kw_only=True):
    """Figures of one journey, or of several that are alike.

    Attributes:
        accepted: jobs that a client was told are stored.
        kills: worker and client processes that were killed.
        restarts: times that the server was killed and started again.
        cuts: connections that were cut.
        lost: accepted jobs that have not completed.
        repeated: runs that no attempt allows.
        refused: completions that came too late and were refused.
        recoveries: seconds from a fault, or its end, until work went on.
        seeds: journeys that were made.
        flaws: in words, all that must not be; more than the two counts above.
    """

    accepted: int = 0
    kills: int = 0
    restarts: int = 0
    cuts: int = 0
    lost: int = 0
    repeated: int = 0
    refused: int = 0
    recoveries: tuple[float, ...] = ()
    seeds: int = 1
    flaws: tuple[str, ...] = ()

    def recovered_by(self, share: float) -> float | None:
        """Seconds within which this share of the recoveries was over; `None`: there were none."""
        if not self.recoveries:
            return None
        ranked = sorted(self.recoveries)
        return ranked[min(int(len(ranked) * share), len(ranked) - 1)]


COUNTS = ("accepted", "kills", "restarts", "cuts", "lost", "repeated", "refused", "seeds")


def figures(
    verdict: Verdict,
    *,
    kills: int = 0,
    restarts: int = 0,
    cuts: int = 0,
    recoveries: Iterable[float] = (),
    more: Sequence[str] = (),
) -> Figures:
    """The figures of one journey, and what more there was that must not be."""
    return Figures(
        accepted=verdict.accepted,
        kills=kills,
        restarts=restarts,
        cuts=cuts,
        lost=len(verdict.lost),
        repeated=len(verdict.repeated),
        refused=len(verdict.refused),
        recoveries=tuple(recoveries),
        flaws=(*verdict.flaws, *more),
    )


def total(parts: Iterable[Figures]) -> Figures:
    """Several journeys taken together."""
    listed = list(parts)
    counts = {name: sum(getattr(part, name) for part in listed) for name in COUNTS}
    return Figures(
        recoveries=tuple(chain.from_iterable(part.recoveries for part in listed)),
        flaws=tuple(chain.from_iterable(part.flaws for part in listed)),
        **counts,
    )
