"""Rows in the order of a key, to be found by how their key begins: what an index is elsewhere."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterator
from typing import Any

from tidemill.engines.memory.row import Row

Key = tuple[Any, ...]
"""Words and numbers; the last one is the row's `ref`, so that no key is there twice."""


class Order:
    """Some rows, sorted.

    A row must not change while it is in an order, for the key tells where it is. `JobTable.moving`
    takes it out of all orders and puts it back into those where it belongs then.

    Example:
        >>> running = Order(
        ...     lambda row: (row.job.queue, row.ref) if row.state == "running" else None
        ... )
        >>> running.count("email")
        0
    """

    def __init__(self, key: Callable[[Row], Key | None]) -> None:
        """Begin empty; `key` gives the key of a row, or `None` if it does not belong here."""
        self._key = key
        self._keys: list[Key] = []
        self._rows: dict[Key, Row] = {}

    def enter(self, row: Row) -> None:
        """Take a row in, if it belongs here."""
        key = self._key(row)
        if key is not None:
            insort(self._keys, key)
            self._rows[key] = row

    def leave(self, row: Row) -> None:
        """Let a row go, if it was here."""
        key = self._key(row)
        if key is not None:
            del self._keys[bisect_left(self._keys, key)]
            del self._rows[key]

    def under(self, *prefix: Any) -> Iterator[Row]:
        """The rows whose keys begin so, in order.

        Rows may come and go while one walks: the walk goes on behind the last key it saw.
        """
        place = bisect_left(self._keys, prefix)
        while place < len(self._keys):
            key = self._keys[place]
            if key[: len(prefix)] != prefix:
                return
            yield self._rows[key]
            place = bisect_right(self._keys, key)

    def first(self, *prefix: Any) -> Row | None:
        """The first row whose key begins so, if there is one."""
        return next(self.under(*prefix), None)

    def count(self, *prefix: Any) -> int:
        """How many keys begin so."""
        return self._end(prefix) - bisect_left(self._keys, prefix)

    def groups(self, *prefix: Any) -> list[Any]:
        """What follows the prefix in the keys, each word once, in order."""
        words = []
        place, end = bisect_left(self._keys, prefix), self._end(prefix)
        while place < end:
            word = self._keys[place][len(prefix)]
            words.append(word)
            place = self._end((*prefix, word))
        return words

    def _end(self, prefix: Key) -> int:
        """The place behind the last key that begins so."""
        return bisect_right(self._keys, prefix, key=lambda key: key[: len(prefix)])
