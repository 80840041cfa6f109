"""Writing on the pages of a PDF: fonts, widths of texts, colours, and the marks of charts."""

from collections.abc import Callable, Iterable
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, TypeAlias

from tidemill import errors
from tidemill.kits.report.plot import TEXT, Bar, Curve, Mark, Rule, Words

Colour: TypeAlias = tuple[int, int, int]

INK: Final[Colour] = (31, 41, 51)
SOFT: Final[Colour] = (102, 115, 130)
HAIR: Final[Colour] = (226, 231, 237)
AXIS: Final[Colour] = (154, 165, 177)
SHADE: Final[Colour] = (243, 246, 249)
MARK: Final[Colour] = (62, 112, 168)

_CORE: Final = "helvetica"
_OWN: Final = "report"
_PLACES: Final = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "/Library/Fonts",
    "C:/Windows/Fonts",
)
_FAMILIES: Final = (("DejaVuSans.ttf", "DejaVuSans-Bold.ttf"), ("arial.ttf", "arialbd.ttf"))


class Pen:
    """Writes on one document. Lengths are points, from the upper left corner of the page.

    The fonts that every reader of PDF has know the letters of Western Europe. A text with others
    has a font of this machine put into the document.

    Attributes:
        pdf: the document, fpdf2's.
        poor: whether letters had to be replaced by `?`, for there is no font that has them.
    """

    def __init__(
        self, texts: Iterable[str], *, wide: bool, fonts: tuple[str, str] | None = None
    ) -> None:
        """Begin a document.

        Args:
            texts: all that will be written.
            wide: whether its pages lie on their side.
            fonts: files of a font and of its bold sister, in place of the usual ones.

        Raises:
            InvalidOption: fpdf2 is not installed, or a font cannot be read.
        """
        self.pdf = _document(wide=wide)
        self.poor = False
        self._family = _CORE
        self._chosen = (TEXT, False)
        found = fonts
        if found is None and not _is_plain(texts):
            found = _on_this_machine()
            self.poor = found is None
        if found is not None:
            self._add(*found)
        self._widths = {bold: _Widths(self._asking(bold=bold)) for bold in (False, True)}

    def _add(self, regular: str, strong: str) -> None:
        try:
            self.pdf.add_font(_OWN, "", regular)
            self.pdf.add_font(_OWN, "B", strong)
        except (OSError, ValueError) as error:
            raise errors.InvalidOption(
                f"the font {regular} cannot be read: {error}",
                hint="give fonts=(file, bold file), TrueType both",
            ) from error
        self._family = _OWN

    def _asking(self, *, bold: bool) -> Callable[[str], float]:
        def ask(letter: str) -> float:
            chosen = self._chosen
            self._choose(100, bold=bold)
            width = float(self.pdf.get_string_width(self._written(letter))) / 100
            self._choose(chosen[0], bold=chosen[1])
            return width

        return ask

    def _choose(self, height: float, *, bold: bool) -> None:
        self._chosen = height, bold
        self.pdf.set_font(self._family, "B" if bold else "", height)

    def _written(self, text: str) -> str:
        """A text in letters that the font has."""
        if self._family == _CORE and not text.isascii():
            return text.encode("cp1252", "replace").decode("cp1252")
        return text

    def page(self) -> None:
        """Begin a page."""
        self.pdf.add_page()

    def width(self, text: str, height: float, *, bold: bool = False) -> float:
        """How wide a text is."""
        return sum(map(self._widths[bold].__getitem__, text)) * height

    def style(self, height: float, colour: Colour = INK, *, bold: bool = False) -> None:
        """How what is written next looks."""
        self._choose(height, bold=bold)
        self.pdf.set_text_color(*colour)
        # Where the two differ, fpdf2 changes colours around every text, which takes its time.
        self.pdf.set_fill_color(*colour)

    def write(self, x: float, y: float, text: str) -> None:
        """Write a text from here on, in the style that was chosen."""
        self.pdf.text(x, y, self._written(text))

    def write_back(self, x: float, y: float, text: str, height: float, *, bold: bool) -> None:
        """Write a text that ends here, in the style that was chosen, which has this height."""
        self.write(x - self.width(text, height, bold=bold), y, text)

    def line(self, x1: float, y1: float, x2: float, y2: float, colour: Colour, wide: float) -> None:
        """Draw a line."""
        self.pdf.set_draw_color(*colour)
        self.pdf.set_line_width(wide)
        self.pdf.line(x1, y1, x2, y2)

    def box(self, x: float, y: float, width: float, height: float, colour: Colour) -> None:
        """Fill a rectangle."""
        self.pdf.set_fill_color(*colour)
        self.pdf.rect(x, y, width, height, style="F")

    def draw(self, marks: Iterable[Mark], x: float, y: float) -> None:
        """Draw the marks of a chart, whose upper left corner is here."""
        for mark in marks:
            match mark:
                case Bar():
                    self.box(x + mark.x, y + mark.y, mark.width, mark.height, MARK)
                case Rule():
                    colour, wide = (AXIS, 0.8) if mark.axis else (HAIR, 0.5)
                    self.line(x + mark.x1, y + mark.y1, x + mark.x2, y + mark.y2, colour, wide)
                case Curve():
                    self._curve([(x + each, y + other) for each, other in mark.points])
                case Words():
                    self._words(mark, x + mark.x, y + mark.y)

    def _curve(self, points: list[tuple[float, float]]) -> None:
        for begin, end in pairwise(points):
            self.line(*begin, *end, MARK, 1.4)
        self.pdf.set_fill_color(*MARK)
        for x, y in points:
            self.pdf.ellipse(x - 1.9, y - 1.9, 3.8, 3.8, style="F")

    def _words(self, mark: Words, x: float, y: float) -> None:
        share = {"start": 0.0, "middle": 0.5, "end": 1.0}[mark.anchor]
        self.style(TEXT, INK if mark.strong else SOFT, bold=mark.strong)
        self.write(x - share * self.width(mark.text, TEXT, bold=mark.strong), y, mark.text)


class _Widths(dict[str, float]):
    """How wide each letter is, of a font one point high."""

    def __init__(self, ask: Callable[[str], float]) -> None:
        super().__init__()
        self._ask = ask

    def __missing__(self, letter: str) -> float:
        self[letter] = width = self._ask(letter)
        return width


def _document(*, wide: bool) -> Any:
    try:
        from fpdf import FPDF  # noqa: PLC0415 - only a worker that writes PDF needs it
    except ImportError as error:
        raise errors.InvalidOption(
            f"reports as PDF need {error.name}, which is not installed",
            hint="pip install 'tidemill[kits]'",
        ) from error
    pdf = FPDF(orientation="landscape" if wide else "portrait", unit="pt", format="A4")
    pdf.core_fonts_encoding = "cp1252"
    pdf.set_auto_page_break(auto=False)
    pdf.set_lang("en")
    return pdf


def _is_plain(texts: Iterable[str]) -> bool:
    """Whether the fonts that every reader has know all letters."""
    try:
        "".join(texts).encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True


def _on_this_machine() -> tuple[str, str] | None:
    """A font that knows many letters, and its bold sister."""
    for place in _PLACES:
        for regular, strong in _FAMILIES:
            for found in Path(place).rglob(regular) if Path(place).is_dir() else ():
                if (sister := found.with_name(strong)).is_file():
                    return str(found), str(sister)
    return None
