"""Makes free what ended jobs leave behind, sooner than the server would by itself.

Each step of a job's life leaves a dead row in the table of unfinished jobs, and dead entries in its
indexes, which claims read past. The server's own cleaning comes once a minute; at thousands of jobs
a second that is a hundred thousand dead rows for each that lives.
"""

import threading
import time
from contextlib import closing
from typing import Final

import psycopg

from tidemill.engines.postgres.ground import PostgresGround
from tidemill.engines.postgres.statements import statement

LEAST: Final = 20_000
"""Fewer dead rows than these cost claims less than it costs to clear them away."""

SHARE: Final = 0.1
"""Of the living: indexes are read whole, so where many wait more has to come together first."""

AGAIN: Final = 0.5
"""Of those that could not be made free the last time: as long as somebody may still see them, the
whole table is read in vain, so it is tried ever more rarely. When nobody does any more the server's
own cleaning notices within a minute."""


class Tidying:
    """Vacuums, and remembers what could not be made free, because somebody may still see it."""

    def __init__(self, ground: PostgresGround) -> None:
        """Tidy up on this ground."""
        self._ground = ground
        self._server = ground.server
        self._kept = 0
        self._stop = threading.Event()

    def open(self) -> None:
        """Wait for the server's cleaning from now on."""
        self._stop.clear()

    def close(self) -> None:
        """Wait no more: what the server has begun it ends by itself."""
        self._stop.set()

    def tidy(self) -> bool:
        """Vacuum if enough has died since the last time; whether it had.

        Whoever cleans at the same moment is not waited for. A user who does not own the table may
        not vacuum it; the server then leaves it as it is.
        """
        dead, living = self._count()
        if dead - self._kept < max(LEAST, living * SHARE, self._kept * AGAIN):
            self._kept = min(self._kept, dead)
            return False
        if self._vacuum():
            self._kept, _ = self._count()
        return True

    def _vacuum(self) -> bool:
        """Clean up, on a connection for this alone, for it may take long; whether it has ended.

        It is waited for while the server still says, on another connection, that it is at it.
        """
        patience = self._server.address.patience
        asks_at = time.monotonic() + patience

        def goes_on() -> bool:
            nonlocal asks_at
            if self._stop.is_set():
                return False
            if time.monotonic() < asks_at:
                return True
            asks_at = time.monotonic() + patience
            return self._is_vacuumed()

        with closing(self._server.connect()) as connection:
            try:
                connection.take_time()
                text = statement("vacuum_jobs", self._server.address.schema)
                return connection.run_long(text, goes_on)
            except psycopg.Error as error:
                raise self._server.explain(error) from error

    def _is_vacuumed(self) -> bool:
        ((answer,),) = self._ground.alone(lambda link: link.rows("is_vacuumed"))
        return bool(answer)

    def _count(self) -> tuple[int, int]:
        ((dead, living),) = self._ground.alone(lambda link: link.rows("count_dead"))
        return dead, living
