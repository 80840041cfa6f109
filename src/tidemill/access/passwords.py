"""Passwords: which will do, how they are kept, and that nobody tries many at a time."""

import threading
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from tidemill.core.errors import InvalidOption, TooManyRequests
from tidemill.loops.call import Call

if TYPE_CHECKING:
    from argon2 import PasswordHasher

T = TypeVar("T")

SHORTEST: Final = 12
LONGEST: Final = 1_024
"""Bytes: a longer one would only cost us time."""

_FEWEST_LETTERS: Final = 4
"""Different ones that a password has at least: "aaaaaaaaaaaa" is tried early."""

_AT_ONCE: Final = 2
"""Passwords that are hashed at one moment: each takes 19 MiB and a core for some 20 ms."""
_QUEUED: Final = 50
"""Passwords that wait for their turn; more are turned away."""

_MEMORY: Final = 19_456
"""KiB that one hash takes: argon2id as the OWASP cheat sheet on password storage has it at least,
that is 19 MiB, twice over, in one thread."""

_NOBODYS: Final = (
    "$argon2id$v=19$m=19456,t=2,p=1$2sj/cyZkPg3a786XKmDKcQ"
    "$Ix9scJ1W57JmsMkLyN/kzoP0KRBPDMyu9kTVBmX4cDI"
)
"""What a password is held against where there is no user of the name: hashed as ours are now, and
written here, or the first stranger's name in each process would take the time of two."""

_turns: Final = threading.BoundedSemaphore(_AT_ONCE)
_places: Final = threading.BoundedSemaphore(_AT_ONCE + _QUEUED)


def check_password(password: object, user: str) -> str:
    """A new password, if it will do.

    Raises:
        InvalidOption: it is too short, too long, much used, or the name of the user.
    """
    if not isinstance(password, str) or len(password) < SHORTEST:
        raise InvalidOption(
            f"the password is shorter than {SHORTEST} letters", hint="a few words do well"
        )
    if len(_bytes(password)) > LONGEST:
        raise InvalidOption(f"the password is longer than {LONGEST:,} bytes", hint="use fewer")
    plain = password.casefold()
    if plain in _much_used() or len(set(plain)) < _FEWEST_LETTERS:
        raise InvalidOption("the password is one of those tried first", hint="choose another one")
    if plain in (user.casefold(), user.casefold().partition("@")[0]):
        raise InvalidOption("the password is the name of the user", hint="choose another one")
    return password


def hashed(password: str) -> Call[str]:
    """What is kept of a password; `TooManyRequests` where too many are being hashed already."""
    return _Hashing(lambda: _hasher().hash(_bytes(password)))


def is_right(password: str, kept: str) -> Call[bool]:
    """Whether it is the password of which this was kept; as slow where nothing was kept.

    `TooManyRequests` where too many are being hashed already.
    """

    def verify() -> bool:
        from argon2.exceptions import InvalidHashError, VerificationError  # noqa: PLC0415 - see `_hasher`

        try:
            _hasher().verify(kept or _NOBODYS, _bytes(password))
        except (VerificationError, InvalidHashError):
            return False
        return bool(kept)

    return _Hashing(verify)


def is_outdated(kept: str) -> bool:
    """Whether it was hashed with other parameters than ours, and should be anew."""
    return _hasher().check_needs_rehash(kept)


class _Hashing(Generic[T]):
    """A call that takes a core for a while: few at once, and some more that wait for their turn."""

    __slots__ = ("_work",)

    def __init__(self, work: Callable[[], T]) -> None:
        self._work = work

    def wait(self) -> T:
        """Do it on this thread, when it is its turn."""
        with _place():
            return self._in_turn()

    def __await__(self) -> Generator[Any, None, T]:
        """Do it on a thread of ours, while the event loop goes on."""
        import asyncio  # noqa: PLC0415 - needed by async code only, see `SystemClock.sleep`

        with _place():
            loop = asyncio.get_running_loop()
            return (yield from loop.run_in_executor(_threads(), self._in_turn).__await__())

    def _in_turn(self) -> T:
        with _turns:
            return self._work()


@contextmanager
def _place() -> Iterator[None]:
    """A place in the line.

    Raises:
        TooManyRequests: there is none.
    """
    if not _places.acquire(blocking=False):
        raise TooManyRequests("too many passwords are being checked", hint="try again soon", wait=1)
    try:
        yield
    finally:
        _places.release()


@cache
def _hasher() -> "PasswordHasher":
    """What hashes.

    Raises:
        InvalidOption: it is not installed.
    """
    try:
        from argon2 import PasswordHasher  # noqa: PLC0415 - whoever runs jobs needs none of it
    except ImportError as error:
        raise InvalidOption(
            "what hashes passwords is not installed", hint="pip install 'tidemill[server]'"
        ) from error
    return PasswordHasher(time_cost=2, memory_cost=_MEMORY, parallelism=1)


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_AT_ONCE, "tidemill-passwords")


def _bytes(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")


@cache
def _much_used() -> frozenset[str]:
    """The passwords that are tried first, those among them that are long enough to be refused."""
    from zxcvbn.frequency_lists import FREQUENCY_LISTS  # noqa: PLC0415 - a megabyte of words

    return frozenset(FREQUENCY_LISTS["passwords"])
