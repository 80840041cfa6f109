"""How many jobs are live, counted once for many who ask at about the same time."""

import time
from typing import Final

from tidemill.access.actor import Actor
from tidemill.api.remembered import Lasting, Remembered, by_effort
from tidemill.client.control import Jobs
from tidemill.core.query import QueueCounts

MOST: Final = 10_000
"""Callers of whom it is known when they have changed something, at most."""


class Counts:
    """Live jobs by queue, task and state: of each tenant, and of all together.

    Where counting takes long, an answer is told to whoever asks within ten seconds. One who has
    changed something here meanwhile is told what is so since. Others are not: where jobs are
    enqueued all the time, everybody would have to count.
    """

    def __init__(self, lasts: Lasting = by_effort) -> None:
        """Count nothing yet.

        Args:
            lasts: for how long an answer is told again.
        """
        self._answers = Remembered[tuple[QueueCounts, ...]](lasts)
        self._changed: dict[str, float] = {}

    async def get(self, actor: Actor, tenant: str | None, jobs: Jobs) -> tuple[QueueCounts, ...]:
        """What is live.

        Args:
            actor: whoever asks.
            tenant: whose jobs are counted; `None`: everybody's.
            jobs: counts on their behalf.
        """
        whose = "*" if tenant is None else tenant
        since = self._changed.get(actor.source, 0.0)
        return await self._answers.get(whose, jobs.acounts, since=since)

    def changed(self, actor: Actor) -> None:
        """Count anew for somebody who has just changed something."""
        if len(self._changed) >= MOST:
            self._changed.clear()
            self._answers.forget()
        self._changed[actor.source] = time.monotonic()
