"""Several worker processes, and the parent that keeps their number."""

import asyncio
import logging
import os
import signal
import socket
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import msgspec
from msgspec import Struct

from tidemill.core.errors import StoreError
from tidemill.core.instants import Duration, Millis, millis
from tidemill.core.lease import WORKER
from tidemill.engines.protocol import Engine
from tidemill.loops.clock import Clock
from tidemill.loops.patience import Patience
from tidemill.loops.service import Service
from tidemill.worker.orphan import CREW_VARIABLE
from tidemill.worker.shutdown import Whistle

HEALTHY: Final = 60.0
"""Seconds after which a worker that dies is replaced as quickly as if it were the first to die."""

_FIRST_WAIT: Final[Millis] = 500
_PARTING: Final = 10.0

_log = logging.getLogger("tidemill.worker")

Rescue = Callable[[], Awaitable[Millis | None]]
"""Rescues one page of jobs whose lease is over; answers 0 while there may be more."""


class MemberDied(Exception):
    """A worker process of the crew ended without being asked to."""


class Whereabouts(Struct, frozen=True):
    """What of a worker's info tells which process it is."""

    host: str = ""
    pid: int = 0


class Member(Service):
    """One place in the crew: a worker process, and the next one when it has died."""

    def __init__(
        self,
        number: int,
        clock: Clock,
        command: Sequence[str],
        bury: Callable[[int], Awaitable[None]],
    ) -> None:
        """Prepare; `bury` sees to what a dead process of this pid has held."""
        super().__init__(f"worker process {number}", clock)
        self._clock = clock
        self._command = tuple(command)
        self._bury = bury
        self._patience = Patience(self.name, base=_FIRST_WAIT)
        self._process: asyncio.subprocess.Process | None = None
        self.code = 0

    @property
    def pid(self) -> int | None:
        """Pid of the process that runs now."""
        process = self._process
        return process.pid if process is not None and process.returncode is None else None

    def send_signal(self, number: signal.Signals) -> None:
        """Pass a signal on to the process, if one runs."""
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(number)

    async def run(self) -> None:
        """Keep a process running until it is stopped and the last one has ended."""
        while not self.stopping:
            born_at = self._clock.monotonic()
            process = await self._spawn()
            self.code = self._taken(await process.wait())
            await self._replace(process.pid, self._clock.monotonic() - born_at)

    async def _spawn(self) -> asyncio.subprocess.Process:
        self._process = await asyncio.create_subprocess_exec(
            *self._command,
            env=os.environ | {CREW_VARIABLE: str(os.getpid())},
            # Ctrl-C at the terminal is the parent's to hear; it passes it on.
            start_new_session=True,
        )
        if self.stopping:  # it was told while there was no process to pass it on to
            self._process.send_signal(signal.SIGTERM)
        return self._process

    def _taken(self, code: int) -> int:
        """The code as it counts: who is told before it can listen has not begun, and ends well."""
        return 0 if self.stopping and code == -signal.SIGTERM else code

    async def _replace(self, pid: int, lived: float) -> None:
        """See to what a process that died has held, and wait until it is time for the next one."""
        if self.stopping:
            return
        if lived >= HEALTHY:
            self._patience.succeeded()
        how = f"ended with status {self.code}"
        if self.code < 0:
            how = f"was killed by {signal.Signals(-self.code).name}"
        wait = self._patience.failed(MemberDied(f"process {pid} {how}"))
        await self._bury(pid)
        self.code = 0  # it has been seen to, so it does not count when the crew ends
        await self.bell.wait(wait / 1_000)


class Crew:
    """Starts so many worker processes, replaces those that die, and ends them all.

    What a dead worker held is given back at once and rescued, so that its jobs run again without
    waiting for its lease to run out.
    """

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        command: Sequence[str],
        processes: int,
        *,
        rescue: Rescue,
        grace: Duration = "15s",
    ) -> None:
        """Prepare.

        Args:
            engine: where the workers' leases are.
            clock: the time to go by.
            command: program and arguments that start one worker; it drains on SIGTERM.
            processes: how many.
            rescue: such as `Rescuer(engine, clock).run_once`.
            grace: time that workers have to drain.
        """
        self._engine = engine
        self._clock = clock
        self._rescue = rescue
        self._grace = millis(grace) / 1_000
        self._whistle = Whistle(clock)
        self.members = tuple(
            Member(number, clock, command, self._bury) for number in range(1, processes + 1)
        )

    def stop(self) -> None:
        """Have every worker drain; called again, have them end at once. From any thread."""
        self._whistle.blow()

    async def run(self) -> int:
        """Keep the crew until it is stopped; answer 0 if every worker ended cleanly."""
        for member in self.members:
            member.start()
        await self._whistle.until(lambda: self._whistle.blown)
        for member in self.members:
            member.when_ended(self._whistle.changed.ring)
            member.ask_to_stop()
        self._tell_all(signal.SIGTERM)
        if not await self._whistle.until(
            lambda: self._ended() or self._whistle.blown_twice, self._grace + _PARTING
        ):
            _log.error("workers did not end in time and are killed")
            self._tell_all(signal.SIGKILL)
        elif not self._ended():
            # Another signal than the first one: two of a kind may reach a process as one.
            self._tell_all(signal.SIGINT)
            if not await self._whistle.until(self._ended, _PARTING):
                self._tell_all(signal.SIGKILL)
        for member in self.members:
            await member.ended()
        return 0 if all(member.code == 0 for member in self.members) else 1

    def run_blocking(self) -> int:
        """Run on an event loop of its own until SIGTERM or SIGINT; answer the exit code."""
        return asyncio.run(self._run_with_signals())

    async def _run_with_signals(self) -> int:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop)
        await self._engine.open()
        return await self.run()

    def _ended(self) -> bool:
        return not any(member.running for member in self.members)

    def _tell_all(self, number: signal.Signals) -> None:
        for member in self.members:
            member.send_signal(number)

    async def _bury(self, pid: int) -> None:
        """Give back what a dead worker of this machine held, and have its jobs run again."""
        try:
            for lease in await self._engine.leases.find(WORKER):
                if _whereabouts(lease.info) == Whereabouts(socket.gethostname(), pid):
                    await self._engine.leases.give_back(lease)
            while await self._rescue() == 0:
                pass
        except StoreError as error:
            _log.warning("the jobs of process %d wait for the end of its lease: %s", pid, error)


def _whereabouts(info: bytes) -> Whereabouts:
    try:
        return msgspec.json.decode(info, type=Whereabouts)
    except msgspec.MsgspecError:
        return Whereabouts()  # not one of ours
