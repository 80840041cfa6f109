"""Every service may be started and stopped in any order, from many tasks, at any time."""

import asyncio
import random
from collections.abc import Awaitable, Callable

import pytest

from tidemill.core.instants import Millis
from tidemill.engines.memory.engine import MemoryEngine
from tidemill.engines.protocol import Engine
from tidemill.loops.clock import SystemClock
from tidemill.loops.service import Service
from tidemill.loops.supervisor import Supervisor
from tidemill.loops.ticker import Ticker
from tidemill.testing.clock import ManualClock
from tidemill.upkeep.roster import Roster
from tidemill.worker.completer import Completer
from tidemill.worker.crew import Member
from tidemill.worker.heartbeat import Heartbeat
from tidemill.worker.session import Session

CLOCK = SystemClock()


async def tick() -> Millis | None:
    return 1


async def bury(pid: int) -> None:
    assert pid


def a_heartbeat(engine: Engine) -> Heartbeat:
    session = Session(engine, CLOCK, "me", 30_000)
    return Heartbeat(session, CLOCK, every=10_000, describe=lambda: b"{}", hear=lambda _: None)


KINDS: dict[str, Callable[[Engine], Service]] = {
    "ticker": lambda _: Ticker("ticking", CLOCK, 1, tick),
    "supervisor": lambda _: Supervisor(
        "all", CLOCK, [Ticker(str(number), CLOCK, 1, tick) for number in range(3)]
    ),
    "completer": lambda engine: Completer(engine, CLOCK),
    "heartbeat": a_heartbeat,
    "roster": lambda engine: Roster(engine, CLOCK),
    "member": lambda _: Member(1, CLOCK, ["sleep", "60"], bury),
}


@pytest.fixture(params=KINDS)
def make(request: pytest.FixtureRequest) -> Callable[[], Service]:
    engine = MemoryEngine(CLOCK)
    engine.open().wait()
    return lambda: KINDS[request.param](engine)


async def test_start_twice_runs_once(make: Callable[[], Service]) -> None:
    service = make()
    service.start()
    task = service._task
    service.start()
    assert service._task is task
    await service.stop()
    await service.stop()
    assert not service.running
    assert service.failure is None


async def test_stop_before_start_means_never(make: Callable[[], Service]) -> None:
    service = make()
    await service.stop()
    service.start()
    assert not service.running
    await service.ended()


async def test_stop_right_after_start(make: Callable[[], Service]) -> None:
    service = make()
    service.start()
    await service.stop()
    assert not service.running
    assert service.failure is None


async def test_from_many_tasks_at_once(make: Callable[[], Service]) -> None:
    dice = random.Random(7)
    for _ in range(5):
        service = make()

        async def start(service: Service = service) -> None:
            service.start()

        steps: list[Callable[[], Awaitable[None]]] = [start] * 5 + [service.stop] * 5
        dice.shuffle(steps)
        await asyncio.gather(*(step() for step in steps))
        await service.stop()
        assert not service.running
        assert service.failure is None


async def test_one_that_is_abandoned_ends(make: Callable[[], Service]) -> None:
    service = make()
    service.start()
    service.abandon()
    await service.ended()
    assert not service.running


async def test_a_service_may_stop_itself() -> None:
    class Tired(Service):
        async def run(self) -> None:
            await self.stop()

    service = Tired("tired", ManualClock())
    service.start()
    await service.ended()
    assert service.failure is None
