"""Makes free what ended jobs leave behind, sooner than the server would by itself.

Each step of a job's life leaves a dead row in the table of unfinished jobs, and dead entries in its
indexes, which claims read past. The server's own cleaning comes once a minute; at thousands of jobs
a second that is a hundred thousand dead rows for each that lives.
"""

from typing import Final

from tidemill.engines.postgres.link import Connection
from tidemill.engines.postgres.server import Server
from tidemill.engines.postgres.statements import statement

LEAST: Final = 20_000
"""Fewer dead rows than these cost claims less than it costs to clear them away."""

SHARE: Final = 0.1
"""Of the living: indexes are read whole, so where many wait more has to come together first."""


class Tidying:
    """Vacuums, and remembers what could not be made free, because somebody may still see it."""

    def __init__(self, server: Server) -> None:
        """Tidy up on this server."""
        self._server = server
        self._kept = 0

    def tidy(self) -> bool:
        """Vacuum if enough has died since the last time; whether it had.

        Whoever cleans at the same moment is not waited for. A user who does not own the table may
        not vacuum it; the server then leaves it as it is.
        """
        schema = self._server.address.schema
        with self._server.connected() as connection:
            dead, living = self._count(connection)
            if dead - self._kept < max(LEAST, living * SHARE):
                self._kept = min(self._kept, dead)
                return False
            connection.execute(statement("vacuum_jobs", schema))
            self._kept, _ = self._count(connection)
            return True

    def _count(self, connection: Connection) -> tuple[int, int]:
        ((dead, living),) = connection.execute(
            statement("count_dead", self._server.address.schema)
        ).fetchall()
        return dead, living
