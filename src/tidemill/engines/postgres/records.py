"""Documents and logs; lines of logs are read up to where none is still to come."""

from tidemill.core.query import at_most
from tidemill.core.record import Entry
from tidemill.engines.postgres.ground import PostgresGround
from tidemill.engines.postgres.link import PostgresLink
from tidemill.engines.postgres.work import Work
from tidemill.engines.relational.records import LAST, RelationalRecords, of_tenant
from tidemill.loops.call import Call


class PostgresRecords(RelationalRecords[PostgresGround]):
    """The port of documents and logs."""

    def read(
        self,
        log: str,
        *,
        after: int = 0,
        before: int | None = None,
        limit: int = 100,
        newest: bool = False,
        tenant: str | None = None,
    ) -> Call[tuple[Entry, ...]]:
        """Lines of a log between two positions, but none behind one that is still to be committed.

        Two statements, each of which sees the store as it is when it begins: what the first one
        finds to be whole is committed, so the second one sees it.
        """
        statement = "read_newest_entries" if newest else "read_entries"
        whose, condition = of_tenant(tenant, "AND")
        places = (log, after, LAST if before is None else before)

        def read(link: PostgresLink) -> tuple[Entry, ...]:
            ((whole,),) = link.rows("last_whole_position")
            values = (*places, whole, *whose, at_most(limit))
            rows = link.rows(statement, values, of_tenant=condition)
            return tuple([Entry(*row) for row in rows])

        return Work(lambda: self._ground.alone(read), self._ground.threads)
