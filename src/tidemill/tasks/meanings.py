"""What a text has to be, in the words of its annotation: msgspec tells the pattern alone."""

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import Struct


def meaning(said: str, kind: Any) -> str:
    """What is expected where msgspec has said that a text does not match a pattern; else empty.

    Args:
        said: by msgspec.
        kind: the type that it has read; what is annotated in it with `Meta(pattern=...,
            description=...)` says what its texts are.

    Example:
        >>> from typing import Annotated
        >>> Year = Annotated[str, msgspec.Meta(pattern="^[0-9]{4}$", description="a year")]
        >>> meaning("Expected `str` matching regex '^[0-9]{4}$'", list[Year])
        'a year'
    """
    for pattern, description in _described(msgspec.inspect.type_info(kind), set()):
        if said == f"Expected `str` matching regex {pattern!r}":
            return description
    return ""


def _described(node: Any, seen: set[int]) -> Iterator[tuple[str, str]]:
    """Patterns of texts with what they are, of all that a type holds."""
    if isinstance(node, tuple | list):
        for part in node:
            yield from _described(part, seen)
        return
    if not isinstance(node, Struct) or id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, msgspec.inspect.Metadata):
        description = (node.extra_json_schema or {}).get("description", "")
        pattern = getattr(node.type, "pattern", None)
        if pattern and description:
            yield pattern, description
    for name in node.__struct_fields__:
        yield from _described(getattr(node, name), seen)
