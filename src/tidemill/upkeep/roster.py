"""Runs the duties whose turn this node wins."""

import logging
from collections.abc import Sequence
from typing import Final

from tidemill.core.errors import StoreError
from tidemill.core.identity import new_id
from tidemill.core.instants import Millis
from tidemill.core.lease import DUTY, Lease
from tidemill.core.retention import Keep
from tidemill.engines.protocol import Engine
from tidemill.loops.clock import Clock
from tidemill.loops.service import Service
from tidemill.loops.supervisor import Supervisor
from tidemill.loops.ticker import Ticker
from tidemill.upkeep.duty import Duty
from tidemill.upkeep.promoter import Promoter
from tidemill.upkeep.pruner import Pruner
from tidemill.upkeep.rescuer import Rescuer
from tidemill.upkeep.tidier import Tidier

SHORTEST_TURN: Final[Millis] = 5_000
_TURNS: Final = 3
_JITTER: Final = 0.1

_log = logging.getLogger("tidemill.upkeep")


class Turn:
    """One duty on this node: done while the lease on its name is ours, and only looked at else.

    The lease lasts several turns and is renewed when half of it is over, so that a duty with
    short turns does not write to the store each time. When the node that has it dies, another one
    wins it after its end.
    """

    def __init__(self, engine: Engine, clock: Clock, duty: Duty, holder: str) -> None:
        """Hold nothing yet."""
        self._engine = engine
        self._clock = clock
        self._duty = duty
        self._holder = holder
        self._length = max(SHORTEST_TURN, duty.every * _TURNS)
        self._lease: Lease | None = None
        self._taken_at = 0.0

    async def run_once(self) -> Millis | None:
        """Do the duty if the turn is ours; answer when to look again."""
        if self._half_over() and not await self._win():
            return self._length // 2
        return await self._duty.run_once()

    async def give_back(self) -> None:
        """Let another node go on at once."""
        if self._lease is None:
            return
        try:
            await self._engine.leases.give_back(self._lease)
        except StoreError as error:
            _log.info("the turn of %s runs out by itself: %s", self._duty.name, error)
        self._lease = None

    def _half_over(self) -> bool:
        past = (self._clock.monotonic() - self._taken_at) * 1_000
        return self._lease is None or past >= self._length / 2

    async def _win(self) -> bool:
        asked_at = self._clock.monotonic()
        name = DUTY + self._duty.name
        self._lease = await self._engine.leases.take(name, self._holder, self._length)
        self._taken_at = asked_at
        return self._lease is not None


class Roster(Service):
    """Every node has one; together they see to it that each duty is done by someone."""

    def __init__(self, engine: Engine, clock: Clock, duties: Sequence[Duty] | None = None) -> None:
        """Take these duties in turns; by default those that keep the platform going."""
        super().__init__("the roster of duties", clock)
        chosen = duties if duties is not None else standard(engine, clock)
        holder = new_id()
        self._turns = [Turn(engine, clock, duty, holder) for duty in chosen]
        tickers = [
            Ticker(f"the duty {duty.name}", clock, duty.every, turn.run_once, jitter=_JITTER)
            for duty, turn in zip(chosen, self._turns, strict=True)
        ]
        self._supervisor = Supervisor("the duties", clock, tickers)

    async def run(self) -> None:
        """Take turns until it is stopped, then give them back; it falls with any of the duties."""
        self._supervisor.start()
        self._supervisor.when_ended(self.bell.ring)
        while not self.stopping and self._supervisor.running:
            await self.bell.wait()
        await self._supervisor.stop()
        for turn in self._turns:
            await turn.give_back()
        if self._supervisor.failure is not None:
            raise self._supervisor.failure

    def abandon(self) -> None:
        """Tear the duties off where they stand; their turns run out by themselves."""
        self._supervisor.abandon()
        super().abandon()


def standard(engine: Engine, clock: Clock, keep: Keep | None = None) -> tuple[Duty, ...]:
    """The duties that keep the platform going; what has finished is kept so long."""
    return (
        Promoter(engine, clock),
        Rescuer(engine, clock),
        Pruner(engine, keep),
        Tidier(engine),
    )
