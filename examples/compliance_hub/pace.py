"""How often one caller may ask: so many requests in a minute, spread as they like."""

from collections import OrderedDict, deque
from typing import Final

from tidemill.core.errors import TooManyRequests
from tidemill.core.instants import Instant

PER_MINUTE: Final = 300
_MINUTE: Final = 60_000
_CALLERS: Final = 1_000
"""Callers that are remembered; of more, those who have asked longest ago are forgotten."""


class Pace:
    """Counts requests by caller.

    Example:
        >>> pace = Pace(most=1)
        >>> pace.count("user:zoe", 0)
        >>> pace.count("user:zoe", 59_000)
        Traceback (most recent call last):
        tidemill.core.errors.TooManyRequests: user:zoe asks more than 1 times a minute
    """

    def __init__(self, most: int = PER_MINUTE) -> None:
        """Allow so many in a minute."""
        self._most = most
        self._asked: OrderedDict[str, deque[Instant]] = OrderedDict()

    def count(self, caller: str, now: Instant) -> None:
        """Count one request.

        Raises:
            TooManyRequests: it is one too many; it says when to come again.
        """
        asked = self._asked.setdefault(caller, deque())
        self._asked.move_to_end(caller)
        if len(self._asked) > _CALLERS:
            self._asked.popitem(last=False)
        while asked and asked[0] <= now - _MINUTE:
            asked.popleft()
        if len(asked) >= self._most:
            wait = (asked[0] + _MINUTE - now + 999) // 1_000
            raise TooManyRequests(f"{caller} asks more than {self._most} times a minute", wait=wait)
        asked.append(now)
