"""Templates: letters with gaps, which are filled with data, and with nothing but data."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

import tidemill

if TYPE_CHECKING:
    import jinja2

SUBJECT: Final = "Subject:"
_MOST: Final = 1_000_000
_ENDS_LINE: Final = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+")


_OF_DATA: Final = (ArithmeticError, LookupError, RecursionError, TypeError, ValueError)
"""What Python says of data that does not fit what a template does with it."""


class Filled(Struct, frozen=True):
    """A letter without gaps."""

    subject: str
    text: str
    html: str


class Templates:
    r"""Templates by name: `welcome.txt`, whose first line says `Subject:`, and `welcome.html`.

    One of the two will do; where there is no text, the HTML begins with the line of the subject.
    Values are data. What looks like a template in one stays as it is, in HTML its signs are
    written as signs, and no template gets from a value to Python: there are no attributes.

    Example:
        >>> templates = Templates({"paid.txt": "Subject: No. {{ no }}\n\nDear {{ who.name }}\n"})
        >>> templates.fill("paid", {"no": 7, "who": {"name": "{{ 7*7 }}"}})
        Filled(subject='No. 7', text='Dear {{ 7*7 }}\n', html='')
    """

    def __init__(self, source: str | Path | Mapping[str, str]) -> None:
        """Look nowhere yet.

        Args:
            source: a folder, or texts by the names that files in one would have.
        """
        self._source = source
        self._made: jinja2.Environment | None = None
        self._letters: dict[str, Callable[[Mapping[str, Any]], Filled]] = {}

    def fill(self, name: str, values: Mapping[str, Any]) -> Filled:
        """The letter of a template and these values.

        Raises:
            InvalidOption: there is no such template, it cannot be read, it asks for a value that is
                not given or may not be looked into, or it becomes too long.
        """
        environment = self._environment
        import jinja2  # noqa: PLC0415 - only who fills templates needs it

        fill = self._letters.get(name)
        try:
            if fill is None:
                fill = self._letters[name] = self._read(name, environment)
            filled = fill(values)
        except (jinja2.TemplateError, *_OF_DATA) as error:
            raise tidemill.errors.InvalidOption(
                f"template {name} cannot be filled: {type(error).__name__}: {error}"[:500],
                hint="mend the template, or give the value that it asks for",
            ) from None
        if max(len(filled.text), len(filled.html)) > _MOST:
            raise tidemill.errors.InvalidOption(
                f"template {name} becomes too long", hint=f"up to {_MOST:,} characters"
            )
        return filled

    def _read(
        self, name: str, environment: "jinja2.Environment"
    ) -> Callable[[Mapping[str, Any]], Filled]:
        """What fills a template, each part of it by itself: no value gets from one into another."""
        text, html = (_source_of(environment, f"{name}.{kind}") for kind in ("txt", "html"))
        if text is None and html is None:
            raise tidemill.errors.InvalidOption(
                f"there is no template {name!r}", hint=f"write {name}.txt, {name}.html or both"
            )
        first, body = _parted(name, text if text is not None else html or "")
        if text is None:
            html = body
        else:
            text = body
        subject = environment.overlay(autoescape=False).from_string(first)
        plain = None if text is None else environment.overlay(autoescape=False).from_string(text)
        rich = None if html is None else environment.overlay(autoescape=True).from_string(html)

        def fill(values: Mapping[str, Any]) -> Filled:
            return Filled(
                _ENDS_LINE.sub(" ", subject.render(values)).strip()[:500],
                "" if plain is None else plain.render(values),
                "" if rich is None else rich.render(values),
            )

        return fill

    @property
    def _environment(self) -> "jinja2.Environment":
        if self._made is None:
            try:
                from tidemill.kits.email.sandbox import environment  # noqa: PLC0415 - as in `fill`
            except ImportError as error:
                raise tidemill.errors.InvalidOption(
                    f"templates need {error.name}, which is not installed",
                    hint="pip install 'tidemill[kits]'",
                ) from error
            self._made = environment(self._source)
        return self._made


def _source_of(environment: "jinja2.Environment", file: str) -> str | None:
    import jinja2  # noqa: PLC0415 - as in `fill`

    loader = environment.loader
    assert loader is not None  # noqa: S101 - it is made with one
    try:
        return loader.get_source(environment, file)[0]
    except jinja2.TemplateNotFound:
        return None


def _parted(name: str, source: str) -> tuple[str, str]:
    """The line of the subject, and what stands below it."""
    first, _, rest = source.partition("\n")
    if not first.startswith(SUBJECT):
        raise tidemill.errors.InvalidOption(
            f"template {name} does not say what it is about",
            hint=f'let it begin with a line "{SUBJECT} ..."',
        )
    return first.removeprefix(SUBJECT).strip(), rest.removeprefix("\r").removeprefix("\n")
