"""Where in a type a secret hides: in a list, a union, a dataclass, a Struct, a model."""

import dataclasses
import sys
from collections.abc import Iterator
from typing import Any, NewType, TypeVar, get_args, get_origin, get_type_hints

import msgspec

from tidemill.tasks.secret import Secret


def holds_secret(kind: Any) -> bool:
    """Whether a value of this type has a secret anywhere inside.

    Example:
        >>> holds_secret(dict[str, list[Secret]]), holds_secret(dict[str, str])
        (True, False)
    """
    return _holds(kind, {})


def _holds(kind: Any, seen: dict[int, Any]) -> bool:
    if isinstance(kind, type) and issubclass(kind, Secret):
        return True
    if id(kind) in seen:  # a type that holds itself
        return False
    seen[id(kind)] = kind  # held on to, or another type might come to have its id
    return any(_holds(part, seen) for part in _parts(kind))


def _parts(kind: Any) -> Iterator[Any]:
    """The types of which values of a type are made."""
    yield from get_args(kind)
    if (origin := get_origin(kind)) is not None:  # Login[str] has fields that are of no T
        yield origin
    if isinstance(kind, NewType):
        yield kind.__supertype__
    if isinstance(kind, TypeVar):
        yield from (kind.__bound__, *kind.__constraints__)
    if (alias := getattr(kind, "__value__", None)) is not None:  # type X = ...
        yield alias
    if isinstance(kind, type) and _has_fields(kind):
        try:
            yield from tuple(get_type_hints(kind).values())
        except (NameError, AttributeError, TypeError):
            return  # what its annotations name is not there; who reads a call will say so


def _has_fields(kind: type) -> bool:
    pydantic = sys.modules.get("pydantic")
    return (
        issubclass(kind, msgspec.Struct)
        or dataclasses.is_dataclass(kind)
        or hasattr(kind, "__total__")  # a TypedDict
        or hasattr(kind, "_fields")  # a NamedTuple
        or hasattr(kind, "__attrs_attrs__")
        or (pydantic is not None and issubclass(kind, pydantic.BaseModel))
    )
