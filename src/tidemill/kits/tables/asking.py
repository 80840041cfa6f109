"""Asking the functions of an application for rows: filters as they want them, no row too many."""

import inspect
from collections.abc import AsyncIterable, Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import msgspec

from tidemill import current, errors


def filters_wanted(function: Callable[..., Any]) -> Any:
    """What the parameter `filters` of a function is to be, by its annotation.

    Returns:
        `dict` if it has no annotation, `None` if there is no such parameter.

    Raises:
        InvalidOption: the annotation cannot be read.
    """
    name = getattr(function, "__name__", repr(function))
    if "filters" not in inspect.signature(function).parameters:
        return None
    try:
        wanted = inspect.get_annotations(function, eval_str=True).get("filters", dict)
        msgspec.inspect.type_info(wanted)
    except (NameError, TypeError) as error:
        raise errors.InvalidOption(
            f"the annotation of filters of {name} cannot be read: {error}",
            hint="annotate it with a msgspec.Struct, a dataclass or a TypedDict",
        ) from None
    return wanted


def filtering(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, to be called with filters behind all else, whether it wants them or not."""
    if filters_wanted(function) is not None:
        return function
    return lambda *arguments: function(*arguments[:-1])


def read_filters(given: Mapping[str, Any], wanted: Any, what: str) -> Any:
    """Filters as a source wants them, checked.

    Args:
        given: JSON values by name.
        wanted: what `filters_wanted` has said.
        what: the source as an error names it.

    Raises:
        InvalidArguments: one is not known, or not of its kind.
    """
    known = set() if wanted is None else _names(wanted)
    if known is not None and (strange := sorted(given.keys() - known)):
        raise errors.InvalidArguments(
            f"{what} has no filter {strange[0]!r}",
            hint=f"it has {', '.join(sorted(known)) or 'none'}",
        )
    try:
        return msgspec.convert(dict(given), wanted or dict)
    except msgspec.ValidationError as error:
        raise errors.InvalidArguments(f"filters of {what}: {error}") from None


def told(filters: Any) -> dict[str, Any]:
    """Filters that are set, by name, as plain values."""
    plain = msgspec.to_builtins(filters, builtin_types=(), str_keys=True)
    return {name: value for name, value in plain.items() if value not in (None, "", [], {})}


def _names(wanted: Any) -> set[str] | None:
    """The filters that there are; `None`: any."""
    match msgspec.inspect.type_info(wanted):
        case msgspec.inspect.StructType(fields=fields):
            return {field.encode_name for field in fields}
        case (
            msgspec.inspect.DataclassType(fields=fields)
            | msgspec.inspect.TypedDictType(fields=fields)
        ):
            return {field.encode_name for field in fields}
        case _:
            return None


def answer(function: Callable[..., Any], *arguments: Any) -> Any:
    """What a function answers, awaited if it is async, in a running job that blocks."""
    given = function(*arguments)
    return current().wait(given) if inspect.isawaitable(given) else given


def all_rows(function: Callable[..., Any], filters: Any, most: int, what: str) -> list[Any]:
    """All rows that a source has for these filters.

    Args:
        function: async or not; it answers rows, or yields them.
        filters: as it wants them.
        most: rows that there may be.
        what: the source as an error names it.

    Raises:
        AnswerTooLarge: there are more; those are not asked for.
    """
    given = answer(function, filters)
    if isinstance(given, AsyncIterable):
        rows = current().wait(_taken(given, most + 1))
    else:
        rows = list(islice(_steady(rows_of(given, what)), most + 1))
    if len(rows) > most:
        raise errors.AnswerTooLarge(
            f"{what} has more than {most:,} rows", hint="narrow it by filters, or export it"
        )
    return rows


async def _taken(given: AsyncIterable[Any], most: int) -> list[Any]:
    """The first so many rows."""
    rows: list[Any] = []
    async for row in given:
        rows.append(row)
        if len(rows) == most:
            break
    return rows


def _steady(rows: Iterable[Any]) -> Iterator[Any]:
    """The rows, as long as the job is not to stop."""
    job = current()
    for number, row in enumerate(rows):
        if not number % 1_000:
            job.raise_if_cancelled()
        yield row


def values(row: Any, names: Sequence[str], what: str) -> list[Any]:
    """The values of a row in the order of these columns.

    Args:
        row: a mapping, an object that has them as attributes, or the values in order.
        names: of the columns.
        what: the source as an error names it.

    Raises:
        InvalidArguments: one is missing.
    """
    try:
        if isinstance(row, Mapping):
            return [row[name] for name in names]
        if isinstance(row, Sequence) and not isinstance(row, str):
            if len(row) != len(names):
                raise _unfitting(what, f"it has {len(row)} values", names)
            return list(row)
        return [getattr(row, name) for name in names]
    except (KeyError, AttributeError) as error:
        raise _unfitting(what, str(error), names) from None


def names_in(row: Any) -> list[str]:
    """What the values of a row are called, if it says so; none: it does not."""
    if isinstance(row, Mapping):
        return list(map(str, row))
    for said in ("__struct_fields__", "__dataclass_fields__", "_fields", "__dict__"):
        if names := getattr(row, said, None):
            return [name for name in names if not name.startswith("_")]
    return []


def rows_of(given: Any, what: str) -> Iterable[Any]:
    """What a source has answered, if it can be gone through.

    Args:
        given: by the source.
        what: the source as an error names it.

    Raises:
        InvalidArguments: it cannot.
    """
    if not isinstance(given, Iterable) or isinstance(given, str | bytes):
        raise errors.InvalidArguments(
            f"{what} has answered what are no rows: {type(given).__name__}",
            hint="answer a list of rows, or yield them",
        )
    return given


def _unfitting(what: str, why: str, names: Sequence[str]) -> errors.InvalidArguments:
    return errors.InvalidArguments(
        f"a row of {what} does not fit its columns: {why}",
        hint=f"the {len(names)} columns are {', '.join(names)}",
    )
