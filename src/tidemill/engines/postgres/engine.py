"""Connects to the server, brings the schema up to date, and hands out the five ports."""

import threading

from tidemill.core.lease import WORKER
from tidemill.engines.health import Health
from tidemill.engines.postgres.check import look, refuse_old
from tidemill.engines.postgres.ground import PostgresGround
from tidemill.engines.postgres.jobs import PostgresJobs
from tidemill.engines.postgres.migrate import Migration, refuse_absent
from tidemill.engines.postgres.records import PostgresRecords
from tidemill.engines.postgres.server import Address, Server
from tidemill.engines.postgres.signals import PostgresSignals
from tidemill.engines.postgres.tidying import Tidying
from tidemill.engines.postgres.work import Work
from tidemill.engines.relational.leases import RelationalLeases
from tidemill.engines.relational.reader import RelationalReader
from tidemill.engines.release import refuse_while_older
from tidemill.engines.traits import Traits
from tidemill.loops.call import Call
from tidemill.loops.clock import Clock, SystemClock


class PostgresEngine:
    """Jobs in one schema of a PostgreSQL database."""

    def __init__(self, address: Address, clock: Clock | None) -> None:
        """Remember where; nothing is opened yet. Without a clock the server's is gone by."""
        self._server = Server(address)
        self._clock = clock
        self._lock = threading.Lock()
        self._is_open = False
        self._signals = PostgresSignals(self._server)
        self._ground = PostgresGround(self._server, clock, self._signals.tell)
        self._jobs = PostgresJobs(self._ground)
        self._reader = RelationalReader(self._ground)
        self._leases = RelationalLeases(self._ground)
        self._records = PostgresRecords(self._ground)
        self._tidying = Tidying(self._ground)

    @property
    def traits(self) -> Traits:
        """Many machines, and transactions on the same database."""
        return Traits("postgres", shared=True, transactions=True)

    @property
    def jobs(self) -> PostgresJobs:
        """The path of a job."""
        return self._jobs

    @property
    def reader(self) -> RelationalReader:
        """Questions about jobs."""
        return self._reader

    @property
    def leases(self) -> RelationalLeases:
        """Names held for a time."""
        return self._leases

    @property
    def signals(self) -> PostgresSignals:
        """Hints between nodes."""
        return self._signals

    @property
    def records(self) -> PostgresRecords:
        """Documents and logs."""
        return self._records

    def open(self, *, make: bool = True) -> Call[None]:
        """Connect; make the schema if it is not there, and that is wanted."""
        return Work(lambda: self._open(make=make))

    def close(self) -> Call[None]:
        """Finish what is under way and let go of the server."""
        return Work(self._close)

    def migrate(self, *, finish: bool = False) -> Call[int]:
        """Take the steps to this release's schema; with `finish` those, too, that take away."""
        return Work(lambda: self._migrate(finish=finish))

    def script(self, *, finish: bool = False) -> Call[str]:
        """What `migrate` would do, as a script for psql."""
        return Work(lambda: self._script(finish=finish))

    def tidy(self) -> Call[bool]:
        """Vacuum the table of unfinished jobs, if enough has died in it."""
        return Work(self._tidying.tidy, self._ground.threads)

    def health(self) -> Call[Health]:
        """Look at the server and say how far it can be trusted."""
        return Work(self._look)

    def _open(self, *, make: bool) -> None:
        with self._lock:
            if self._is_open:
                return
            self._migrate(make=make)
            self._server.open()
            self._tidying.open()
            self._ground.open()
            self._signals.open()
            self._is_open = True

    def _close(self) -> None:
        with self._lock:
            if not self._is_open:
                return
            self._is_open = False
            self._tidying.close()
            # The last of the work may still have something to tell.
            self._ground.close()
            self._signals.close()
            self._server.close()

    def _migrate(self, *, finish: bool = False, make: bool = True) -> int:
        self._refuse_unfit(make=make)
        if finish:
            refuse_while_older(self._leases.find(WORKER).wait(), self._server.address.shown)
        return Migration(self._server).run(finish=finish)

    def _script(self, *, finish: bool) -> str:
        self._refuse_unfit(make=True)
        return Migration(self._server).script(finish=finish)

    def _refuse_unfit(self, *, make: bool) -> None:
        """Refuse a server that is too old, and one without a store where none is to be made."""
        with self._server.connected() as connection:
            refuse_old(connection, self._server.address)
            if not make:
                refuse_absent(connection, self._server.address)

    def _look(self) -> Health:
        # Only where the server's clock is gone by, it matters what this machine's says.
        clock = SystemClock() if self._clock is None else None
        with self._server.connected() as connection:
            return look(connection, self._server, clock)
