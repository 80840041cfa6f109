"""A report as PDF: title, filters, charts, and a table whose head stands on every page."""

from collections.abc import Iterator, Sequence
from typing import Final

from msgspec import Struct

from tidemill import current
from tidemill.kits.report.content import Content, shown
from tidemill.kits.report.layout import LINE, PAD, SIZE, Row, broken, fitted, natural, paged, rows
from tidemill.kits.report.pen import AXIS, HAIR, INK, MARK, SHADE, SOFT, Pen
from tidemill.kits.report.plot import Plot, plot, shortened
from tidemill.kits.report.words import asked, made, total_cells

MARGIN: Final = 42.0
_UPRIGHT: Final = (595.28, 841.89)
_FOOT: Final = 22.0
_TITLE: Final = 19.0
_CAPTION: Final = 10.0
_BETWEEN: Final = 20.0
_WIDE: Final = 1.2
"""So much wider than an upright page a table may be before pages lie on their side."""
_SOME: Final = 5 * (LINE + PAD)
"""With less room than that a table begins on the next page."""


class Sheet(Struct):
    """What is on one page.

    Attributes:
        charts: each with where it begins.
        rows: of the table; none: it is not on this page.
        top: where the table begins.
    """

    charts: list[tuple[float, str, Plot]]
    rows: Sequence[Row] = ()
    top: float = MARGIN


def as_pdf(report: Content, fonts: tuple[str, str] | None = None) -> tuple[bytes, bool]:
    """A report as PDF, and whether letters are missing in it that no font here has.

    Args:
        report: what it says.
        fonts: files of a font and of its bold sister.

    Raises:
        InvalidOption: fpdf2 is not installed, or a font cannot be read.
    """
    drawing = _Drawing(report, fonts)
    drawing.draw()
    return bytes(drawing.pen.pdf.output()), drawing.pen.poor


class _Drawing:
    """One report, while its pages are drawn."""

    def __init__(self, report: Content, fonts: tuple[str, str] | None) -> None:
        self._report = report
        texts = [
            [shown(value, column) for value, column in zip(row, report.columns, strict=True)]
            for row in report.rows
        ]
        heads = [column.heading for column in report.columns]
        totals = total_cells(report)
        self._about = [made(report), *(f"{name}: {value}" for name, value in asked(report))]
        labels = [label for series in report.series for label in series.labels]
        written = [report.title, *self._about, *heads, *totals, *labels, "…"]
        written += [cell for row in texts for cell in row]
        self.pen = Pen(written, wide=False, fonts=fonts)
        wanted = natural([*texts, totals] if totals else texts, heads, self._bold)
        self._size = _UPRIGHT
        if sum(wanted) > _WIDE * self._inner:
            self._size = _UPRIGHT[::-1]
            self.pen = Pen(written, wide=True, fonts=fonts)
        self._widths = fitted(wanted, report.numeric, self._inner)
        self._head = next(rows([heads], self._widths, self._bold))
        self._rows = list(rows(texts, self._widths, self.pen.width))
        self._totals = next(rows([totals], self._widths, self._bold)) if totals else None
        self._edges = [MARGIN + sum(self._widths[:place]) for place in range(len(wanted))]

    @property
    def _inner(self) -> float:
        """Between the margins."""
        return self._size[0] - 2 * MARGIN

    @property
    def _bottom(self) -> float:
        """Where what may be written ends."""
        return self._size[1] - MARGIN - _FOOT

    def _bold(self, text: str, height: float) -> float:
        return self.pen.width(text, height, bold=True)

    def draw(self) -> None:
        """Draw all pages."""
        sheets = list(self._sheets())
        pdf = self.pen.pdf
        pdf.set_title(self._report.title)
        pdf.set_creator("tidemill")
        pdf.set_creation_date(self._report.made_at)
        for number, sheet in enumerate(sheets, 1):
            current().raise_if_cancelled()
            self.pen.page()
            if number == 1:
                self._open()
            for top, title, drawn in sheet.charts:
                self.pen.style(_CAPTION, bold=True)
                self.pen.write(MARGIN, top + _CAPTION, title)
                self.pen.draw(drawn.marks, MARGIN, top + 2 * _CAPTION)
            if sheet.rows:
                self._table(sheet, is_last=number == len(sheets))
            self._foot(number, len(sheets))

    def _sheets(self) -> Iterator[Sheet]:
        """What goes on which page."""
        sheet, top = Sheet([]), MARGIN + self._opening
        for series in self._report.series:
            drawn = plot(series, self._inner, self.pen.width)
            height = drawn.height + 2 * _CAPTION + _BETWEEN
            if top + height > self._bottom:
                yield sheet
                sheet, top = Sheet([]), MARGIN
            sheet.charts.append((top, series.title, drawn))
            top += height
        given = [*self._rows, *([self._totals] if self._totals else [])]
        if not given:
            yield sheet
            return
        if top + self._head.height + _SOME > self._bottom:
            yield sheet
            sheet, top = Sheet([]), MARGIN
        room = self._bottom - self._head.height
        for page in paged(given, room - top, room - MARGIN):
            sheet.rows, sheet.top = page, top
            yield sheet
            sheet, top = Sheet([]), MARGIN

    @property
    def _titles(self) -> list[str]:
        """The title in the lines that it takes, in the measure of the table's letters."""
        return broken(self._report.title, self._inner * SIZE / _TITLE, self._bold)

    @property
    def _opening(self) -> float:
        """How high what stands above everything is."""
        lines = len(self._told())
        return len(self._titles) * _TITLE * 1.25 + lines * LINE * 1.15 + _BETWEEN

    def _told(self) -> list[str]:
        """When it was made, and what was asked for, in as many lines as that takes."""
        lines = [self._about[0]]
        for part in self._about[1:]:
            longer = f"{lines[-1]}   {part}"
            if len(lines) > 1 and self.pen.width(longer, SIZE + 0.5) <= self._inner:
                lines[-1] = longer
            else:
                lines.append(shortened(part, self._inner, self.pen.width, SIZE + 0.5))
        return lines

    def _open(self) -> None:
        """Write what stands above everything."""
        self.pen.box(MARGIN, MARGIN - 14, 36, 3, MARK)
        y = MARGIN + _TITLE * 0.85
        self.pen.style(_TITLE, bold=True)
        for line in self._titles:
            self.pen.write(MARGIN, y, line)
            y += _TITLE * 1.25
        y -= _TITLE * 0.25
        for number, line in enumerate(self._told()):
            self.pen.style(SIZE + 0.5, INK if number else SOFT)
            self.pen.write(MARGIN, y, line)
            y += LINE * 1.15

    def _table(self, sheet: Sheet, *, is_last: bool) -> None:
        """Write the part of the table that is on this page."""
        pen, right = self.pen, MARGIN + self._inner
        y = sheet.top
        pen.box(MARGIN, y, self._inner, self._head.height, SHADE)
        pen.style(SIZE, SOFT, bold=True)
        self._cells(self._head, y, bold=True)
        y += self._head.height
        pen.line(MARGIN, y, right, y, AXIS, 0.7)
        pen.style(SIZE)
        pen.pdf.set_draw_color(*HAIR)
        pen.pdf.set_line_width(0.5)
        ending = self._totals if is_last else None
        for row in sheet.rows:
            if row is ending:
                pen.line(MARGIN, y, right, y, AXIS, 0.9)
                pen.style(SIZE, bold=True)
            self._cells(row, y, bold=row is ending)
            y += row.height
            if row is not ending:
                pen.pdf.line(MARGIN, y, right, y)

    def _cells(self, row: Row, top: float, *, bold: bool) -> None:
        """Write the cells of a row: numbers at the right of their columns."""
        pen = self.pen
        first = top + PAD / 2 + SIZE * 0.98
        for place, lines in enumerate(row.cells):
            edge = self._edges[place]
            for number, line in enumerate(lines):
                if not line:
                    continue
                y = first + number * LINE
                if self._report.numeric[place] and (row is not self._totals or place):
                    end = edge + self._widths[place] - PAD
                    pen.write_back(end, y, line, SIZE, bold=bold)
                else:
                    pen.write(edge + PAD, y, line)

    def _foot(self, number: int, of: int) -> None:
        """Write what stands below everything."""
        y = self._size[1] - MARGIN + 6
        self.pen.line(MARGIN, y - 13, MARGIN + self._inner, y - 13, HAIR, 0.5)
        self.pen.style(7, SOFT)
        title = shortened(self._report.title, self._inner * 0.7, self.pen.width, 7)
        self.pen.write(MARGIN, y, title)
        self.pen.write_back(MARGIN + self._inner, y, f"Page {number} of {of}", 7, bold=False)
