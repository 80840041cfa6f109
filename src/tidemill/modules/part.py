"""A table of a manifest, read key by key: what does not fit is told with its file and its key."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, TypeVar

from msgspec import UNSET, UnsetType

from tidemill.core.errors import InvalidManifest, TidemillError
from tidemill.core.identity import is_whole

T = TypeVar("T")

_SHOWN: Final = 60


class Part:
    """A table; every key that nobody has asked for is one too many."""

    def __init__(self, place: str, key: str, given: object) -> None:
        """Begin to read.

        Args:
            place: the file, or what is written in its stead.
            key: under which the table stands there; empty: it is the whole of it.
            given: what stands there.

        Raises:
            InvalidManifest: it is no table.
        """
        self.place = place
        self.key = key
        if not isinstance(given, Mapping):
            raise self.wrong("", f"holds {_shown(given)}", hint="give a table: keys and values")
        self._given = dict(given)
        self._known: list[str] = []

    def text(self, key: str, *, needed: bool = False) -> str:
        """A text; empty where there is none."""
        found = self._take(key, str, "a text", needed=needed)
        if needed and found == "":
            raise self.wrong(key, "is empty", hint="give a text")
        return "" if isinstance(found, UnsetType) else found

    def flag(self, key: str, *, otherwise: bool) -> bool:
        """True or false."""
        found = self._take(key, bool, "true or false")
        return otherwise if isinstance(found, UnsetType) else found

    def whole(self, key: str, least: int) -> int | None:
        """A whole number; `None` where there is none, or nothing."""
        found = self._given.get(key)
        self._known.append(key)
        if found is None:
            return None
        if not is_whole(found) or found < least:
            raise self.wrong(
                key, f"holds {_shown(found)}", hint=f"give a whole number from {least}"
            )
        return found

    def texts(self, key: str) -> tuple[str, ...]:
        """Several texts; none where nothing is said."""
        found = self._take(key, list | tuple, "a list of texts")
        if isinstance(found, UnsetType):
            return ()
        for number, each in enumerate(found):
            if not isinstance(each, str) or not each:
                raise self.wrong(f"{key}[{number}]", f"holds {_shown(each)}", hint="give a text")
        return tuple(found)

    def table(self, key: str) -> "Part":
        """A table in this one; an empty one where there is none."""
        found = self._take(key, dict | Mapping, "a table")
        return Part(self.place, self.path(key), {} if isinstance(found, UnsetType) else found)

    def tables(self, key: str) -> "Iterator[Part]":
        """Several tables in this one."""
        found = self._take(key, list | tuple, "a list of tables")
        for number, each in enumerate(() if isinstance(found, UnsetType) else found):
            yield Part(self.place, self.path(f"{key}[{number}]"), each)

    def anything(self, key: str) -> Any:
        """Whatever stands there; `UNSET` where nothing does."""
        return self._take(key, object, "")

    def rest(self) -> dict[str, Any]:
        """All of it, whatever its keys are."""
        return self._given

    def made(self, key: str, make: Callable[[], T]) -> T:
        """What is made of the value under a key; where that fails, the key is named."""
        try:
            return make()
        except InvalidManifest:
            raise
        except TidemillError as error:
            raise self.wrong(key, f"cannot be: {error.message}", hint=error.hint) from error

    def end(self) -> None:
        """See to it that there is nothing besides what was asked for.

        Raises:
            InvalidManifest: there is.
        """
        for key in self._given:
            if key not in self._known:
                raise self.wrong(
                    key, "is not known", hint=f"known here are {', '.join(self._known)}"
                )

    def path(self, key: str) -> str:
        """The whole way to a key."""
        return f"{self.key}.{key}" if self.key and key else self.key or key

    def wrong(self, key: str, says: str, *, hint: str = "") -> InvalidManifest:
        """The error that says what is wrong with a key."""
        where = self.path(key)
        return InvalidManifest(f"{self.place}: {where or 'it'} {says}", hint=hint)

    def _take(self, key: str, kind: Any, wanted: str, *, needed: bool = False) -> Any:
        self._known.append(key)
        found = self._given.get(key, UNSET)
        if found is UNSET or (found is None and kind is not object):
            if needed:
                raise self.wrong(key, "is missing", hint=f"give {wanted}")
            return UNSET
        if not isinstance(found, kind):
            raise self.wrong(key, f"holds {_shown(found)}", hint=f"give {wanted}")
        return found


def _shown(value: object) -> str:
    said = repr(value)
    return said if len(said) <= _SHOWN else f"{said[:_SHOWN]}..."
