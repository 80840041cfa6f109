"""Ids and names: how they are made and which are allowed."""

import hashlib
import os
import re
import struct
import threading
import time
from collections.abc import Iterable, Iterator
from typing import Any, Final, TypeGuard

from tidemill.core.errors import InvalidArguments, InvalidName, InvalidOption

OWN_QUEUE: Final = "tidemill"
"""The queue of what is done as jobs for the platform itself: telling people, long changes."""

_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.\-]{0,127}")
_NOISE_BYTES: Final = 1024
_MOST_SHOWN: Final = 80
_MOST_WORDS: Final = 10_000
_ENDS: Final = 1 << 63
_LOW: Final = (1 << 62) - 1
_lock = threading.Lock()
_last = 0
_noise: Iterator[tuple[int]] = iter(())


def new_id() -> str:
    """Make a job id: a UUID of version 7, so that ids made later sort later.

    Ids made by one process never go back, even within a millisecond: the 12 bits behind the
    time stamp count up (RFC 9562, section 6.2, method 3: replace the left-most random bits with
    more clock precision; here a counter seeded by the sub-millisecond clock).
    """
    global _last, _noise  # noqa: PLW0603 - the counter is the process's, by definition
    stamp = time.time_ns() * 4096 // 1_000_000
    with _lock:
        if stamp <= _last:
            stamp = _last + 1
        _last = stamp
        drawn = next(_noise, None)
        if drawn is None:
            # The kernel is asked once for many ids: asking lets other threads in between.
            _noise = struct.iter_unpack(">Q", os.urandom(_NOISE_BYTES))
            drawn = next(_noise)
    return _uuid(stamp >> 12, stamp & 0xFFF, drawn[0] & _LOW, version=7)


def _forget_noise() -> None:
    """After a fork: the same ids must not be made twice."""
    global _lock, _noise  # noqa: PLW0603 - as above
    _lock = threading.Lock()
    _noise = iter(())


if hasattr(os, "register_at_fork"):  # where there is fork, there is this
    os.register_at_fork(after_in_child=_forget_noise)


def derived_id(*parts: str) -> str:
    """Make the id that these parts always give: a UUID of version 8 over their BLAKE2b digest.

    A job that must exist once for a cause (one schedule and one tick, one event and one handler)
    takes its id from that cause, so that storing it twice stores it once.
    """
    seed = "\x1f".join(parts).encode()
    number = int.from_bytes(hashlib.blake2b(seed, digest_size=16).digest(), "big")
    return _uuid(number >> 80, (number >> 64) & 0xFFF, number & _LOW, version=8)


def _uuid(high: int, middle: int, low: int, *, version: int) -> str:
    """Lay 48 + 12 + 62 bits around the version and variant marks of RFC 9562."""
    return "%08x-%04x-%04x-%04x-%012x" % (  # noqa: UP031 - takes half the time of an f-string
        high >> 16 & 0xFFFF_FFFF,
        high & 0xFFFF,
        version << 12 | middle,
        0b10 << 14 | low >> 48,
        low & 0xFFFF_FFFF_FFFF,
    )


def check_name(kind: str, name: object) -> str:
    """Return the name if it may be used for a queue, a task, a tenant or a schedule.

    Raises:
        InvalidName: it is empty, longer than 128, or holds anything but letters, digits and `_.-`.
    """
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise InvalidName(
            f"{kind} name {_shown(name)} is not allowed",
            hint="use 1 to 128 letters, digits, '_', '.' or '-', starting with a letter or digit",
        )
    return name


def check_key(kind: str, key: object) -> str:
    """Return the key if it may be used for uniqueness, a limit, or a tag: any printable text.

    Raises:
        InvalidName: it is empty, longer than 255 characters, or holds control characters.
    """
    if not isinstance(key, str) or not key or len(key) > 255 or not key.isprintable():
        raise InvalidName(
            f"{kind} {_shown(key)} is not allowed",
            hint="use a text of 1 to 255 printable characters, no control characters",
        )
    return key


def check_several(option: str, values: object) -> tuple[Any, ...]:
    """Return what was written for an option that takes several names.

    Raises:
        InvalidOption: a lone text, which would be taken for its letters, or nothing of several.
    """
    if isinstance(values, str):
        lone = str(values)
        raise InvalidOption(f"{option}={lone!r} is one string", hint=f"write {option}=[{lone!r}]")
    if not isinstance(values, Iterable):
        raise InvalidOption(
            f"{option} of type {type(values).__name__} are none", hint=f'write {option}=["..."]'
        )
    return tuple(values)


def is_whole(number: object) -> TypeGuard[int]:
    """Whether it is a whole number; `True` is none, though Python has it for one."""
    return isinstance(number, int) and not isinstance(number, bool)


def check_words(kind: str, words: object) -> str:
    """Return what a person says for a reason or a note, if it can be kept: text of any language.

    Raises:
        InvalidName: it is no text, longer than 10,000 characters, or holds what no store keeps.
    """
    if not isinstance(words, str) or len(words) > _MOST_WORDS or not _storable(words):
        raise InvalidName(
            f"{kind} {_shown(words)} cannot be kept",
            hint="use a text of up to 10,000 characters, without NUL and half surrogate pairs",
        )
    return words


def check_sought(kind: str, text: object) -> str:
    """Return a text that is looked for, if it could be stored.

    Raises:
        InvalidArguments: it is no text, or holds what no store keeps.
    """
    if not isinstance(text, str) or not _storable(text):
        raise InvalidArguments(
            f"{kind} {_shown(text)} is nowhere",
            hint="look for a text without NUL and half surrogate pairs",
        )
    return text


def check_position(position: object) -> int:
    """Return a position in a log, if there could be one.

    Raises:
        InvalidArguments: it is no whole number, or one of more than 64 bits.
    """
    if not is_whole(position) or not -_ENDS <= position < _ENDS:
        raise InvalidArguments(
            "this is no position in a log", hint="give the position of an event, or 0"
        )
    return position


def _storable(text: str) -> bool:
    return not any(letter == "\0" or "\ud800" <= letter <= "\udfff" for letter in text)


def _shown(name: object) -> str:
    """What was given for a name, cut to what fits into a message."""
    if not isinstance(name, str):
        return f"of type {type(name).__name__}"
    return repr(name) if len(name) <= _MOST_SHOWN else f"{name[:_MOST_SHOWN]!r}..."
