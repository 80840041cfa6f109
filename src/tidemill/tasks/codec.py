"""Values <-> JSON: what has a JSON form, and how it is read back by its annotation.

What msgspec knows travels as msgspec writes it: the standard types, dataclasses, Structs, dates,
decimals, UUIDs, enums. Paths and pydantic models are added here; pydantic is used where the
program has loaded it and never loaded for this.
"""

import dataclasses
import math
import sys
from collections.abc import Callable, Iterator
from pathlib import PurePath
from typing import Any, Final

import msgspec

from tidemill.core.errors import PayloadTooLarge, Unserialisable
from tidemill.tasks.secret import Secret

RESULT_LIMIT: Final = 1 << 20
"""Bytes that the JSON of a result may have."""


def to_builtin(value: Any) -> Any:
    """Turn what msgspec does not know into something that it does."""
    if _is_model(type(value)):
        return value.model_dump(mode="json")
    if isinstance(value, PurePath):
        return str(value)
    # Subclasses that add behaviour, not content, such as the safe strings of template engines.
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        return int.__int__(value)
    raise NotImplementedError


def from_builtin(kind: Any, value: Any) -> Any:
    """Make a value of a type that msgspec does not know; an instance of it passes as it is.

    Raises:
        ValueError: the value does not fit.
    """
    if isinstance(kind, type):
        if isinstance(value, kind):
            return value
        if _is_model(kind):
            return _to_model(kind, value)
        if issubclass(kind, PurePath) and isinstance(value, str):
            return kind(value)
        if kind is Secret and isinstance(value, str):
            return Secret(value)
    name = getattr(kind, "__name__", repr(kind))
    raise ValueError(f"Expected `{name}`, got `{type(value).__name__}`")


def schema_of(kind: Any) -> dict[str, Any]:
    """JSON Schema of a type that msgspec does not know; one that nobody knows takes anything."""
    if kind is Secret:
        return {"type": "string", "format": "password", "writeOnly": True}
    if isinstance(kind, type) and _is_model(kind):
        schema: dict[str, Any] = kind.model_json_schema()  # type: ignore[attr-defined]  # see above
        return schema
    if isinstance(kind, type) and issubclass(kind, PurePath):
        return {"type": "string", "format": "path"}
    return {}


def _is_model(kind: type) -> bool:
    pydantic = sys.modules.get("pydantic")
    return pydantic is not None and issubclass(kind, pydantic.BaseModel)


def _to_model(kind: Any, value: Any) -> Any:
    try:
        return kind.model_validate_json(_encode(value))
    except sys.modules["pydantic"].ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ValueError(f"{kind.__name__}.{place}: {first['msg']}") from None


_encode: Final = msgspec.json.Encoder(enc_hook=to_builtin).encode
_encode_sorted: Final = msgspec.json.Encoder(enc_hook=to_builtin, order="deterministic").encode


def to_json(value: Any, what: str, encode: Callable[[Any], bytes] = _encode) -> bytes:
    """The JSON of a value.

    Args:
        value: anything that has a JSON form.
        what: what the value is, for the message of an error.
        encode: writes it, where more than `to_builtin` is to be known.

    Raises:
        Unserialisable: a part of it has no JSON form; the path to it and its type are named.
    """
    try:
        payload = encode(value)
        # msgspec writes NaN and Infinity as null, so only where there is a null one need look.
        path = _find_infinite(value) if b"null" in payload else None
    except RecursionError:
        raise Unserialisable(f"{what}: it is nested too deeply, or holds itself") from None
    except (TypeError, ValueError, OverflowError, NotImplementedError) as error:
        raise _unserialisable(value, what, error, encode) from None
    if path is not None:
        raise Unserialisable(
            f"{what}{path}: NaN and Infinity have no JSON form", hint="use None, or a string"
        )
    return payload


def to_canonical(value: Any) -> msgspec.Raw:
    """The JSON of a value in a form that is the same for equal values, whatever their order."""
    return msgspec.Raw(_encode_sorted(value))


def check_size(payload: bytes, limit: int, what: str) -> bytes:
    """Return the payload if it is not larger than the limit.

    Raises:
        PayloadTooLarge: with both sizes.
    """
    if len(payload) > limit:
        raise PayloadTooLarge(
            f"{what}: {len(payload):,} bytes of JSON are more than the {limit:,} allowed",
            hint="store it elsewhere and pass a reference to it",
        )
    return payload


def decoder(kind: Any) -> Callable[[bytes], Any]:
    """Make a function that reads JSON as a value of this type.

    Raises:
        TypeError: JSON cannot tell the members of a union in it apart.
    """
    return msgspec.json.Decoder(kind, dec_hook=from_builtin).decode


def _unserialisable(
    value: Any, what: str, error: Exception, encode: Callable[[Any], bytes]
) -> Unserialisable:
    path, culprit = _find_culprit(value, encode)
    if isinstance(error, UnicodeEncodeError):
        return Unserialisable(
            f"{what}{path}: the text holds half a surrogate pair, which has no JSON form"
        )
    if isinstance(culprit, dict):
        return Unserialisable(
            f"{what}{path}: a dict whose keys are no strings or numbers has no JSON form"
        )
    if isinstance(culprit, int):
        return Unserialisable(f"{what}{path}: the int has more digits than Python will write")
    return Unserialisable(
        f"{what}{path}: {type(culprit).__name__} has no JSON form",
        hint="pass plain data: standard types, dataclasses, Structs, pydantic models",
    )


def _find_culprit(value: Any, encode: Callable[[Any], bytes]) -> tuple[str, Any]:
    """The path to the innermost part that cannot be written, and that part."""
    for place, part in _parts(value):
        try:
            encode(part)
        except Exception:  # noqa: BLE001 - whatever it is, this is the way to it
            path, culprit = _find_culprit(part, encode)
            return place + path, culprit
    return "", value


def _find_infinite(value: Any) -> str | None:
    """The path to a float that is no number; `None`: there is none."""
    if isinstance(value, float):
        return None if math.isfinite(value) else ""
    for place, part in _parts(value):
        if (path := _find_infinite(part)) is not None:
            return place + path
    return None


def _parts(value: Any) -> Iterator[tuple[str, Any]]:
    """What a value is made of, each part with how one gets to it."""
    if isinstance(value, dict):
        yield from ((f"[{key!r}]", part) for key, part in value.items())
    elif isinstance(value, list | tuple | set | frozenset):
        yield from ((f"[{number}]", part) for number, part in enumerate(value))
    elif isinstance(value, msgspec.Struct):
        yield from ((f".{name}", getattr(value, name)) for name in value.__struct_fields__)
    elif dataclasses.is_dataclass(value):
        fields = dataclasses.fields(value)
        yield from ((f".{field.name}", getattr(value, field.name, None)) for field in fields)
    elif _is_model(type(value)):
        yield from ((f".{name}", part) for name, part in value.model_dump().items())
