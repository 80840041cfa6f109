"""Tables as Parquet: parts are streams of Arrow, which are made into row groups in the end."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any, Final

import msgspec

from tidemill import current, errors
from tidemill.kits.export.source import Source

GROUP: Final = 25000
"""Rows of a row group, or somewhat more."""

_LENGTH: Final = 8
"""Bytes before each stream that say how long it is."""

_TOLD: Final = (str, dict, list)
"""Kinds that are told as texts."""

_DIGITS: Final = (38, 9)
"""Of a `Decimal`: in all, and behind the point."""


class ParquetForm:
    """Columns of the kinds that were registered, each of which may lack values."""

    media_type = "application/vnd.apache.parquet"

    def __init__(self, source: Source) -> None:
        """Read the columns of a source.

        Raises:
            InvalidOption: pyarrow is not installed.
        """
        self._arrow = _arrow()
        self._source = source
        self._schema = self._arrow.schema(
            [(name, self._type(kind)) for name, kind in source.columns.items()]
        )

    def _type(self, kind: type) -> Any:
        arrow = self._arrow
        types: dict[type, Callable[[], Any]] = {
            bool: arrow.bool_,
            int: arrow.int64,
            float: arrow.float64,
            bytes: arrow.binary,
            Decimal: lambda: arrow.decimal128(*_DIGITS),
            date: arrow.date32,
            datetime: lambda: arrow.timestamp("us", tz="UTC"),
        }
        return types.get(kind, arrow.string)()

    def write(self, out: IO[bytes], rows: Sequence[Sequence[Any]]) -> None:
        """Add rows to a part.

        Raises:
            InvalidArguments: a value is not of its column's kind.
        """
        if not rows:
            return
        arrow = self._arrow
        columns = zip(*rows, strict=True)
        arrays = [
            self._array(name, kind, values)
            for (name, kind), values in zip(self._source.columns.items(), columns, strict=True)
        ]
        batch = arrow.RecordBatch.from_arrays(arrays, schema=self._schema)
        sink = arrow.BufferOutputStream()
        with arrow.ipc.new_stream(sink, self._schema) as stream:
            stream.write_batch(batch)
        data = sink.getvalue()
        out.write(data.size.to_bytes(_LENGTH, "big"))
        out.write(data)

    def join(self, out: IO[bytes], parts: Iterable[IO[bytes]]) -> None:
        """Write the rows of these parts in row groups."""
        from pyarrow.parquet import ParquetWriter  # noqa: PLC0415 - only who writes it needs it

        with ParquetWriter(out, self._schema, compression="zstd") as writer:
            for table in self._groups(parts):
                current().raise_if_cancelled()
                writer.write_table(table, row_group_size=len(table) or None)

    def _groups(self, parts: Iterable[IO[bytes]]) -> Iterator[Any]:
        arrow = self._arrow
        batches: list[Any] = []
        rows = 0
        for part in parts:
            for batch in self._batches(part):
                batches.append(batch)
                rows += batch.num_rows
                if rows >= GROUP:
                    yield arrow.Table.from_batches(batches, self._schema)
                    batches, rows = [], 0
        if batches:
            yield arrow.Table.from_batches(batches, self._schema)

    def _batches(self, part: IO[bytes]) -> Iterator[Any]:
        """What `write` has written."""
        while head := part.read(_LENGTH):
            with self._arrow.ipc.open_stream(part.read(int.from_bytes(head, "big"))) as stream:
                yield from stream

    def _array(self, name: str, kind: type, values: Sequence[Any]) -> Any:
        arrow, type_ = self._arrow, self._type(kind)
        try:
            try:
                return arrow.array(values, type_)
            except (arrow.ArrowInvalid, arrow.ArrowTypeError, OverflowError):
                # Dates as databases tell them, numbers as texts: what can be read is taken.
                return arrow.array([_as(kind, value) for value in values], type_)
        except (arrow.ArrowException, ArithmeticError, TypeError, ValueError) as error:
            raise errors.InvalidArguments(
                f"column {name} of {self._source.name} holds what is no {kind.__name__}: {error}",
                hint="register the column with the kind that it has",
            ) from None


def _as(kind: type, value: Any) -> Any:
    """A value as one of a kind, where that loses nothing."""
    if value is None or isinstance(value, str if kind in _TOLD else kind):
        return value
    if kind in _TOLD:
        return msgspec.json.encode(value, enc_hook=str).decode()
    return msgspec.convert(value, kind, strict=False)


def _arrow() -> Any:
    try:
        import pyarrow  # noqa: ICN001, PLC0415 - only a worker that writes Parquet needs it
        import pyarrow.ipc  # noqa: PLC0415 - as above
    except ImportError as error:
        raise errors.InvalidOption(
            "exports as Parquet need pyarrow, which is not installed",
            hint="pip install 'tidemill[parquet]'",
        ) from error
    return pyarrow
