"""Trying again without end: how long to wait after each failure, and when to say so."""

import logging
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from tidemill.core.errors import StoreError, TidemillError
from tidemill.core.instants import Millis

BASE: Final[Millis] = 100
CAP: Final[Millis] = 30_000

_log = logging.getLogger("tidemill")


class Patience:
    """Counts the failures in a row of one thing that must not give up.

    It logs one line when the trouble begins, one when it changes its kind, and one when it is
    over, however long it lasts.

    Example:
        >>> patience = Patience("claiming jobs", base=100, dice=lambda: 1.0)
        >>> patience.failed(OSError("gone")), patience.failed(OSError("gone"))
        (100, 200)
        >>> patience.succeeded()
    """

    def __init__(
        self,
        what: str,
        *,
        base: Millis = BASE,
        cap: Millis = CAP,
        dice: Callable[[], float] = random.random,
    ) -> None:
        """Name the thing, as it reads behind "trouble with"."""
        self._what = what
        self._base = base
        self._cap = cap
        self._dice = dice
        self._kind: type[BaseException] | None = None
        self.failures = 0

    def failed(self, error: Exception) -> Millis:
        """Count a failure and answer how long to wait before the next try.

        The wait doubles up to the cap; half of it is drawn at random, so that many who failed
        together do not come back together.
        """
        self.failures += 1
        if type(error) is not self._kind:
            self._kind = type(error)
            # Our own errors say all there is to say; of any other the reader needs the place.
            plain = isinstance(error, TidemillError) or error.__traceback__ is None
            _log.warning(
                "trouble with %s, trying on: %s: %s",
                self._what,
                type(error).__name__,
                error,
                exc_info=None if plain else error,
            )
        full = min(self._base * 2 ** min(self.failures - 1, 30), self._cap)
        return int(full * (0.5 + self._dice() / 2))

    def succeeded(self) -> None:
        """Say that it works; the first time after a failure this is worth a line."""
        if not self.failures:
            return
        _log.info("%s works again after %d failures", self._what, self.failures)
        self.failures = 0
        self._kind = None


class Apart:
    """Keeps the trouble of one thing from the others that are gone through with it.

    Example:
        >>> apart = Apart("schedule")
        >>> with apart.of("nightly"):
        ...     1 / 0
    """

    def __init__(self, what: str) -> None:
        """Say what they are, as it reads before their names."""
        self._what = what
        self._patience: dict[str, Patience] = {}

    @contextmanager
    def of(self, name: str) -> Iterator[None]:
        """Log what goes wrong with this one and go on; trouble with the store is everyone's.

        Raises:
            StoreError: that the body raised.
        """
        patience = self._patience.setdefault(name, Patience(f"{self._what} {name}"))
        try:
            yield
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001 - it is logged, and the others go on
            patience.failed(error)
        else:
            patience.succeeded()
