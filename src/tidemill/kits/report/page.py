"""A report as a page of HTML, by a template that can neither reach into Python nor run scripts."""

from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final, NamedTuple

from tidemill import errors
from tidemill.kits.report.content import Content, shown
from tidemill.kits.report.svg import svg
from tidemill.kits.report.words import asked, made, total_cells

if TYPE_CHECKING:
    from jinja2 import Template
    from markupsafe import Markup

_PAGE: Final = "page.html"


class Heading(NamedTuple):
    """What a template knows of a column."""

    heading: str
    numeric: bool


class Drawn(NamedTuple):
    """What a template knows of a chart."""

    title: str
    svg: "Markup"


def as_html(report: Content, template: str = "") -> bytes:
    """A report as a page of HTML.

    Args:
        report: what it says.
        template: Jinja2, in place of the kit's own.

    Raises:
        InvalidOption: Jinja2 is not installed, or the template cannot be read, names what there is
            not, or asks for what it may not.
    """
    made_of = _template(template)
    from jinja2 import TemplateError  # noqa: PLC0415 - only a worker that writes HTML needs it
    from markupsafe import Markup  # noqa: PLC0415 - as above

    charts = [
        Drawn(series.title, Markup(svg(series)))  # noqa: S704 - ours, with every text escaped
        for series in report.series
    ]
    headings = [
        Heading(column.heading, numeric)
        for column, numeric in zip(report.columns, report.numeric, strict=True)
    ]
    try:
        return made_of.render(
            report={"title": report.title, "rows": len(report.rows)},
            made=made(report),
            filters=asked(report),
            charts=charts,
            columns=headings,
            rows=_texts(report),
            totals=total_cells(report),
        ).encode()
    except (TemplateError, TypeError, ArithmeticError) as error:
        raise _useless(error) from error


def _texts(report: Content) -> Iterator[list[str]]:
    for row in report.rows:
        yield [shown(value, column) for value, column in zip(row, report.columns, strict=True)]


@lru_cache(maxsize=32)
def _template(source: str) -> "Template":
    try:
        from jinja2 import StrictUndefined, TemplateError  # noqa: PLC0415 - as above
        from jinja2.sandbox import ImmutableSandboxedEnvironment  # noqa: PLC0415 - as above
    except ImportError as error:
        raise errors.InvalidOption(
            f"reports as HTML need {error.name}, which is not installed",
            hint="pip install 'tidemill[kits]'",
        ) from error
    room = ImmutableSandboxedEnvironment(autoescape=True, undefined=StrictUndefined)
    room.globals.clear()
    own = files(__package__).joinpath(_PAGE).read_text(encoding="utf-8")
    try:
        return room.from_string(source or own)
    except TemplateError as error:
        raise _useless(error) from error


def _useless(error: Exception) -> errors.InvalidOption:
    return errors.InvalidOption(
        f"the template of a report cannot be used: {error}",
        hint="it has report, made, filters, charts, columns, rows and totals, and nothing else",
    )
