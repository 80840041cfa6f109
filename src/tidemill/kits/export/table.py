"""Exporting one table: a part after the other, each of which is kept before the next begins."""

from collections.abc import Iterator
from typing import IO, Any, Final

import msgspec

from tidemill import JobContext, errors
from tidemill.kits.export.forms import Form
from tidemill.kits.export.source import Source
from tidemill.kits.export.trail import Trail
from tidemill.kits.tables.asking import answer, rows_of, values

PART: Final = "24h"
"""Parts that nobody comes back for are deleted after so long."""

_UNKNOWN: Final = "application/octet-stream"
_BYTES: Final = 16 << 20
_MILLIS: Final = 5_000
"""A part is closed so soon: what a worker that is killed has done since is done again."""


class Table:
    """One table of an export, while a worker writes it."""

    def __init__(
        self, job: JobContext, source: Source, form: Form, filters: Any, *, part: int
    ) -> None:
        """Prepare.

        Args:
            job: the export.
            source: whose table it is.
            form: how it is written.
            filters: as the source wants them.
            part: rows of a part, or somewhat more.
        """
        self._job = job
        self._files = job.services["files"]
        self._source = source
        self._form = form
        self._filters = filters
        self._names = list(source.columns)
        self._part = part

    @property
    def media_type(self) -> str:
        """What the whole table is, to those who download it."""
        return self._form.media_type

    def write_part(self, trail: Trail, most: int) -> None:
        """Write the rows that come next, keep them, and note where they end.

        Args:
            trail: where to go on; what has been written is added to it.
            most: rows that all tables may have.

        Raises:
            AnswerTooLarge: there are more.
            InvalidArguments: a row does not fit the columns, or the source does not go on.
            StoreError: the disk is full, or the store did not take it.
        """
        name = f"{self._source.name}.part"
        began, before = self._job.now, trail.rows
        with self._files.create(name, media_type=_UNKNOWN, expires=PART) as out:
            rows, after = 0, trail.after
            while not self._is_enough(rows, out, began):
                asked = self._asked(after)
                if not asked:
                    trail.ended = True
                    break
                rows += len(asked)
                if trail.total + rows > most:
                    raise self._too_many(most)
                after = self._written(out, asked, after)
        trail.parts.append(out.file.id)
        trail.rows, trail.after = before + rows, after

    def _asked(self, after: Any) -> list[Any]:
        """The rows that come next."""
        source = self._source
        given = answer(source.function, after, source.chunk, self._filters)
        return list(rows_of(given, f"the export {source.name}"))

    def _is_enough(self, rows: int, out: IO[bytes], began: int) -> bool:
        """Whether a part is to be closed: it is large, or old, or the worker stops."""
        is_late = self._job.now - began >= _MILLIS
        return (
            self._job.stopping
            or rows >= self._part
            or out.tell() >= _BYTES
            or (rows > 0 and is_late)
        )

    def _written(self, out: IO[bytes], asked: list[Any], before: Any) -> Any:
        """Write rows; answer the key of the last one."""
        what = f"the export {self._source.name}"
        rows = [values(row, self._names, what) for row in asked]
        after = msgspec.to_builtins(rows[-1][self._source.key], enc_hook=str)
        if after is None or after == before:
            raise errors.InvalidArguments(
                f"{what} does not go on: it has answered {after!r} as the last key again",
                hint="answer rows whose key is behind `after`, in its order",
            )
        self._form.write(out, rows)
        return after

    def _too_many(self, most: int) -> errors.AnswerTooLarge:
        return errors.AnswerTooLarge(
            f"an export has more than {most:,} rows, in {self._source.name} among others",
            hint="narrow it by filters, or make the kit with a larger `rows`",
        )

    def join(self, trail: Trail, out: IO[bytes]) -> None:
        """Write the whole table, of the parts that there are."""
        self._form.join(out, self._parts(trail))

    def _parts(self, trail: Trail) -> Iterator[IO[bytes]]:
        for part in trail.parts:
            with self._files.open(part) as kept:
                yield kept
