"""What rounds of measurements came to: medians, spreads, and verdicts on the bars."""

from collections.abc import Iterable, Sequence
from functools import cached_property
from statistics import median

from msgspec import Struct

from benchmarks.contest import CPU, Bar, Contest
from benchmarks.harness import Sample


class Spread(Struct, frozen=True):
    """What several runs came to."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        """The spread of these values."""
        return cls(median(values), min(values), max(values))


class Cost(Struct, frozen=True):
    """What a subject took of the machine; `None`: that was not measured.

    Attributes:
        cpu: seconds for 10,000 jobs of the processes that did the work.
        server: the same of the store's server.
        rss: megabytes.
    """

    cpu: float | None
    server: float | None
    rss: float | None


class Verdict(Struct, frozen=True):
    """How a subject did against one bar.

    Attributes:
        came_to: the ratio, or the figure itself where it is not compared.
        cleared: whether the median of the rounds clears the bar; the worst, where it says so.
    """

    bar: Bar
    came_to: Spread
    cleared: bool


class Finding:
    """A contest and what its rounds came to."""

    def __init__(self, contest: Contest, samples: dict[str, list[Sample]]) -> None:
        """Keep the samples of each subject by its name, in the order of the rounds."""
        self.contest = contest
        self.samples = samples

    def spread(self, subject: str, figure: str = "") -> Spread:
        """A figure of a subject over all rounds; by default its first."""
        return Spread.of(self._values(subject, figure))

    def cost(self, subject: str) -> Cost:
        """What the subject took of the machine, the medians."""
        samples = self.samples[subject]
        return Cost(
            cpu=_median_of(sample.cpu for sample in samples),
            server=_median_of(sample.server for sample in samples),
            rss=_median_of(sample.rss for sample in samples),
        )

    def ratio(self, subject: str, other: str, figure: str = "") -> Spread | None:
        """A figure of a subject as parts of that of another one; `None`: that has none, or zero."""
        if not all(sample.figures.get(figure) for sample in self.samples[other]):
            return None
        return Spread.of(self._ratios(subject, other, figure))

    @cached_property
    def verdicts(self) -> list[Verdict]:
        """How its subjects did against its bars."""
        return [self._judge(bar) for bar in self.contest.bars]

    def _judge(self, bar: Bar) -> Verdict:
        if bar.of is None:
            came_to = self.spread(bar.subject, bar.figure)
        else:
            came_to = Spread.of(self._ratios(bar.subject, bar.of, bar.figure))
        if bar.sense == "at least":
            cleared = (came_to.least if bar.in_every_round else came_to.median) >= bar.limit
        else:
            cleared = (came_to.most if bar.in_every_round else came_to.median) <= bar.limit
        return Verdict(bar, came_to, cleared)

    def _ratios(self, subject: str, other: str, figure: str) -> list[float]:
        """Of each round by itself: what shares the machine meets both sides of a round alike."""
        pairs = zip(self._values(subject, figure), self._values(other, figure), strict=True)
        return [ours / theirs for ours, theirs in pairs]

    def _values(self, subject: str, figure: str) -> list[float]:
        if figure == CPU:
            return [sample.cpu or 0.0 for sample in self.samples[subject]]
        figures = [sample.figures for sample in self.samples[subject]]
        return [each[figure] if figure else next(iter(each.values())) for each in figures]


def _median_of(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) if known else None
