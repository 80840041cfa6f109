"""Laying a table out on pages: how wide its columns are, where texts break, what fits where."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final, TypeAlias

from msgspec import Struct

from tidemill.kits.report.plot import shortened

Measure: TypeAlias = Callable[[str, float], float]

SIZE: Final = 8.0
"""Height of the letters."""
LINE: Final = 10.4
"""From one line of a cell to the next."""
PAD: Final = 5.0
"""Beside each cell, and half of it above and below."""

_MOST_LINES: Final = 4
_LEAST: Final = 26.0
"""No column is narrower."""


class Row(Struct, frozen=True):
    """A row as it is drawn.

    Attributes:
        cells: the lines of each.
        height: of the row.
    """

    cells: list[list[str]]
    height: float


def natural(
    texts: Sequence[Sequence[str]], headings: Sequence[str], measure: Measure
) -> list[float]:
    """How wide columns would have to be for no text to be broken."""
    widths = [measure(heading, SIZE) for heading in headings]
    for row in texts:
        for place, text in enumerate(row):
            # Most texts of a column are much alike: what is clearly shorter is not measured.
            if len(text) * SIZE > widths[place] and (width := measure(text, SIZE)) > widths[place]:
                widths[place] = width
    return [max(width + 2 * PAD, _LEAST) for width in widths]


def fitted(wanted: Sequence[float], rigid: Sequence[bool], room: float) -> list[float]:
    """Columns that fill this room: the widest that may be broken give way first.

    Args:
        wanted: how wide each would be.
        rigid: of each, whether breaking it would spoil it, as it would a number.
        room: for all of them.

    Example:
        >>> fitted([100, 300, 500], [True, False, False], 500)
        [100, 200.0, 200.0]
    """
    widths = list(wanted)
    if (total := sum(widths)) <= room:
        return [width * room / total for width in widths]
    soft = [place for place, is_rigid in enumerate(rigid) if not is_rigid]
    left = room - sum(width for place, width in enumerate(widths) if place not in soft)
    if not soft or left < _LEAST * len(soft):
        return [width * room / total for width in widths]
    pending = sorted(soft, key=lambda place: widths[place])
    while pending:
        share = left / len(pending)
        place = pending.pop(0)
        widths[place] = min(widths[place], share)
        left -= widths[place]
    return widths


def rows(
    texts: Sequence[Sequence[str]], widths: Sequence[float], measure: Measure
) -> Iterator[Row]:
    """The rows of a table, their texts broken where a column is too narrow."""
    inner = [width - 2 * PAD + 0.01 for width in widths]
    sure = [int(width / SIZE) for width in inner]
    """So many letters fit, however wide they are."""
    for row in texts:
        cells = [
            [text]
            if len(text) <= sure[place] and "\n" not in text
            else broken(text, inner[place], measure)
            for place, text in enumerate(row)
        ]
        height = max(map(len, cells), default=1) * LINE + PAD
        yield Row(cells, height)


def broken(text: str, width: float, measure: Measure) -> list[str]:
    """A text in lines that are not wider than this; what is too much of it is left out.

    Example:
        >>> broken("one two three", 7, lambda text, height: len(text))
        ['one two', 'three']
    """
    if measure(text, SIZE) <= width and "\n" not in text:
        return [text]
    lines: list[str] = []
    for part in text.split("\n"):
        lines.extend(_folded(part, width, measure))
        if len(lines) > _MOST_LINES:
            break
    if len(lines) > _MOST_LINES:
        last = lines[_MOST_LINES - 1] + "…"
        return [*lines[: _MOST_LINES - 1], shortened(last, width, measure, SIZE)]
    return lines


def _folded(text: str, width: float, measure: Measure) -> Iterator[str]:
    """The lines of one paragraph; a word that is too long is cut."""
    line = ""
    for word in text.split(" "):
        longer = f"{line} {word}" if line else word
        if measure(longer, SIZE) <= width:
            line = longer
            continue
        if line:
            yield line
        line = word
        while len(line) > 1 and measure(line, SIZE) > width:
            fits = _fitting(line, width, measure)
            yield line[:fits]
            line = line[fits:]
    yield line


def _fitting(text: str, width: float, measure: Measure) -> int:
    """How many letters of a word fit; one at least."""
    fits = 1
    while fits < len(text) and measure(text[: fits + 1], SIZE) <= width:
        fits += 1
    return fits


def paged(given: Sequence[Row], first: float, other: float) -> Iterator[Sequence[Row]]:
    """The rows of each page, the first of which has less room than the others.

    A row that no page has room for has one of its own.
    """
    begin, room, used = 0, first, 0.0
    for place, row in enumerate(given):
        if used + row.height > room and (place > begin or room < other):
            yield given[begin:place]
            begin, room, used = place, other, 0.0
        used += row.height
    yield given[begin:]
