"""What was found of one contest as rows of text, for whoever prints them."""

from collections.abc import Iterator
from typing import Final

from benchmarks.contest import CPU, Bar
from benchmarks.findings import Finding, Spread, Verdict
from benchmarks.harness import Subject

NAMES: Final = ("subject", "promises")
NUMBERS: Final = ("median", "least", "most", "ratio", CPU, "server's", "RSS MB")
"""What the columns are called; `ratio` is to the first subject, within a round."""

IN_THE_UNIT: Final = ("p50", "p95", "p99")
"""What the names of figures begin with that are in the contest's unit, as its first one is."""


def title(finding: Finding) -> str:
    """What the table of a contest is called."""
    contest = finding.contest
    return f"{contest.name}: {contest.about} ({contest.unit})"


def rows(finding: Finding) -> Iterator[tuple[str, ...]]:
    """A row for each subject, with what it cost, and one for each of its other figures."""
    for subject in finding.contest.subjects:
        first, *others = finding.samples[subject.name][0].figures
        cost = finding.cost(subject.name)
        yield (
            subject.name,
            subject.promises,
            *_numbers(finding.spread(subject.name, first)),
            _ratio(finding, subject, first),
            *("" if each is None else number(each) for each in (cost.cpu, cost.server, cost.rss)),
        )
        for figure in others:
            spread = _numbers(finding.spread(subject.name, figure))
            yield f"  {figure}", "", *spread, _ratio(finding, subject, figure), "", "", ""


def verdicts(finding: Finding) -> Iterator[tuple[Verdict, str]]:
    """How it did against each bar, and that in words."""
    for verdict in finding.verdicts:
        bar, came_to = verdict.bar, verdict.came_to
        reached = number(came_to.median)
        if came_to.least < came_to.most:
            reached += f" ({number(came_to.least)} to {number(came_to.most)})"
        yield verdict, f"{bar.subject}: {words(bar, finding.contest.unit)}; came to {reached}"


def words(bar: Bar, unit: str) -> str:
    """A bar in words, such as `at least 0.8 of raw` or `p99 at most 50 ms`."""
    what = f"{bar.figure} " if bar.figure else ""
    against = (
        f"of {bar.of}" if bar.of else unit * (not bar.figure or bar.figure.startswith(IN_THE_UNIT))
    )
    return f"{what}{bar.sense} {bar.limit:g} {against}".rstrip()


def number(value: float) -> str:
    """A number with as many digits as can be trusted.

    Example:
        >>> number(12345.6), number(12.34), number(0.123), number(0.00456), number(0)
        ('12,346', '12.3', '0.12', '0.0046', '0')
    """
    if abs(value) < 0.1:
        return f"{value:.2g}"
    if abs(value) >= 1_000:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def _numbers(spread: Spread) -> tuple[str, str, str]:
    return number(spread.median), number(spread.least), number(spread.most)


def _ratio(finding: Finding, subject: Subject, figure: str) -> str:
    """How the subject's figure compares with that of the first one, if that has such a figure."""
    first = finding.contest.subjects[0]
    if subject is first:
        return ""
    ratio = finding.ratio(subject.name, first.name, figure)
    return "" if ratio is None else number(ratio.median)
