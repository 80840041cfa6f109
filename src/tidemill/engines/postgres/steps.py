"""The steps by which a schema grows, as this release knows them: the files in `migrations/`.

`NNNN_pre_*.sql` adds: the release before goes on working on what it leaves. `NNNN_post_*.sql` takes
away what only older releases need. A `pre` step leans on no `post` step, for those may come later.

A step is one transaction, unless its first line says that it is outside one, as an index that is
built while work goes on must be. It then holds whole statements, split at semicolons, each of which
may be run again when a run was cut short.
"""

import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Final

from msgspec import Struct

from tidemill.core.errors import SchemaMismatch
from tidemill.engines.postgres.statements import in_schema
from tidemill.engines.relational.link import Row

FOLDER: Final = Path(__file__).parent / "migrations"

_OUTSIDE: Final = "-- Outside a transaction"
_INDEX: Final = re.compile(
    r"CREATE (?:UNIQUE )?INDEX CONCURRENTLY (?:IF NOT EXISTS )?(?!ON\b)(\w+)", re.IGNORECASE
)


class Step(Struct, frozen=True):
    """One file.

    Attributes:
        kind: `"pre"` or `"post"`.
        text: as it is in the file.
    """

    number: int
    kind: str
    name: str
    text: str

    @property
    def is_outside(self) -> bool:
        """Whether it must not be run in a transaction."""
        return self.text.startswith(_OUTSIDE)

    @property
    def checksum(self) -> str:
        """A sum over its words; comments and blanks do not count."""
        return f"{zlib.crc32(' '.join(_bare(self.text).split()).encode()):08x}"

    def statements(self, schema: str) -> Iterator[tuple[str, str]]:
        """Its statements one by one, each with the name of the index that it builds, or `""`."""
        for statement in _bare(in_schema(self.text, schema)).split(";"):
            if words := " ".join(statement.split()):
                index = _INDEX.match(words)
                yield words, index[1] if index else ""


class Taken(Struct, frozen=True):
    """A step that has been run, as the store remembers it."""

    number: int
    kind: str
    name: str
    checksum: str
    release: str


@cache
def steps() -> tuple[Step, ...]:
    """All of them, in order."""
    found = []
    for file in sorted(FOLDER.glob("[0-9][0-9][0-9][0-9]_*.sql")):
        number, kind, name = file.stem.split("_", 2)
        found.append(Step(int(number), kind, name, file.read_text()))
    return tuple(found)


def taken(rows: Iterable[Row]) -> dict[int, Taken]:
    """The steps that a schema has taken, by their numbers; see `sql/steps.sql`."""
    return {row[0]: Taken(*row) for row in rows}


def missing(had: Mapping[int, Taken], known: Iterable[Step], *, finish: bool) -> list[Step]:
    """The steps that are to be run now; without `finish` those alone that add."""
    return [each for each in known if each.number not in had and (finish or each.kind == "pre")]


def refuse_others(had: Mapping[int, Taken], shown: str, known: Iterable[Step]) -> None:
    """Refuse a schema that is not, or no longer, one on which this release can work.

    Raises:
        SchemaMismatch: a newer release has taken away what this one may need, or a step that was
            run is not the one that is known here by its number.
    """
    by_number = {step.number: step for step in known}
    for each in had.values():
        step = by_number.get(each.number)
        called = f"{each.number:04}_{each.kind}_{each.name}"
        if step is None and each.kind == "post":
            raise SchemaMismatch(
                f"{shown} has taken the step {called}, after which this release cannot work on it",
                hint=f"start release {each.release} or newer: pip install --upgrade tidemill",
            )
        if step is not None and step.checksum != each.checksum:
            raise SchemaMismatch(
                f"{shown} has taken a step {called} that is not the one of this release",
                hint=f"release {each.release} has taken it: start that one, or restore a backup",
            )


def _bare(text: str) -> str:
    """A text without its comments."""
    return re.sub(r"--[^\n]*", "", text)
