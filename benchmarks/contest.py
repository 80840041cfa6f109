"""What is measured against what, and how it is judged."""

from typing import Final, Literal

from msgspec import Struct

from benchmarks.harness import Subject

CPU: Final = "CPU s/10,000"
"""The figure of every subject that says what it cost."""


class Bar(Struct, frozen=True, kw_only=True):
    """How one subject of a contest has to compare, with another one or with a number.

    Attributes:
        subject: whose figure is judged.
        limit: the ratio to `of`, or, without it, the figure itself.
        of: the subject that it is compared with, in the same round.
        figure: which figure; by default the first one.
        in_every_round: whether the worst round has to clear it, not only the median of all.
    """

    subject: str
    sense: Literal["at least", "at most"]
    limit: float
    of: str | None = None
    figure: str = ""
    in_every_round: bool = False


class Contest(Struct, frozen=True, kw_only=True):
    """Subjects that are measured in turns, and what is asked of them.

    Attributes:
        name: what it is called on the command line.
        about: what the chart calls it.
        unit: of the figures.
        most_rounds: no more than these, however many are asked for; `None`: as many. For one that
            takes very long, and whose figures say the same each time.
    """

    name: str
    about: str
    unit: str
    subjects: tuple[Subject, ...]
    bars: tuple[Bar, ...] = ()
    most_rounds: int | None = None


def at_least(limit: float, subject: str, of: str, *, figure: str = "") -> Bar:
    """As much as that, compared with another subject."""
    return Bar(subject=subject, sense="at least", limit=limit, of=of, figure=figure)


def at_most(limit: float, subject: str, *, of: str | None = None, figure: str = "") -> Bar:
    """No more than that, compared with another subject or by itself."""
    return Bar(subject=subject, sense="at most", limit=limit, of=of, figure=figure)


def none_of(figure: str, subject: str) -> Bar:
    """Zero, in every round."""
    return Bar(subject=subject, sense="at most", limit=0, figure=figure, in_every_round=True)
