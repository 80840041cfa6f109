"""Places where a test may make this process die, stall or fail, to prove that nothing is lost.

A fail-point does nothing unless `TIDEMILL_FAILPOINTS` names it. The variable holds rules joined by
`;`, each `place=action`, optionally `@n` for the n-th time only or `%p:seed` for a chance:

    TIDEMILL_FAILPOINTS="settle.before=kill@3;claim.after=stop%0.1:7"

Actions: `kill` (SIGKILL to this process), `stop` (SIGSTOP), `exit` (leave with code 86), `raise`.
"""

import os
import random
import signal
import threading
from collections.abc import Callable
from typing import Final, Literal, get_args

from tidemill.core.errors import InvalidOption

Place = Literal[
    "insert.before",
    "insert.after",
    "claim.before",
    "claim.after",
    "run.before",
    "run.middle",
    "run.after",
    "settle.before",
    "settle.inside",
    "settle.after",
    "renew.before",
    "renew.after",
    "rescue.before",
    "rescue.middle",
    "rescue.after",
    "promote.middle",
    "tick.computed",
    "tick.after",
    "relay.middle",
    "change.after",
    "migrate.step",
    "stop.signalled",
    "stop.drained",
]
PLACES: Final[tuple[str, ...]] = get_args(Place)
VARIABLE: Final = "TIDEMILL_FAILPOINTS"


class FailPointError(Exception):
    """What a fail-point with the action `raise` raises; deliberately no TidemillError."""


def _kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _stop() -> None:
    # Sent to the process, it may be taken by another thread, and this one go on for a while.
    signal.pthread_kill(threading.get_ident(), signal.SIGSTOP)


def _exit() -> None:
    os._exit(86)


def _raise() -> None:
    raise FailPointError


_ACTIONS: Final[dict[str, Callable[[], None]]] = {
    "kill": _kill,
    "stop": _stop,
    "exit": _exit,
    "raise": _raise,
}


class _Rule:
    """One armed fail-point: what it does, and when."""

    def __init__(self, action: str, nth: int, chance: float, seed: int) -> None:
        self._act = _ACTIONS[action]
        self._nth = nth
        self._chance = chance
        self._dice = random.Random(seed)  # noqa: S311 - repeatable on purpose, guards no secret
        self._hits = 0

    def hit(self) -> None:
        self._hits += 1
        if self._nth and self._hits != self._nth:
            return
        if self._chance < 1 and self._dice.random() >= self._chance:
            return
        self._act()


def _parse(text: str) -> dict[str, _Rule]:
    rules = {}
    for part in filter(None, (piece.strip() for piece in text.split(";"))):
        place, _, action = part.partition("=")
        action, _, chance = action.partition("%")
        action, _, nth = action.partition("@")
        chance, _, seed = chance.partition(":")
        if place not in PLACES or action not in _ACTIONS:
            raise InvalidOption(
                f"{VARIABLE}: {part!r} names no place or no action",
                hint=f"places: {', '.join(PLACES)}; actions: {', '.join(_ACTIONS)}",
            )
        rules[place] = _Rule(action, int(nth or 0), float(chance or 1), int(seed or 0))
    return rules


_armed: dict[str, _Rule] = _parse(os.environ.get(VARIABLE, ""))


def failpoint(place: Place) -> None:
    """Mark a place where the process may be made to fail; free when no test asks for it."""
    if _armed and (rule := _armed.get(place)):
        rule.hit()
