"""Runs services together, and tells which one died."""

import asyncio
import logging
from collections.abc import Sequence

from tidemill.loops.clock import Clock
from tidemill.loops.service import Service

_log = logging.getLogger("tidemill")


class Supervisor(Service):
    """Starts services in order and stops them in reverse; ends as soon as one ends by itself.

    Attributes:
        services: those it runs.
        fallen: the one that ended before it was asked to, if any.
    """

    def __init__(self, name: str, clock: Clock, services: Sequence[Service]) -> None:
        """Take charge of these; each may use what those before it offer."""
        super().__init__(name, clock)
        self.services = tuple(services)
        self.fallen: Service | None = None

    async def run(self) -> None:
        """Keep them running until it is stopped or one of them falls."""
        watchers: list[asyncio.Task[None]] = []
        try:
            for service in self.services:
                service.start()
                watchers.append(asyncio.ensure_future(self._watch(service)))
            while not self.stopping and self.fallen is None:
                await self.bell.wait()
        finally:
            for service in reversed(self.services):
                await service.stop()
            for watcher in watchers:
                watcher.cancel()
        if self.fallen is not None and self.fallen.failure is not None:
            raise self.fallen.failure

    def abandon(self) -> None:
        """Tear off all of them where they stand."""
        for service in self.services:
            service.abandon()
        super().abandon()

    async def _watch(self, service: Service) -> None:
        await service.ended()
        if service.stopping or self.stopping or self.fallen is not None:
            return
        self.fallen = service
        _log.error("%s ended by itself", service.name, exc_info=service.failure)
        self.bell.ring()
