"""What tables are written as: a part for each piece of work, and a whole made of the parts."""

import csv
import io
import shutil
from collections.abc import Iterable, Sequence
from typing import IO, Any, Final, Literal, Protocol, TypeAlias

import msgspec

from tidemill import current
from tidemill.kits.export.parquet import ParquetForm
from tidemill.kits.export.source import Source
from tidemill.kits.tables.cells import reading

Format: TypeAlias = Literal["csv", "jsonl", "parquet"]
Rows: TypeAlias = Sequence[Sequence[Any]]

_COPIED: Final = 1 << 20
"""Bytes that are copied at once."""


class Form(Protocol):
    """How a table is written. A part is complete by itself; parts in their order make the whole."""

    media_type: str

    def write(self, out: IO[bytes], rows: Rows) -> None:
        """Add rows to a part.

        Raises:
            InvalidArguments: a value is not of its column's kind.
        """
        ...

    def join(self, out: IO[bytes], parts: Iterable[IO[bytes]]) -> None:
        """Write a whole that has the rows of these parts, in their order."""
        ...


def form(format_: Format, source: Source, *, formulas: bool) -> Form:
    """How the table of a source is written.

    Args:
        format_: `"csv"`, `"jsonl"` or `"parquet"`.
        source: whose table it is.
        formulas: leave texts that a spreadsheet takes for formulas as they are.

    Raises:
        InvalidOption: pyarrow is not installed.
    """
    match format_:
        case "csv":
            return _Csv(source, formulas=formulas)
        case "jsonl":
            return _JsonLines(source)
        case "parquet":
            return ParquetForm(source)


class _Csv:
    """RFC 4180 in UTF-8: names first, then rows."""

    media_type = "text/csv; charset=utf-8"

    def __init__(self, source: Source, *, formulas: bool) -> None:
        self._made = reading(formulas=formulas)
        self._names = [self._made(name) for name in source.columns]

    def write(self, out: IO[bytes], rows: Rows) -> None:
        """Add rows to a part."""
        out.write(self._lines(rows))

    def join(self, out: IO[bytes], parts: Iterable[IO[bytes]]) -> None:
        """Write names, then what is in the parts."""
        out.write(self._lines([self._names]))
        _copy(out, parts)

    def _lines(self, rows: Rows) -> bytes:
        text = io.StringIO(newline="")
        made = self._made
        csv.writer(text).writerows([made(value) for value in row] for row in rows)
        return text.getvalue().encode()


class _JsonLines:
    """A JSON object on each line."""

    media_type = "application/jsonl"

    def __init__(self, source: Source) -> None:
        self._names = list(source.columns)
        self._encoder = msgspec.json.Encoder(enc_hook=str, decimal_format="number")

    def write(self, out: IO[bytes], rows: Rows) -> None:
        """Add rows to a part."""
        names = self._names
        out.write(self._encoder.encode_lines([dict(zip(names, row, strict=True)) for row in rows]))

    def join(self, out: IO[bytes], parts: Iterable[IO[bytes]]) -> None:
        """Write what is in the parts."""
        _copy(out, parts)


def _copy(out: IO[bytes], parts: Iterable[IO[bytes]]) -> None:
    job = current()
    for part in parts:
        job.raise_if_cancelled()
        shutil.copyfileobj(part, out, _COPIED)
