"""How far an export has come: what a worker that takes it up again begins with."""

from typing import Any

import msgspec
from msgspec import Struct, field

from tidemill import File, JobContext, errors


class ExportedFile(Struct, frozen=True, kw_only=True):
    """A table that has been exported.

    Attributes:
        source: whose table it is.
        rows: that it has.
        file: where it is kept; `app.files` reads it.
        url: by which it can be downloaded, until the link expires.
    """

    source: str
    rows: int
    file: File
    url: str


class Trail(Struct, kw_only=True):
    """The checkpoint of an export.

    Attributes:
        done: tables that are complete.
        columns: of the table that is under way; another release may have others.
        parts: ids of the files that hold its rows so far, in their order.
        rows: that they hold.
        after: the key of the last one, as a plain JSON value.
        ended: whether there are no more.
    """

    done: list[ExportedFile] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    rows: int = 0
    after: Any = None
    ended: bool = False

    @property
    def total(self) -> int:
        """Rows of all tables so far."""
        return self.rows + sum(each.rows for each in self.done)

    def begin(self, columns: list[str]) -> None:
        """Begin a table, unless it is under way."""
        if self.columns != columns:
            self.forget()
            self.columns = columns

    def forget(self) -> None:
        """The next row is the first one of a table."""
        self.columns, self.parts, self.rows, self.after, self.ended = [], [], 0, None, False


def trail_of(job: JobContext) -> Trail:
    """The trail that an earlier attempt has left, as far as it leads: its parts have to be there.

    On a machine that does not share the folder of files with the one before, or when they have
    expired, a table is begun anew.
    """
    if job.checkpoint_value is None:
        return Trail()
    trail = msgspec.convert(job.checkpoint_value, Trail)
    files = job.services["files"]
    try:
        for part in trail.parts:
            with files.open(part):
                pass
    except errors.NotFound:
        job.log("what was exported before is not on this machine: the table begins anew", "warning")
        trail.forget()
    return trail
