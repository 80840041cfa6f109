"""Draws what was found as one SVG: a panel for each contest, a line for each subject."""

from collections.abc import Iterator, Sequence
from html import escape
from typing import Final

from benchmarks.findings import Finding, Verdict
from benchmarks.harness import Subject

WIDTH: Final = 900
LABEL: Final = 210
PLOT: Final = 520
ROW: Final = 26
HEAD: Final = 54
GAP: Final = 14

STYLE: Final = """
  text { font: 13px system-ui, sans-serif; fill: #1f2933 }
  .title { font-weight: 600; font-size: 15px }
  .quiet { fill: #7b8794; font-size: 12px }
  .ours { fill: #2a7f9e }
  .other { fill: #cbd2d9 }
  .spread { stroke: #1f2933; stroke-width: 1.5 }
  .cleared { stroke: #2f9e44; stroke-width: 3 }
  .missed { stroke: #e03131; stroke-width: 3 }
"""


def draw(findings: Sequence[Finding]) -> str:
    """The chart, as the text of an SVG file."""
    heights = [HEAD + ROW * len(finding.contest.subjects) + GAP for finding in findings]
    legend = sum(heights) + 24
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {legend + 16}">',
        f"<style>{STYLE}</style>",
        f'<rect width="{WIDTH}" height="{legend + 16}" fill="#fff"/>',
    ]
    top = 0
    for finding, height in zip(findings, heights, strict=True):
        parts += _panel(finding, top)
        top += height
    parts.append(
        f'<text class="quiet" x="20" y="{legend}">Columns are medians, thin lines reach from the '
        "least to the most of all runs; an upright mark is a bar, green where it is cleared.</text>"
    )
    return "\n".join([*parts, "</svg>", ""])


def _panel(finding: Finding, top: int) -> Iterator[str]:
    contest = finding.contest
    marks = {verdict.bar.subject: _mark(finding, verdict) for verdict in _drawn(finding)}
    reach = [finding.spread(subject.name).most for subject in contest.subjects]
    per_unit = PLOT / max([*reach, *(value for value, _ in marks.values())])
    yield f'<text class="title" x="20" y="{top + 34}">{escape(contest.about)}</text>'
    yield f'<text class="quiet" x="{WIDTH - 20}" y="{top + 34}" text-anchor="end">'
    yield f"{escape(contest.unit)}</text>"
    for row, subject in enumerate(contest.subjects):
        yield from _row(finding, subject, top + HEAD + ROW * row, per_unit)
        if subject.name in marks:
            value, cleared = marks[subject.name]
            x, y = LABEL + value * per_unit, top + HEAD + ROW * row
            kind = "cleared" if cleared else "missed"
            yield f'<path class="{kind}" d="M{x:.1f} {y - 3}v{ROW - 4}"/>'


def _row(finding: Finding, subject: Subject, y: int, per_unit: float) -> Iterator[str]:
    spread = finding.spread(subject.name)
    kind = "ours" if subject.is_ours else "other"
    long, middle = spread.median * per_unit, y + ROW // 2 - 5
    least, most = LABEL + spread.least * per_unit, LABEL + spread.most * per_unit
    yield f'<text x="{LABEL - 10}" y="{middle + 5}" text-anchor="end">{escape(subject.name)}</text>'
    yield f'<rect class="{kind}" x="{LABEL}" y="{y}" width="{long:.1f}" height="16" rx="2"/>'
    yield f'<path class="spread" d="M{least:.1f} {middle}H{most:.1f}"/>'
    yield f'<text x="{WIDTH - 20}" y="{middle + 5}" text-anchor="end">{spread.median:,.4g}</text>'


def _drawn(finding: Finding) -> Iterator[Verdict]:
    """The bars on the figure that is drawn; the last one of a subject's is what is shown."""
    for verdict in finding.verdicts:
        samples = finding.samples[verdict.bar.subject]
        if verdict.bar.figure in ("", next(iter(samples[0].figures))):
            yield verdict


def _mark(finding: Finding, verdict: Verdict) -> tuple[float, bool]:
    """Where the bar stands in the unit of the contest, and whether it is cleared."""
    bar = verdict.bar
    scale = finding.spread(bar.of).median if bar.of else 1.0
    return bar.limit * scale, verdict.cleared
