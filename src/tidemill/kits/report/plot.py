"""Charts as plain shapes on a sheet, for whoever draws: axes, grid, bars, lines and words."""

import math
from collections.abc import Callable, Iterator
from typing import Final, Literal, TypeAlias

from msgspec import Struct

from tidemill.kits.report.content import Series

Anchor: TypeAlias = Literal["start", "middle", "end"]
Measure: TypeAlias = Callable[[str, float], float]

TEXT: Final = 8.0
"""Height of the letters, in the units of the sheet: points on paper."""

_GAP: Final = 5.0
_BAR: Final = 17.0
_LONGEST: Final = 0.34
"""Of the width of the sheet, what the names of groups may take beside lying bars."""
_HEIGHT: Final = 190.0
_LEAST: Final = 1e-200
"""An axis of less is one of nothing."""


class Bar(Struct, frozen=True):
    """A filled rectangle, from its upper left corner."""

    x: float
    y: float
    width: float
    height: float


class Rule(Struct, frozen=True):
    """A straight line: of the grid, or an axis."""

    x1: float
    y1: float
    x2: float
    y2: float
    axis: bool = False


class Curve(Struct, frozen=True):
    """A line through points, with a dot on each."""

    points: list[tuple[float, float]]


class Words(Struct, frozen=True):
    """A text; its anchor is on the line on which letters stand."""

    x: float
    y: float
    text: str
    anchor: Anchor = "start"
    strong: bool = False


Mark: TypeAlias = Bar | Rule | Curve | Words


class Plot(Struct, frozen=True):
    """A chart as marks on a sheet.

    Attributes:
        marks: what lies behind comes first.
    """

    width: float
    height: float
    marks: list[Mark]


def plot(series: Series, width: float, measure: Measure) -> Plot:
    """A chart as it is drawn, without its title.

    Args:
        series: what it shows.
        width: of the sheet.
        measure: how wide a text is in letters of a height.
    """
    if not series.values:
        return Plot(width, 3 * TEXT, [Words(0, 2 * TEXT, "There is nothing to show.")])
    if series.shape == "bar":
        return _lying(series, width, measure)
    return _standing(series, width, measure)


def ticks(low: float, high: float, wanted: int = 5) -> list[float]:
    """Round numbers for an axis that has nought on it, from `low` or somewhat less to `high`.

    Args:
        low: nought or less.
        high: nought or more.
        wanted: about so many.

    Example:
        >>> ticks(0, 87)
        [0.0, 20.0, 40.0, 60.0, 80.0, 100.0]
    """
    span = high - low
    raw = (span if span > _LEAST else 1.0) / wanted
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(power * each for each in (1, 2, 2.5, 5, 10) if power * each >= raw * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [float(f"{number * step:.10g}") for number in range(first, max(last, first + 1) + 1)]


def spoken(value: float) -> str:
    """A number of an axis, as short as it can be told.

    Example:
        >>> [spoken(value) for value in (0, 2.5, 1500, 2_000_000)]
        ['0', '2.5', '1,500', '2M']
    """
    for size, unit in ((1e9, "bn"), (1e6, "M"), (1e5, "k")):
        if abs(value) >= size:
            return f"{value / (1e3 if unit == 'k' else size):,.10g}{unit}"
    return f"{value:,.10g}"


def shortened(text: str, width: float, measure: Measure, height: float = TEXT) -> str:
    """A text that is not wider than this, cut where it is.

    Example:
        >>> shortened("a long name", 5, lambda text, height: len(text))
        'a lo…'
    """
    if measure(text, height) <= width:
        return text
    kept = text
    while kept and measure(kept + "…", height) > width:
        kept = kept[:-1]
    return kept.rstrip() + "…"


def _scale(values: list[float]) -> list[float]:
    """The numbers of the axis of these values; nought is among them."""
    finite = [value for value in values if math.isfinite(value)] or [0.0]
    return ticks(min(0.0, *finite), max(0.0, *finite))


def _lying(series: Series, width: float, measure: Measure) -> Plot:
    """Bars that lie, each beside its name, with its value behind it."""
    numbers = _scale(series.values)
    longest = max(measure(label, TEXT) for label in series.labels)
    left = min(longest, width * _LONGEST) + _GAP
    told = [spoken(round(value, 2)) for value in series.values]
    right = width - max(measure(each, TEXT) for each in told) - 2 * _GAP
    bottom = _BAR * len(series.values) + _GAP

    def across(value: float) -> float:
        return left + (value - numbers[0]) / (numbers[-1] - numbers[0]) * (right - left)

    marks: list[Mark] = []
    for number in numbers:
        marks.append(Rule(across(number), 0, across(number), bottom, axis=number == 0))
        marks.append(Words(across(number), bottom + TEXT * 1.5, spoken(number), "middle"))
    for row, (label, value, say) in enumerate(zip(series.labels, series.values, told, strict=True)):
        top = _GAP + row * _BAR
        start, end = sorted((across(0), across(value)))
        marks.append(Bar(start, top, end - start, _BAR - _GAP))
        foot = top + (_BAR - _GAP) / 2 + TEXT * 0.36
        name = shortened(label, left - _GAP, measure)
        marks.append(Words(left - _GAP, foot, name, "end"))
        marks.append(Words(end + _GAP * 0.8, foot, say, strong=True))
    if series.axis:
        marks.append(Words(right, bottom + TEXT * 2.9, series.axis, "end"))
    return Plot(width, bottom + TEXT * 3.2, marks)


def _standing(series: Series, width: float, measure: Measure) -> Plot:
    """Columns, or a line, over an axis of groups."""
    numbers = _scale(series.values)
    left = max(measure(spoken(number), TEXT) for number in numbers) + _GAP
    top, bottom = TEXT * 2.0, _HEIGHT - TEXT * 2.2
    step = (width - left) / len(series.values)

    def down(value: float) -> float:
        return bottom - (value - numbers[0]) / (numbers[-1] - numbers[0]) * (bottom - top)

    def middle(place: int) -> float:
        return left + step * (place + 0.5)

    marks: list[Mark] = [Words(0, TEXT * 0.9, series.axis)] if series.axis else []
    for number in numbers:
        marks.append(Rule(left, down(number), width, down(number), axis=number == 0))
        marks.append(Words(left - _GAP, down(number) + TEXT * 0.36, spoken(number), "end"))
    if series.shape == "line":
        points = [(middle(place), down(value)) for place, value in enumerate(series.values)]
        marks.append(Curve(points))
    else:
        broad = min(step * 0.66, 46.0)
        for place, value in enumerate(series.values):
            upper, lower = sorted((down(0), down(value)))
            marks.append(Bar(middle(place) - broad / 2, upper, broad, lower - upper))
    marks += _names(series.labels, middle, step, measure)
    return Plot(width, _HEIGHT, marks)


def _names(
    labels: list[str], middle: Callable[[int], float], step: float, measure: Measure
) -> Iterator[Mark]:
    """As many names of groups as fit under an axis, at even distances."""
    widest = max(measure(label, TEXT) for label in labels) + _GAP
    every = max(1, math.ceil(min(widest, 12 * TEXT) / step))
    for place in range(0, len(labels), every):
        name = shortened(labels[place], max(step * every - _GAP, TEXT), measure)
        yield Words(middle(place), _HEIGHT - TEXT * 0.6, name, "middle")
