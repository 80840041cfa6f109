"""An exception as it is kept with a job."""

import builtins
import json
import re
import traceback
from collections.abc import Collection, Iterable
from pathlib import Path
from types import TracebackType
from typing import Final
from urllib.parse import quote, quote_plus

from tidemill.core.error_info import ErrorInfo
from tidemill.core.errors import TidemillError
from tidemill.tasks.secret import MASK

MESSAGE_LIMIT: Final = 8 << 10
TRACEBACK_LIMIT: Final = 32 << 10

KIND_LIMIT: Final = 500

_SHORTEST_LINE: Final = 8
"""Letters of a line that is masked by itself, of a secret of several; of fewer much else is made,
such as the brackets of JSON."""

PIECE: Final = 8
"""Letters of the beginning or the end of a secret that are masked next to a cut; of fewer much else
is made."""
_CUT_BEHIND: Final = re.compile(r"[\"'\s]*(\[?\.\.\.|…|\Z)")
_CUT_BEFORE: Final = re.compile(r"(\.\.\.\]?|…)[\"'\s]*\Z")
_MARK: Final = 10
"""Letters before a piece in which the mark of a cut is looked for."""

_OURS: Final = str(Path(__file__).parent)


def describe(
    error: BaseException, *, place: bool = True, secrets: Collection[str] = ()
) -> ErrorInfo:
    """Write down an exception: its class, what it says, and where it happened.

    Args:
        error: any exception, broken ones whose `str()` raises included.
        place: whether the traceback tells anything; it does not when the error is ours to explain.
        secrets: what is masked wherever it is repeated, as `forms_of` has it.
    """
    kind = type(error)
    name = kind.__qualname__
    if kind.__module__ != builtins.__name__:
        name = f"{kind.__module__}.{name}"
    message = _say(error)
    if isinstance(error, TidemillError):
        message = f"{error.code}: {message}"
    trace = _trace(error) if place else ""
    if secrets:  # before anything is cut, which might leave a part of one
        message, trace = hidden(message, secrets), hidden(trace, secrets)
    return fitting(ErrorInfo(name, message, trace))


def forms_of(secrets: Iterable[str]) -> tuple[str, ...]:
    """All that these secrets are written as, the longest first.

    As they are, as Python, JSON and URLs write them, and as one of these writes what another one
    has written; of a secret of several lines each line, too, for a traceback may indent them.
    """
    plain = {each for secret in secrets for each in (secret, *_lines(secret))}
    once = plain | {form for each in plain for form in _written(each)}
    twice = once | {form for each in once for form in _written(each)}
    return tuple(sorted(twice - {""}, key=lambda form: (-len(form), form)))


def hidden(text: str, forms: Iterable[str]) -> str:
    r"""A text with a mask in place of each secret, however it is written.

    A longer secret goes before one that is a part of it, or the rest of it would be left.

    Example:
        >>> forms = forms_of(["pass", "password", "a\\b"])
        >>> hidden("it's 'a\\\\b' for pass and password", forms)
        "it's '***' for *** and ***"
    """
    several = tuple(forms)
    for form in several:
        text = text.replace(form, MASK)
    for form in several:
        if len(form) > PIECE:
            text = _without_pieces(text, form)
    return text


def _without_pieces(text: str, form: str) -> str:
    """The text without beginnings and ends of a secret that others have cut before we saw it.

    They are looked for only where something was cut, or each text that begins as a secret does,
    such as `postgresql://`, would be masked.
    """
    at = -1
    while (at := text.find(form[:PIECE], at + 1)) >= 0:
        end = at + _alike(form, text[at : at + len(form)])
        if _CUT_BEHIND.match(text, end):
            text = text[:at] + MASK + text[end:]
    at = len(text)
    while (at := text.rfind(form[-PIECE:], 0, at)) >= 0:
        end = at + PIECE
        before = text[max(0, end - len(form)) : end]
        start = end - _alike(form[::-1], before[::-1])
        if _CUT_BEFORE.search(text[max(0, start - _MARK) : start]):
            text = text[:start] + MASK + text[end:]
        at = max(start, 0)
    return text


def _alike(one: str, other: str) -> int:
    """How many letters are the same from the beginning on."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))


def _lines(secret: str) -> Iterable[str]:
    lines = [line.strip() for line in secret.splitlines()]
    return [line for line in lines if len(line) >= _SHORTEST_LINE]


def _written(text: str) -> Iterable[str]:
    """What a text looks like inside of something that was written by somebody else."""
    raw = text.encode(errors="backslashreplace")
    # The other quote before it makes Python escape each one of a text's own; it does so, or not,
    # by what else there is in what it shows.
    for shown_as in (repr('"' + text)[2:-1], ascii('"' + text)[2:-1], repr(b'"' + raw)[3:-1]):
        yield shown_as
        yield shown_as.replace("\\'", "'")
    yield json.dumps(text)[1:-1]
    yield json.dumps(text, ensure_ascii=False)[1:-1]
    yield quote(raw)
    yield quote(raw, safe="")
    yield quote_plus(raw)


def fitting(error: ErrorInfo) -> ErrorInfo:
    """The error without what no store can hold, and no longer than is kept of one."""
    return ErrorInfo(
        _cut(error.kind, KIND_LIMIT),
        _cut(error.message, MESSAGE_LIMIT),
        _cut_middle(error.traceback, TRACEBACK_LIMIT),
    )


def shown(value: object, secrets: Iterable[str] = ()) -> str:
    """The `repr()` of a value of a handler's own making, or why there is none."""
    try:
        return _cut(hidden(repr(value), secrets), MESSAGE_LIMIT)
    except BaseException as broken:  # noqa: BLE001 - code of the value's own
        return f"a value that cannot be shown: {type(broken).__name__}"


def _say(error: BaseException) -> str:
    try:
        return str(error)
    except BaseException as broken:  # noqa: BLE001 - code of the exception's own, sys.exit included
        return f"(its message cannot be read: {type(broken).__name__})"


def _trace(error: BaseException) -> str:
    try:
        lines = traceback.format_exception(type(error), error, _below_ours(error.__traceback__))
    except BaseException as broken:  # noqa: BLE001 - as above
        return f"(its traceback cannot be read: {type(broken).__name__})"
    return "".join(lines)


def _below_ours(trace: TracebackType | None) -> TracebackType | None:
    """Without the worker's own frames on top, which say nothing about the handler."""
    below = trace
    while below is not None and below.tb_frame.f_code.co_filename.startswith(_OURS):
        below = below.tb_next
    return below or trace


def _storable(text: str) -> str:
    """Without what some store or JSON cannot hold: half surrogate pairs and NUL."""
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")


def _cut(text: str, limit: int) -> str:
    encoded = _storable(text).encode()
    if len(encoded) <= limit:
        return encoded.decode()
    return encoded[: limit - 3].decode(errors="ignore") + "..."


def _cut_middle(text: str, limit: int) -> str:
    """Keep both ends: where it began, and what was raised."""
    encoded = _storable(text).encode()
    if len(encoded) <= limit:
        return encoded.decode()
    gap = f"\n... {len(encoded) - limit:,} bytes cut ...\n"
    half = (limit - len(gap)) // 2
    return encoded[:half].decode(errors="ignore") + gap + encoded[-half:].decode(errors="ignore")
