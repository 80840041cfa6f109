"""One export, table by table, and what is noted of it on the way."""

from datetime import UTC, datetime
from typing import Any

from msgspec import Struct

from tidemill import File, JobContext, errors
from tidemill.kits.export.forms import Format, form
from tidemill.kits.export.source import Source
from tidemill.kits.export.table import Table
from tidemill.kits.export.trail import ExportedFile, trail_of
from tidemill.kits.tables.asking import answer


class Terms(Struct, frozen=True, kw_only=True):
    """What a kit was made with.

    Attributes:
        rows: that an export may have in all its tables.
        keep: files are deleted after so long.
        links: to them lead nowhere after so long.
        formulas: leave texts in CSV that a spreadsheet takes for formulas as they are.
        part: rows that are kept at a time.
    """

    rows: int
    part: int
    keep: str
    links: str
    formulas: bool


class Errand:
    """An export that a worker has begun, or taken up again."""

    def __init__(self, job: JobContext, format_: Format, terms: Terms) -> None:
        """Go on where an earlier attempt ended, as far as what it has written is there."""
        self._job = job
        self._format = format_
        self._terms = terms
        self._trail = trail_of(job)
        self._files = job.services["files"]

    @property
    def done(self) -> list[ExportedFile]:
        """Tables that are complete."""
        return self._trail.done

    def export(self, source: Source, filters: Any, *, step: int, of: int) -> None:
        """Export a table, unless an earlier attempt has.

        Args:
            source: whose table it is.
            filters: as it wants them.
            step: number of the table in this export.
            of: how many there are.

        Raises:
            TidemillError: as `Table.write_part`.
        """
        if step <= len(self.done):
            return
        trail = self._trail
        trail.begin(list(source.columns))
        terms = self._terms
        form_ = form(self._format, source, formulas=terms.formulas)
        table = Table(self._job, source, form_, filters, part=terms.part)
        expected = answer(source.count, filters) if source.count else 0
        try:
            while not trail.ended:
                self._show(source, expected, step, of)
                table.write_part(trail, terms.rows)
                self._job.checkpoint(trail)
                self._job.raise_if_cancelled()
        except (errors.AnswerTooLarge, errors.InvalidArguments):
            self._forget()
            raise
        self._finish(source, table)

    def _show(self, source: Source, expected: int, step: int, of: int) -> None:
        """Show how far the export has come: tables count alike, of whatever size."""
        rows = self._trail.rows
        share = min(rows / expected, 1.0) if expected else 0.0
        message = f"{source.name}: {rows:,} rows"
        self._job.progress(100 * (step - 1 + share * 0.95) / of, message, step=step, of=of)

    def _finish(self, source: Source, table: Table) -> None:
        """Make a file of the parts, and a link to it, and let go of the parts."""
        trail = self._trail
        file = self._joined(source, table)
        url = self._job.wait(self._files.link(file, expires=self._terms.links))
        done = ExportedFile(source=source.name, rows=trail.rows, file=file, url=url)
        trail.done.append(done)
        parts = trail.parts
        trail.forget()
        self._job.checkpoint(trail)
        self._job.log(f"{source.name}: {done.rows:,} rows, {file.size:,} bytes")
        self._delete(parts)

    def _joined(self, source: Source, table: Table) -> File:
        day = datetime.fromtimestamp(self._job.now / 1_000, UTC)
        name = f"{source.name}-{day:%Y-%m-%d}.{self._format}"
        kind = table.media_type
        with self._files.create(name, media_type=kind, expires=self._terms.keep) as out:
            table.join(self._trail, out)
        file: File = out.file
        return file

    def _forget(self) -> None:
        """Delete what is of no use to anybody: the job fails for good."""
        self._delete(self._trail.parts)

    def _delete(self, parts: list[str]) -> None:
        for part in parts:
            self._job.wait(self._files.delete(part))
