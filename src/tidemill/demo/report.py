"""Telling what was found: one CSV for programs, one HTML page for people, of the same numbers.

Both depend on what was found and on nothing else, so that finding it again gives the same bytes,
however often and wherever the jobs behind it had to be run.
"""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from importlib.resources import files
from string import Template
from typing import Final

from tidemill.demo.measure import Function, Measured

MOST_SHOWN: Final = 20

LIMIT: Final = 10
"""The complexity that McCabe proposed not to exceed."""

BINS: Final = ((1, 1), (2, 2), (3, 3), (4, 5), (6, 10), (11, 20), (21, 50), (51, None))
"""Complexities that are counted together, from and to; the last has no end."""

COLUMNS: Final = (
    "file",
    "status",
    "lines",
    "code_lines",
    "classes",
    "functions",
    "longest_function",
    "longest_function_line",
    "longest_function_lines",
    "most_complex_function",
    "most_complex_function_line",
    "complexity_max",
    "complexity_mean",
    "error",
)

ROW: Final = 26
"""Height of a bar with its distance to the next, in CSS pixels."""


@dataclass(frozen=True)
class Failure:
    """A file that could not be measured.

    Attributes:
        name: of the file.
        kind: the name of the exception, such as `SyntaxError`.
        message: what it said.
    """

    name: str
    kind: str
    message: str


@dataclass(frozen=True)
class Findings:
    """All that the report tells.

    Attributes:
        what: whose files they were, such as `"the standard library of Python 3.13.1"`.
        home: the folder in which they lie.
        on: the day of the run.
    """

    what: str
    home: str
    on: date
    measured: tuple[Measured, ...]
    failures: tuple[Failure, ...]


Located = tuple[Measured, Function]
"""A function and the file that it is in."""


def as_csv(findings: Findings) -> str:
    """One line for each file, sorted by name, under a line of column names."""
    rows = [_measured_row(measured) for measured in findings.measured]
    rows += [_failure_row(failure) for failure in findings.failures]
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(sorted(rows, key=lambda row: str(row["file"])))
    return text.getvalue()


def as_html(findings: Findings) -> str:
    """One page that needs nothing but itself."""
    functions = sorted(_located(findings.measured), key=lambda one: (one[0].name, one[1].line))
    page = Template(files("tidemill.demo").joinpath("report.html").read_text(encoding="utf-8"))
    return page.substitute(
        title=escape(findings.what[:1].upper() + findings.what[1:]),
        lead=escape(findings.home),
        totals="\n".join(_totals(findings)),
        spread=_spread([function.complexity for _, function in functions]),
        distribution=_distribution([function.complexity for _, function in functions]),
        longest=_top("lines", functions, lambda function: function.lines),
        complex=_top("complexity", functions, lambda function: function.complexity),
        failures=_failures(findings.failures),
        date=f"{findings.on:%-d %B %Y}",
    )


def _measured_row(measured: Measured) -> dict[str, object]:
    row: dict[str, object] = {
        "file": measured.name,
        "status": "measured",
        "lines": measured.lines,
        "code_lines": measured.code_lines,
        "classes": measured.classes,
        "functions": len(measured.functions),
    }
    longest, complex_, mean = measured.longest, measured.most_complex, measured.mean_complexity
    if longest and complex_ and mean is not None:
        row |= {
            "longest_function": longest.name,
            "longest_function_line": longest.line,
            "longest_function_lines": longest.lines,
            "most_complex_function": complex_.name,
            "most_complex_function_line": complex_.line,
            "complexity_max": complex_.complexity,
            "complexity_mean": f"{mean:.2f}",
        }
    return row


def _failure_row(failure: Failure) -> dict[str, object]:
    error = f"{failure.kind}: {failure.message}"
    return {"file": failure.name, "status": "failed", "error": error}


def _located(measured: Iterable[Measured]) -> Iterator[Located]:
    return ((each, function) for each in measured for function in each.functions)


def _totals(findings: Findings) -> Iterator[str]:
    measured = findings.measured
    complexities = [function.complexity for _, function in _located(measured)]
    mean = sum(complexities) / len(complexities) if complexities else 0
    numbers = {
        "Files measured": f"{len(measured):,}",
        "Files refused": f"{len(findings.failures):,}",
        "Lines": f"{sum(each.lines for each in measured):,}",
        "Lines of code": f"{sum(each.code_lines for each in measured):,}",
        "Classes": f"{sum(each.classes for each in measured):,}",
        "Functions": f"{len(complexities):,}",
        "Mean complexity": f"{mean:.2f}",
        "Highest complexity": f"{max(complexities, default=0):,}",
    }
    for name, number in numbers.items():
        yield f"<div><dt>{name}</dt><dd>{number}</dd></div>"


def _spread(complexities: Sequence[int]) -> str:
    if not complexities:
        return "There was no function to measure."
    over = sum(1 for complexity in complexities if complexity > LIMIT)
    share = _percent(over, len(complexities))
    return (
        f"Functions by their complexity. {over:,} of {len(complexities):,}, or {share}, "
        f"are above {LIMIT}, the most that T. J. McCabe proposed."
    )


def _distribution(complexities: Sequence[int]) -> str:
    """Bars from left to right, placed by shares of the width, so that text keeps its size."""
    counts = [
        sum(1 for each in complexities if low <= each and (high is None or each <= high))
        for low, high in BINS
    ]
    most, total = max(counts) or 1, sum(counts) or 1
    bars = []
    for number, ((low, high), count) in enumerate(zip(BINS, counts, strict=True)):
        top, width = number * ROW, 46 * count / most
        label = f"{low}+" if high is None else f"{low}" if high == low else f"{low}&ndash;{high}"
        kind = "simple" if low <= LIMIT else "complex"
        bars.append(
            f'<text class="quiet" x="12%" y="{top + 15}" text-anchor="end">{label}</text>'
            f'<rect class="{kind}" x="14%" y="{top + 2}" width="{width:.2f}%" height="18" rx="2"/>'
            f'<text x="{14 + width:.2f}%" dx="8" y="{top + 15}">{count:,}'
            f'<tspan class="quiet" dx="6">{_percent(count, total)}</tspan></text>'
        )
    bars_of = f'height="{len(BINS) * ROW}" role="img" aria-label="Functions by complexity"'
    return f"<svg {bars_of}>{''.join(bars)}</svg>"


def _percent(part: int, whole: int) -> str:
    share = part / whole
    return "&lt;0.1%" if 0 < share < 0.001 else f"{share:.1%}"


def _top(what: str, functions: Sequence[Located], measure: Callable[[Function], int]) -> str:
    # The sort is stable: of equals, the first by file and line comes first.
    best = sorted(functions, key=lambda one: measure(one[1]), reverse=True)[:MOST_SHOWN]
    rows = (
        f"<tr><th scope=row>{_breakable(function.name)}"
        f"<small>{_breakable(measured.name)}:{function.line}</small></th>"
        f"<td class=number>{measure(function):,}</td></tr>"
        for measured, function in best
    )
    return _table(("function", what), rows)


def _failures(failures: Sequence[Failure]) -> str:
    if not failures:
        return "<p>There was none.</p>"
    rows = (
        f"<tr><th scope=row>{_breakable(failure.name)}"
        f"<small><span class=kind>{escape(failure.kind)}</span> "
        f"{_breakable(failure.message)}</small>"
        "</th></tr>"
        for failure in sorted(failures, key=lambda failure: failure.name)
    )
    return _table(("file and error",), rows)


def _breakable(text: str) -> str:
    """Escape a text and let a long name in it break where its words end."""
    return re.sub(r"([./_])", r"\1<wbr>", escape(text))


def _table(names: Sequence[str], rows: Iterable[str]) -> str:
    first, *others = names
    head = f"<th>{first}</th>" + "".join(f"<th class=number>{name}</th>" for name in others)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
