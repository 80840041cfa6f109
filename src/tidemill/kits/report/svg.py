"""Charts as SVG: drawn in colours that the page names, so that it may be read by night, too."""

from html import escape
from typing import Final

from tidemill.kits.report.content import Series
from tidemill.kits.report.plot import TEXT, Bar, Curve, Mark, Rule, Words, plot

WIDTH: Final = 640.0

_LETTER: Final = 0.6
"""Of its height, how wide a letter may be on average; the browser has its own fonts."""


def svg(series: Series) -> str:
    """A chart as an `<svg>` that says in words what it shows."""
    drawn = plot(series, WIDTH, lambda text, height: len(text) * height * _LETTER)
    marks = "".join(map(_mark, drawn.marks))
    return (
        f'<svg viewBox="0 0 {_n(drawn.width)} {_n(drawn.height)}" role="img" '
        f'aria-label="{escape(_in_words(series))}" '
        f'font-size="{_n(TEXT)}" xmlns="http://www.w3.org/2000/svg">{marks}</svg>'
    )


def _in_words(series: Series) -> str:
    pairs = zip(series.labels, series.values, strict=True)
    return f"{series.title}: " + "; ".join(f"{label} {value:,.10g}" for label, value in pairs)


def _mark(mark: Mark) -> str:
    match mark:
        case Bar(x=x, y=y, width=width, height=height):
            return (
                f'<rect class="mark" x="{_n(x)}" y="{_n(y)}" width="{_n(width)}" '
                f'height="{_n(height)}" rx="1.5"/>'
            )
        case Rule(x1=x1, y1=y1, x2=x2, y2=y2, axis=axis):
            kind = "axis" if axis else "grid"
            return f'<line class="{kind}" x1="{_n(x1)}" y1="{_n(y1)}" x2="{_n(x2)}" y2="{_n(y2)}"/>'
        case Curve(points=points):
            path = " ".join(f"{_n(x)},{_n(y)}" for x, y in points)
            dots = "".join(
                f'<circle class="mark" cx="{_n(x)}" cy="{_n(y)}" r="2"/>' for x, y in points
            )
            return f'<polyline class="curve" points="{path}"/>{dots}'
        case Words(x=x, y=y, text=text, anchor=anchor, strong=strong):
            kind = "strong" if strong else "words"
            return (
                f'<text class="{kind}" x="{_n(x)}" y="{_n(y)}" text-anchor="{anchor}">'
                f"{escape(text)}</text>"
            )


def _n(number: float) -> str:
    return f"{number:.1f}".rstrip("0").rstrip(".")
