"""Documents and logs; lines of logs are read up to where none is still to come."""

from tidemill.core.query import at_most
from tidemill.core.record import Entry
from tidemill.engines.postgres.ground import PostgresGround
from tidemill.engines.postgres.link import PostgresLink
from tidemill.engines.postgres.work import Work
from tidemill.engines.relational.records import RelationalRecords
from tidemill.loops.call import Call


class PostgresRecords(RelationalRecords[PostgresGround]):
    """The port of documents and logs."""

    def read(
        self, log: str, *, after: int = 0, limit: int = 100, newest: bool = False
    ) -> Call[tuple[Entry, ...]]:
        """Lines of a log behind a position, but none behind one that is still to be committed.

        Two statements, each of which sees the store as it is when it begins: what the first one
        finds to be whole is committed, so the second one sees it.
        """
        statement = "read_newest_entries" if newest else "read_entries"

        def read(link: PostgresLink) -> tuple[Entry, ...]:
            ((whole,),) = link.rows("last_whole_position")
            rows = link.rows(statement, (log, after, at_most(limit), whole))
            return tuple([Entry(*row) for row in rows])

        return Work(lambda: self._ground.alone(read), self._ground.threads)
