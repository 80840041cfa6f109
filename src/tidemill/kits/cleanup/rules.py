"""What there is to be cleaned: files, caches, records, rows, each with its age."""

import inspect
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Protocol

from msgspec import Struct, field

import tidemill
from tidemill import millis
from tidemill.kits.cleanup.outcome import Kind, Part
from tidemill.kits.cleanup.sweep import Sweep, Tell

_PAGE: Final = 200


class OldFiles(Struct, frozen=True):
    """Files of a folder that go when they are old, as settings say it.

    Attributes:
        path: the folder.
        older_than: since they were last changed.
        pattern: what their names are like, such as `*.csv`; `*`: all, and empty folders, too.
    """

    path: str
    older_than: str = "30d"
    pattern: str = "*"

    def __post_init__(self) -> None:
        """Check it where the settings are read."""
        FileRule(self.path, self.older_than, self.pattern)


class CleanupSettings(Struct, frozen=True):
    """Settings of the module.

    Attributes:
        folders: files that go when they are old, by a name for each.
    """

    folders: dict[str, OldFiles] = field(default_factory=dict)


class Rule(Protocol):
    """One thing to be cleaned.

    Attributes:
        kind: what it is.
        age: milliseconds after which it is old.
    """

    kind: Kind
    age: int

    def count(self, part: Part, tell: Tell) -> None:
        """Count what is old, into the part."""
        ...

    def remove(self, part: Part, tell: Tell) -> None:
        """Remove it."""
        ...


class FileRule:
    """Files of a folder."""

    kind: Kind = "files"

    def __init__(self, path: str | Path, older_than: Any, pattern: str = "*") -> None:
        """Say which.

        Raises:
            InvalidOption: no age, no pattern, or a folder that nobody should sweep.
        """
        self.path = check_folder(path)
        self.age = check_age(older_than)
        if not pattern or "/" in pattern or "\0" in pattern:
            raise tidemill.errors.InvalidOption(
                f"pattern {pattern!r} is not possible", hint='names only, such as "*.csv"'
            )
        self._pattern = pattern

    def count(self, part: Part, tell: Tell) -> None:
        """Count the files that are old."""
        self._sweep(part, tell).count()

    def remove(self, part: Part, tell: Tell) -> None:
        """Remove them, and folders that are empty then."""
        self._sweep(part, tell).remove()

    def _sweep(self, part: Part, tell: Tell) -> Sweep:
        return Sweep(self.path, part, pattern=self._pattern, tell=tell)


class CacheRule(FileRule):
    """Files of a folder that go when nobody has used them for long, or there are too many."""

    kind: Kind = "cache"

    def __init__(self, path: str | Path, unused_for: Any, most_bytes: int | None) -> None:
        """Say which.

        Raises:
            InvalidOption: no age, or no size.
        """
        super().__init__(path, unused_for)
        if most_bytes is not None and most_bytes < 0:
            raise tidemill.errors.InvalidOption(
                f"most_bytes={most_bytes!r} is not possible", hint="from 0"
            )
        self._most = most_bytes

    def count(self, part: Part, tell: Tell) -> None:
        """Count them; what is too much goes before it is old, the longest unused first."""
        sweep = self._sweep(part, tell)
        if self._most is not None:
            part.before = max(part.before, int(sweep.limit_for(self._most) * 1_000))
        sweep.count()


class RecordRule:
    """Records whose own value says when they were made."""

    kind: Kind = "records"

    def __init__(self, records: Any, at: str, older_than: Any) -> None:
        """Say which: those of `app.records(kind)`, by this field of their values.

        Raises:
            InvalidOption: no age.
        """
        self.age = check_age(older_than)
        self._records = records
        self._at = at

    def count(self, part: Part, tell: Tell) -> None:
        """Count the records that are old."""
        self._go(part, tell, remove=False)

    def remove(self, part: Part, tell: Tell) -> None:
        """Remove them, each as it was read: one that has been changed meanwhile stays."""
        self._go(part, tell, remove=True)

    def _go(self, part: Part, tell: Tell, *, remove: bool) -> None:
        part.seen = part.found = part.removed = 0
        part.skipped.clear()
        after = ""
        while page := self._records.find(after=after, limit=_PAGE):
            for each in page:
                self._meet(each, part, remove=remove)
            after = page[-1].key
            tell(part)

    def _meet(self, record: Any, part: Part, *, remove: bool) -> None:
        part.seen += 1
        at = moment(record.value.get(self._at) if isinstance(record.value, dict) else None)
        if at is None:
            part.skip("undated")
        elif at < part.before:
            part.found += 1
            if remove:
                try:
                    part.removed += self._records.delete(record.key, version=record.version)
                except tidemill.errors.VersionConflict:
                    part.skip("changed")


Delete = Callable[[datetime, int], int]
"""Deletes at most so many rows from before a moment, and answers how many it has deleted."""


class Rows:
    """Rows of a database of the application's own, as `@cleanup.old_rows` makes it."""

    kind: Kind = "rows"

    def __init__(self, delete: Delete, name: str, older_than: Any, at_once: int) -> None:
        """Delete by this function, so many at once.

        Raises:
            InvalidOption: no age, no number, or a function that is to be awaited.
        """
        self.age = check_age(older_than)
        if inspect.iscoroutinefunction(delete):
            raise tidemill.errors.InvalidOption(
                f"{name} deletes by an async def", hint="write it as def"
            )
        if at_once < 1:
            raise tidemill.errors.InvalidOption(
                f"at_once={at_once!r} is not possible", hint="from 1"
            )
        self._name = name
        self._at_once = at_once
        self._delete = delete
        self._counted: Callable[[datetime], int] | None = None

    def __call__(self, before: datetime, limit: int) -> int:
        """Delete here and now, as if it were no rule."""
        return self._delete(before, limit)

    def counted(self, count: Callable[[datetime], int]) -> Callable[[datetime], int]:
        """Say, as a decorator, how the rows from before a moment are counted."""
        self._counted = count
        return count

    def count(self, part: Part, tell: Tell) -> None:
        """Count the rows that are old.

        Raises:
            InvalidOption: nobody has said how.
        """
        if self._counted is None:
            raise tidemill.errors.InvalidOption(
                f"nobody has said how {self._name} are counted", hint="write @rule.counted"
            )
        part.seen = part.found = self._counted(_datetime(part.before))
        tell(part)

    def remove(self, part: Part, tell: Tell) -> None:
        """Delete them, some at a time, so that nobody waits long for a lock."""
        part.removed = 0
        while (gone := self._delete(_datetime(part.before), self._at_once)) > 0:
            part.removed += gone
            tell(part)
        part.found = max(part.found, part.removed)


def moment(value: object) -> int | None:
    """When that is, milliseconds UTC: of a number of them, or a date with a zone.

    Example:
        >>> moment("1970-01-01T00:00:01+00:00"), moment(1000), moment("soon")
        (1000, 1000, None)
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if isinstance(value, str):
        try:
            read = datetime.fromisoformat(value)
        except ValueError:
            return None
        return None if read.tzinfo is None else int(read.timestamp() * 1_000)
    return int(value)


def check_age(older_than: Any) -> int:
    """The age in milliseconds.

    Raises:
        InvalidOption: none, or one of nothing: everything would go.
    """
    age = millis(older_than)
    if age < 1:
        raise tidemill.errors.InvalidOption(
            f"an age of {older_than!r} would mean everything", hint='write "30d"'
        )
    return age


def check_folder(path: str | Path) -> Path:
    """The folder, absolute.

    Raises:
        InvalidOption: it is a whole file system, its path has a `..` in it, or there is none: a
            variable that nobody has set does not mean wherever a worker was started.
    """
    given = Path(path)
    whole = given.absolute()
    odd = not given.parts or ".." in given.parts or "\0" in str(given)
    if odd or whole == Path(whole.anchor):
        raise tidemill.errors.InvalidOption(
            f"folder {str(path)!r} is not one to be swept",
            hint="give the path of a folder of its own, without ..",
        )
    return whole


def _datetime(at: int) -> datetime:
    return datetime.fromtimestamp(at / 1_000, UTC)
