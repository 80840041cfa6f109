"""How a worker ends: no new jobs, time for those that run, then hand back, settle, let go."""

import logging
from collections.abc import Callable
from typing import Final

from msgspec import Struct

from tidemill.core.errors import StoreError
from tidemill.core.instants import Millis
from tidemill.loops.bell import Bell
from tidemill.loops.clock import Clock
from tidemill.loops.failpoint import failpoint
from tidemill.worker.run import Stop
from tidemill.worker.shift import Shift

_ASK_AT: Final = 2 / 3
"""Share of the grace after which running jobs are asked to stop, so that they end within it."""

_FETCHING: Final = 1.0
_KILLED: Final = 1.0
_SETTLING: Final = 10.0
_SETTLING_NOW: Final = 2.0

_log = logging.getLogger("tidemill.worker")


class Whistle:
    """How often a worker has been asked to stop: once means drain, twice means now.

    Attributes:
        changed: rung when it is blown; others may ring it, too.
    """

    def __init__(self, clock: Clock) -> None:
        """Silent as yet."""
        self._clock = clock
        self._blown = 0
        self.changed = Bell(clock)

    @property
    def blown(self) -> bool:
        """Whether the worker has been asked to stop."""
        return self._blown > 0

    @property
    def blown_twice(self) -> bool:
        """Whether it has been asked to stop at once."""
        return self._blown > 1

    def blow(self, times: int = 1) -> None:
        """Ask it to stop, at once with the second time; from any thread."""
        self._blown += times
        self.changed.ring()

    async def until(self, condition: Callable[[], bool], seconds: float | None = None) -> bool:
        """Wait until something is so, looking whenever the bell rings; whether it is.

        Args:
            seconds: at most so long; `None`: however long.
        """
        ends_at = None if seconds is None else self._clock.monotonic() + seconds
        while not condition():
            left = None if ends_at is None else ends_at - self._clock.monotonic()
            if left is not None and left <= 0:
                return False
            await self.changed.wait(left)
        return True


class Drained(Struct, frozen=True):
    """How a worker ended.

    Attributes:
        left: jobs that were left to their lease: their code could not be ended, or the store did
            not take what became of them. Another worker runs them when the lease has run out.
        unsettled: outcomes that the store did not take.
    """

    left: tuple[str, ...] = ()
    unsettled: int = 0

    @property
    def clean(self) -> bool:
        """Whether nothing is left."""
        return not self.left and not self.unsettled


async def drain(shift: Shift, whistle: Whistle, grace: Millis) -> Drained:
    """End a shift: within the grace, or at once when the whistle is blown a second time."""
    failpoint("stop.signalled")
    await _stop_fetching(shift, whistle)
    shift.floor.hand_back()
    await _let_finish(shift, whistle, grace / 1_000)
    await _settle(shift, whistle)
    failpoint("stop.drained")
    left = tuple(run.claim.id for run in shift.floor if not run.settled)
    drained = Drained(left, shift.completer.unsettled)
    await shift.stop()
    await _give_back(shift, drained)
    return drained


async def _stop_fetching(shift: Shift, whistle: Whistle) -> None:
    """From now on nothing is claimed; a claim under way is waited for, for its jobs are ours."""
    services = [shift.fetcher.ticker, *shift.alongside]
    for service in services:
        service.ask_to_stop()
    for service in services:
        service.when_ended(whistle.changed.ring)
    if not await whistle.until(lambda: not any(s.running for s in services), _FETCHING):
        _log.warning(
            "the store does not answer a claim; what it may still give is left to its lease"
        )
        for service in services:
            service.abandon()


async def _let_finish(shift: Shift, whistle: Whistle, grace: float) -> None:
    floor = shift.floor

    def over() -> bool:
        return not len(floor) or whistle.blown_twice

    await whistle.until(over, grace * _ASK_AT)
    for run in floor:
        floor.stop(run, Stop.SHUTDOWN)
    await whistle.until(over, grace * (1 - _ASK_AT))
    floor.kill()
    for run in floor:
        floor.stop(run, Stop.SHUTDOWN)
    await whistle.until(lambda: not len(floor), _KILLED)


async def _settle(shift: Shift, whistle: Whistle) -> None:
    completer = shift.completer
    limit = _SETTLING_NOW if whistle.blown_twice else _SETTLING
    if not await whistle.until(lambda: completer.idle, limit):
        completer.abandon()


async def _give_back(shift: Shift, drained: Drained) -> None:
    if not drained.clean:
        _log.warning(
            "%d jobs that could not be ended and %d outcomes that could not be stored are left to "
            "the lease; they run again when it has run out: %s",
            len(drained.left),
            drained.unsettled,
            ", ".join(drained.left) or "-",
        )
        return
    try:
        await shift.session.give_back()
    except StoreError as error:
        _log.warning("the lease could not be given back and runs out by itself: %s", error)
