"""Where in a type a secret hides: in a list, a union, a dataclass, a Struct, a model."""

import dataclasses
import sys
from collections.abc import Iterator
from typing import Any, get_args, get_type_hints

import msgspec

from tidemill.tasks.secret import Secret


def holds_secret(kind: Any) -> bool:
    """Whether a value of this type has a secret anywhere inside.

    Example:
        >>> holds_secret(dict[str, list[Secret]]), holds_secret(dict[str, str])
        (True, False)
    """
    return _holds(kind, set())


def _holds(kind: Any, seen: set[int]) -> bool:
    if kind is Secret:
        return True
    if id(kind) in seen:  # a type that holds itself
        return False
    seen.add(id(kind))
    return any(_holds(part, seen) for part in _parts(kind))


def _parts(kind: Any) -> Iterator[Any]:
    """The types of which values of a type are made."""
    yield from get_args(kind)
    if (alias := getattr(kind, "__value__", None)) is not None:  # type X = ...
        yield alias
    if isinstance(kind, type) and _has_fields(kind):
        try:
            yield from get_type_hints(kind).values()
        except (NameError, AttributeError, TypeError):
            return  # what its annotations name is not there; who reads a call will say so


def _has_fields(kind: type) -> bool:
    pydantic = sys.modules.get("pydantic")
    return (
        issubclass(kind, msgspec.Struct)
        or dataclasses.is_dataclass(kind)
        or hasattr(kind, "__total__")  # a TypedDict
        or hasattr(kind, "_fields")  # a NamedTuple
        or (pydantic is not None and issubclass(kind, pydantic.BaseModel))
    )
