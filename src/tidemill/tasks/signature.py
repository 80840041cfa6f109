"""A call <-> a payload: bound to the function's parameters, checked, and written as JSON."""

import inspect
import re
import types
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final, get_args, get_type_hints
from uuid import UUID

import msgspec
from msgspec import Raw, Struct

from tidemill.core.errors import InvalidArguments, InvalidOption
from tidemill.tasks.codec import (
    check_size,
    decoder,
    from_builtin,
    schema_of,
    to_canonical,
    to_json,
)
from tidemill.tasks.meanings import meaning
from tidemill.tasks.secret import Secret
from tidemill.tasks.secret_types import holds_secret

PAYLOAD_LIMIT: Final = 256 << 10
"""Bytes that the JSON of a call's arguments may have, unless the application says otherwise."""

MOST_PAYLOAD: Final = 1 << 20


def check_limit(limit: int) -> int:
    """A payload limit, if it is possible.

    Raises:
        InvalidOption: it is not.
    """
    if not 1 <= limit <= MOST_PAYLOAD:
        raise InvalidOption(
            f"payload_limit={limit!r} is not possible",
            hint=f"bytes, from 1 to {MOST_PAYLOAD:,}",
        )
    return limit


_NATIVE: Final = (bytes, bytearray, datetime, date, time, timedelta, UUID, Decimal)
_FLAT: Final = (str, bool, int, float, type(None))
"""Types of which every value that passes the check is written as JSON that passes it, too."""

_EXPECTED: Final = re.compile(r"Expected `(.+)`, got `(.+?)`(?: - at (.+))?")
_FIELD: Final = re.compile(r"Object (?:missing required|contains unknown) field `(.+)`")
_PLACE: Final = re.compile(r"(.*?)(?: - at (.*))?", re.DOTALL)

_KIND: Final = inspect.Parameter


class Arguments(Struct, frozen=True, gc=False):
    """The arguments of one call, checked.

    Attributes:
        payload: as JSON object by parameter name; defaults are not in it.
        given: the same as values.
        secrets: names of those that nobody else is to read; in the payload they still stand plain.
    """

    payload: bytes
    given: dict[str, Any]
    secrets: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"<Arguments {', '.join(self.given)}>"


class Signature:
    """How the calls of one function travel.

    Attributes:
        secrets: names of the parameters that are secret.

    A Struct with a field per parameter is made once, so that msgspec checks or reads a whole call
    in one step. Its fields are numbered, because some names of parameters cannot name a field.
    """

    def __init__(self, task: str, function: Callable[..., Any], limit: int) -> None:
        """Look at the function once.

        Args:
            task: its name, for messages.
            function: whose parameters and annotations count.
            limit: bytes that a payload may have.

        Raises:
            InvalidOption: an annotation that cannot be resolved, or that JSON cannot carry.
        """
        self._task = task
        self._limit = limit
        self._signature = inspect.signature(function)
        parameters = self._signature.parameters
        self._names = tuple(parameters)
        self._positional = _of_kind(parameters, _KIND.POSITIONAL_ONLY, _KIND.POSITIONAL_OR_KEYWORD)
        self._keywords = _of_kind(parameters, _KIND.POSITIONAL_OR_KEYWORD, _KIND.KEYWORD_ONLY)
        self._star = "".join(_of_kind(parameters, _KIND.VAR_POSITIONAL))
        self._stars = "".join(_of_kind(parameters, _KIND.VAR_KEYWORD))
        self._plain = self._positional == self._names
        self._defaults = {
            name: parameter.default
            for name, parameter in parameters.items()
            if parameter.default is not parameter.empty
        }
        self._required = {*self._positional, *self._keywords} - self._defaults.keys()
        self._canonical_defaults = _canonical_defaults(self._defaults)
        hints = resolve_annotations(task, function)
        self.secrets = self._secrets_of(hints)
        self._shape = self._make_shape(hints)
        self._flat = all(hints.get(name) in _FLAT for name in self._names)
        exact = tuple([hints.get(name) for name in self._names])
        self._exact = exact if self._flat and self._plain else None
        self._what = f"arguments of {task}"
        try:
            self._read = decoder(self._shape)
        except (TypeError, NameError) as error:
            raise InvalidOption(f"task {task}: {error}") from None

    def encode(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Arguments:
        """Check a call and write it down.

        Raises:
            InvalidArguments: it does not fit the parameters; the one at fault is named.
            Unserialisable: an argument has no JSON form.
            PayloadTooLarge: the arguments are more than the limit.
        """
        if not kwargs and tuple(map(type, args)) == self._exact:
            # Each is what it is annotated as, so there is nothing to convert.
            values = dict(zip(self._names, args, strict=True))
            return Arguments(self._write(values), values)
        given = self._bind(args, kwargs)
        try:
            checked = msgspec.convert(
                given, self._shape, builtin_types=_NATIVE, dec_hook=from_builtin
            )
        except msgspec.ValidationError as error:
            raise self._invalid(error) from None
        values = dict(zip(self._names, msgspec.structs.astuple(checked), strict=True))
        if len(given) != len(values):
            values = {name: values[name] for name in given}
        payload = self._write(values)
        if not self._flat:
            # What is inside a dataclass or Any has not been looked at yet; and what is stored must
            # be readable by the worker. Reading it back proves both.
            self._decode(payload)
        return Arguments(payload, values, self._secrets_in(values))

    def encode_json(self, named: Mapping[str, Any]) -> Arguments:
        """Check a call whose arguments are plain JSON values by parameter name; see `encode`."""
        payload = self._write(dict(named))
        values = dict(zip(self._names, self._decode(payload), strict=True))
        if len(named) != len(values):
            values = {name: values[name] for name in named}
        return Arguments(payload, values, self._secrets_in(values))

    def decode(self, payload: bytes) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Read what to call the function with.

        Raises:
            InvalidArguments: the payload does not fit the parameters.
        """
        values = self._decode(payload)
        if self._plain:
            return values, {}
        named = dict(zip(self._names, values, strict=True))
        args = tuple(named.pop(name) for name in self._positional)
        args += named.pop(self._star, ())
        return args, named | named.pop(self._stars, {})

    def canonical(self, arguments: Arguments) -> dict[str, Raw]:
        """Each argument, defaults included, in a form that is equal for equal calls.

        Secrets tell no two calls apart: what is made of this may be kept in the clear.
        """
        given = {
            name: to_canonical(value)
            for name, value in arguments.given.items()
            if name not in arguments.secrets
        }
        return self._canonical_defaults | given

    def fill(self, template: str, arguments: Arguments) -> str:
        """Put the arguments, defaults included, into a key template.

        Raises:
            InvalidArguments: an argument lacks what the template asks for.
        """
        try:
            return template.format_map(self._defaults | arguments.given)
        except (AttributeError, KeyError, IndexError, ValueError, TypeError) as error:
            raise InvalidArguments(
                f"{self._task}(): the key {template!r} cannot be made: {error!r}"
            ) from None

    def schema(self) -> dict[str, Any]:
        """JSON Schema (2020-12) of the arguments by name, as a form could be drawn from it."""
        schema = msgspec.json.schema(self._shape, schema_hook=schema_of)
        kinds = schema.pop("$defs")
        call: dict[str, Any] = kinds.pop(schema["$ref"].rpartition("/")[2])
        call["title"] = self._task
        if kinds:
            call["$defs"] = kinds
        return call

    def _secrets_of(self, hints: Mapping[str, Any]) -> tuple[str, ...]:
        """The parameters that are secret.

        Raises:
            InvalidOption: a secret is hidden inside another type, where it would not be found.
        """
        secrets = []
        for name in self._names:
            kind, starred = hints.get(name), name in (self._star, self._stars)
            if not starred and (kind is Secret or set(get_args(kind)) == {Secret, type(None)}):
                secrets.append(name)
            elif holds_secret(kind):
                raise InvalidOption(
                    f"task {self._task}: parameter {name!r} has a secret inside",
                    hint="give the secret a parameter of its own, annotated Secret",
                )
        return tuple(secrets)

    def _secrets_in(self, values: Mapping[str, Any]) -> tuple[str, ...]:
        if not self.secrets:
            return ()
        return tuple([name for name in self.secrets if isinstance(values.get(name), Secret)])

    def _bind(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[str, Any]:
        """Name each argument; the slow `Signature.bind` is asked only to explain a misfit."""
        given: dict[str, Any] = dict(zip(self._positional, args, strict=False))
        if not kwargs and len(args) == len(self._names) == len(given):
            return given
        rest = args[len(self._positional) :]
        fits = not rest
        if self._star and rest:
            given[self._star] = rest
            fits = True
        for name, value in kwargs.items():
            if name in self._keywords and name not in given:
                given[name] = value
            elif self._stars and name not in self._keywords:
                given.setdefault(self._stars, {})[name] = value
            else:
                fits = False
        if fits and self._required <= given.keys():
            return given
        try:
            self._signature.bind(*args, **kwargs)
        except TypeError as error:
            raise InvalidArguments(f"{self._task}(): {error}") from None
        raise AssertionError("a call that does not fit must be explained")

    def _write(self, values: dict[str, Any]) -> bytes:
        for name in self.secrets:
            if isinstance(secret := values.get(name), Secret):
                values = {**values, name: secret.reveal()}
        return check_size(to_json(values, self._what), self._limit, self._what)

    def _decode(self, payload: bytes) -> tuple[Any, ...]:
        try:
            return msgspec.structs.astuple(self._read(payload))
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise self._invalid(error) from None

    def _invalid(self, error: Exception) -> InvalidArguments:
        """Say in the caller's words what msgspec found."""
        said = str(error)
        if found := _FIELD.fullmatch(said):
            word = "missing" if "missing" in said else "unexpected"
            return InvalidArguments(f"{self._task}(): {word} argument {found[1]!r}")
        found = _PLACE.fullmatch(said)
        said, place = (found[1], found[2]) if found else (said, None)
        if meant := "matching regex" in said and meaning(said, self._shape):
            said = f"expected {meant}"
        elif expected := _EXPECTED.fullmatch(said):
            said = f"expected {expected[1]}, got {expected[2]}".replace("`", "")
        if place is None:
            return InvalidArguments(f"{self._task}(): {said}")
        name = place.replace("`", "").replace("$.", "")
        return InvalidArguments(f"{self._task}(): argument {name!r}: {said}")

    def _make_shape(self, hints: dict[str, Any]) -> type[Struct]:
        fields: list[tuple[str, Any, Any]] = []
        for number, (name, parameter) in enumerate(self._signature.parameters.items()):
            kind = hints.get(name, Any)
            default = parameter.default
            if name == self._star:
                kind, default = types.GenericAlias(tuple, (kind, ...)), ()
            elif name == self._stars:
                kind, default = types.GenericAlias(dict, (str, kind)), {}
            fields.append((f"_{number}", kind, _field(name, default)))
        return msgspec.defstruct("Call", fields, kw_only=True, forbid_unknown_fields=True)


def resolve_annotations(task: str, function: Callable[..., Any]) -> dict[str, Any]:
    """The annotations of a function, with those that are written as text looked up.

    Raises:
        InvalidOption: a name in them means nothing where the function was written.
    """
    try:
        return get_type_hints(function, include_extras=True)
    except (NameError, AttributeError, TypeError) as error:
        raise InvalidOption(
            f"task {task}: an annotation cannot be resolved: {error}",
            hint="import what it names outside of TYPE_CHECKING, at the top of the module",
        ) from None


def _of_kind(
    parameters: Mapping[str, inspect.Parameter], *kinds: inspect._ParameterKind
) -> tuple[str, ...]:
    return tuple(name for name, parameter in parameters.items() if parameter.kind in kinds)


def _field(name: str, default: Any) -> Any:
    if default is inspect.Parameter.empty:
        return msgspec.field(name=name)
    if default is None or isinstance(default, str | int | float):
        return msgspec.field(name=name, default=default)
    # The very default of the function, as a plain call would use it, whatever it is.
    return msgspec.field(name=name, default_factory=lambda: default)


def _canonical_defaults(defaults: Mapping[str, Any]) -> dict[str, Raw]:
    """The defaults that have a JSON form; a sentinel has none and tells no two calls apart."""
    written = {}
    for name, default in defaults.items():
        with suppress(TypeError, ValueError, OverflowError, NotImplementedError):
            written[name] = to_canonical(default)
    return written
