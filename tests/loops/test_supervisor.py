"""A supervisor starts in order, stops in reverse, and tells which service died."""

import asyncio

import pytest

from tidemill.loops.bell import Bell
from tidemill.loops.service import Service
from tidemill.loops.supervisor import Supervisor
from tidemill.testing.clock import ManualClock

CLOCK = ManualClock()


class Noted(Service):
    """Writes down when it starts and when it ends."""

    def __init__(self, name: str, notes: list[str], error: Exception | None = None) -> None:
        super().__init__(name, CLOCK)
        self.notes = notes
        self.error = error

    async def run(self) -> None:
        self.notes.append(f"+{self.name}")
        if self.error:
            raise self.error
        await self.bell.wait()
        self.notes.append(f"-{self.name}")


async def test_the_order() -> None:
    notes: list[str] = []
    services = [Noted(name, notes) for name in "abc"]
    supervisor = Supervisor("all", CLOCK, services)
    supervisor.start()
    while len(notes) < 3:
        await Bell(CLOCK).wait(0)
    await supervisor.stop()
    assert notes == ["+a", "+b", "+c", "-c", "-b", "-a"]
    assert supervisor.fallen is None
    assert supervisor.failure is None


async def test_one_that_dies_ends_all_and_is_named(caplog: pytest.LogCaptureFixture) -> None:
    notes: list[str] = []
    death = ZeroDivisionError("broken")
    supervisor = Supervisor(
        "all", CLOCK, [Noted("a", notes), Noted("b", notes, death), Noted("c", notes)]
    )
    supervisor.start()
    await supervisor.ended()
    assert supervisor.fallen is supervisor.services[1]
    assert supervisor.failure is death
    assert notes[-1] == "-a"
    assert [record.getMessage() for record in caplog.records] == ["b ended by itself"]


async def test_one_that_was_asked_to_stop_has_not_fallen() -> None:
    notes: list[str] = []
    services = [Noted("a", notes), Noted("b", notes)]
    supervisor = Supervisor("all", CLOCK, services)
    supervisor.start()
    while len(notes) < 2:
        await Bell(CLOCK).wait(0)
    await services[1].stop()
    await Bell(CLOCK).wait(0)
    assert supervisor.running
    await supervisor.stop()
    assert supervisor.fallen is None


class Stuck(Service):
    """Waits for what never comes, even when it is asked to stop."""

    async def run(self) -> None:
        await asyncio.get_running_loop().create_future()


async def test_to_be_torn_off_tears_off_all_of_them() -> None:
    services = [Stuck("a", CLOCK), Noted("b", []), Stuck("c", CLOCK)]
    supervisor = Supervisor("all", CLOCK, services)
    supervisor.start()
    await Bell(CLOCK).wait(0)
    supervisor.abandon()
    await asyncio.wait_for(supervisor.ended(), 10)
    assert not any(service.running for service in services)
    assert supervisor.fallen is None
