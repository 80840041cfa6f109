"""What the payloads of events have to be: types that an application says of their names."""

from collections.abc import Callable, Iterator
from typing import Any, Final, TypeVar

import msgspec
from msgspec import Struct

from tidemill.core.errors import InvalidArguments, InvalidOption
from tidemill.core.event import matches
from tidemill.events.subscription import check_pattern
from tidemill.tasks.codec import decoder, schema_of

T = TypeVar("T")

_REFERENCES: Final = "#/$defs/{name}"


class Schema(Struct, frozen=True):
    """What the payload of the events of a pattern has to be."""

    pattern: str
    kind: Any
    read: Callable[[bytes], Any]

    def document(self) -> dict[str, Any]:
        """The same as JSON Schema.

        Example:
            >>> schemas = Schemas()
            >>> schemas.declare("order.paid", dict[str, int])
            >>> next(iter(schemas)).document()["additionalProperties"]
            {'type': 'integer'}
        """
        (made,), parts = msgspec.json.schema_components(
            [self.kind], schema_hook=schema_of, ref_template=_REFERENCES
        )
        return {**made, "$defs": parts} if parts else made


class Schemas:
    """The schemas of one application; where several mean an event, its payload fits all of them."""

    def __init__(self) -> None:
        """Begin with none: any event may carry anything."""
        self._by_pattern: dict[str, Schema] = {}

    def __iter__(self) -> Iterator[Schema]:
        """All of them, by their patterns."""
        return iter([self._by_pattern[each] for each in sorted(self._by_pattern)])

    def declare(self, pattern: str, kind: Any) -> None:
        """Say what payloads are from now on.

        Raises:
            InvalidName: the pattern is none.
            InvalidOption: the type is none that JSON can be read as, or another one is said of the
                same pattern already.
        """
        self.check_new(pattern, kind)
        try:
            self._by_pattern[pattern] = Schema(pattern, kind, decoder(kind))
        except TypeError as error:
            raise InvalidOption(
                f"payloads of {pattern} cannot be {_shown(kind)}: {error}",
                hint="give a type that a task could take",
            ) from None

    def check_new(self, pattern: str, kind: Any) -> None:
        """See to it that nothing else is said of a pattern; see `declare`."""
        check_pattern(pattern)
        known = self._by_pattern.get(pattern)
        if known is not None and known.kind != kind:
            raise InvalidOption(
                f"events {pattern} have a schema already: {_shown(known.kind)}",
                hint="give one type for each pattern",
            )

    def check(self, name: str, payload: bytes) -> None:
        """See to it that a payload is what it has to be.

        Raises:
            InvalidArguments: it is not; the part is named.
        """
        for pattern, schema in self._by_pattern.items():
            if not matches(pattern, name):
                continue
            try:
                schema.read(payload)
            except (msgspec.MsgspecError, ValueError) as error:
                raise InvalidArguments(
                    f"the payload of event {name} does not fit its schema: {error}",
                    hint=f"events {pattern} carry {_shown(schema.kind)}",
                ) from None


def _shown(kind: Any) -> str:
    return kind.__name__ if isinstance(kind, type) else str(kind)
