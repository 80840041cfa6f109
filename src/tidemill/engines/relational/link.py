"""A connection as the shared verbs use it: it runs the engine's statements by their names."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol

from msgspec import Struct

from tidemill.core.instants import Instant
from tidemill.core.job import NewJob

Row = tuple[Any, ...]
Values = Sequence[Any]


class Dialect(Struct, frozen=True):
    """Conditions that databases say differently; a question mark stands for the value.

    Attributes:
        id_is_listed: the column `id` is one of those in a JSON list.
        args_contain: the arguments contain a text; the letters A to Z in either case.
        is_tagged: the job of the row carries a tag.
        through: the table named in its gap.
        along_tag: the table of tags, joined with the one named in its gap.
        passing: the column named in its gap, where an index over it would be no way to the newest
            of the rows wanted.
        stretch: so many rows along an index, as if they were the table named in its gap; `None`: an
            index that is asked for is followed anyway.
    """

    id_is_listed: str
    args_contain: str
    is_tagged: str
    through: str
    along_tag: str
    passing: str
    stretch: str | None


class Link(Protocol):
    """A connection inside a transaction."""

    @property
    def dialect(self) -> Dialect:
        """How its database says some conditions."""
        ...

    def rows(self, name: str, values: Values = (), **parts: str) -> list[Row]:
        """Run a statement to its end and answer its rows; `parts` fill the gaps in its text."""
        ...

    def stream(self, name: str, values: Values, about: int) -> Iterator[Row]:
        """Run a query and answer its rows one by one, as they are asked for: about so many."""
        ...

    def run(self, name: str, values: Values = ()) -> int:
        """Run a statement and answer how many rows it changed."""
        ...

    def many(self, name: str, rows: Iterable[Values]) -> int:
        """Run a statement once for each row of values and answer how many rows it changed."""
        ...

    def store_plain(
        self, jobs: Sequence[NewJob], now: Instant, *, fresh_ids: bool = False
    ) -> Sequence[bool]:
        """Store jobs that nothing but their ids decides about; whether each is new.

        Args:
            fresh_ids: whether no store can know the ids, as in `Jobs.insert`.
        """
        ...

    def append(self, lines: Sequence[Row]) -> int:
        """Add lines to logs, in order; answer the position of the last one.

        Args:
            lines: log, time, topic, tenant, source and data of each.
        """
        ...

    def end_of_chain(self) -> bytes:
        """The digest of the newest line of the chained log; empty: there is none.

        Others add no lines to it until the transaction ends.
        """
        ...

    def bulk(self, name: str, rows: Sequence[Values]) -> int:
        """Run a statement with one row of `VALUES` for many rows; answer how many it changed."""
        ...
