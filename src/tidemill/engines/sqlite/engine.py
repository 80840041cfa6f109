"""Opens the file, brings it up to date, checks it, and hands out the five ports."""

import threading
from pathlib import Path

from tidemill.core.errors import InvalidOption
from tidemill.engines.health import Health
from tidemill.engines.relational.ground import Transaction
from tidemill.engines.relational.jobs import RelationalJobs
from tidemill.engines.relational.leases import RelationalLeases
from tidemill.engines.relational.reader import RelationalReader
from tidemill.engines.relational.records import RelationalRecords
from tidemill.engines.sqlite.absence import refuse_absent
from tidemill.engines.sqlite.check import look, verify
from tidemill.engines.sqlite.driver import Driver
from tidemill.engines.sqlite.file import StoreFile
from tidemill.engines.sqlite.ground import Ground
from tidemill.engines.sqlite.migrate import migrate
from tidemill.engines.sqlite.signals import SQLiteSignals
from tidemill.engines.traits import Traits
from tidemill.loops.call import Call, Immediate
from tidemill.loops.clock import Clock


class SQLiteEngine:
    """Jobs in one SQLite file."""

    def __init__(self, path: Path, patience: float, driver: Driver, clock: Clock) -> None:
        """Remember where and how; nothing is opened yet."""
        self._file = StoreFile(path, patience, driver)
        self._lock = threading.Lock()
        self._is_open = False
        self._signals = SQLiteSignals(self._file)
        self._ground = Ground(self._file, clock, self._signals.tell)
        self._jobs = RelationalJobs(self._ground)
        self._reader = RelationalReader(self._ground)
        self._leases = RelationalLeases(self._ground)
        self._records = RelationalRecords(self._ground)

    @property
    def traits(self) -> Traits:
        """Several processes of one machine, and transactions on the same file."""
        return Traits("sqlite", shared=True, transactions=True)

    @property
    def jobs(self) -> RelationalJobs[Ground]:
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
    def signals(self) -> SQLiteSignals:
        """Hints between nodes."""
        return self._signals

    @property
    def records(self) -> RelationalRecords[Ground]:
        """Documents and logs."""
        return self._records

    def open(self, *, make: bool = True) -> Call[None]:
        """Open the file; make it if none was ever there, and that is wanted."""
        return Immediate(lambda: self._open(make=make))

    def close(self) -> Call[None]:
        """Finish what is under way and let go of the file."""
        return Immediate(self._close)

    def migrate(self, *, finish: bool = False) -> Call[int]:  # noqa: ARG002 - done in one go here
        """Bring an older file to this release's schema."""
        return Immediate(self._migrate)

    def script(self, *, finish: bool = False) -> Call[str]:  # noqa: ARG002 - never by hand
        """Refuse: who writes the file beside the pen may damage it."""
        return Immediate(self._refuse_script)

    def tidy(self) -> Call[bool]:
        """Nothing: a commit makes free what its transaction has left."""
        return Immediate(lambda: False)

    def health(self) -> Call[Health]:
        """Look at the file and say how far it can be trusted."""
        return Immediate(self._look)

    def _open(self, *, make: bool) -> None:
        with self._lock:
            if self._is_open:
                return
            if not make:
                refuse_absent(self._file.path)
            self._file.open()
            try:
                self._migrate()
                self._ground.writer.open()
                self._ground.write(self._void_old).wait()
            except BaseException:
                self._ground.writer.close()
                self._file.close()
                raise
            self._ground.readers.open()
            self._is_open = True

    def _close(self) -> None:
        with self._lock:
            if not self._is_open:
                return
            self._is_open = False
            self._signals.close()
            self._ground.readers.close()
            self._ground.writer.close()
            self._file.close()

    def _migrate(self) -> int:
        # Under the pen from the first look on: a file that another process is just making, or
        # is setting to write-ahead logging, is locked against all others without any patience.
        with self._file.pen():
            self._file.refuse_emptied()
            link = self._file.connect()
            try:
                verify(link, self._file)
                newest = migrate(link, self._file)
            except self._file.driver.errors as error:
                raise self._file.explain(error) from error
            finally:
                link.close()
            self._file.mark_made()
            return newest

    def _refuse_script(self) -> str:
        raise InvalidOption(
            f"{self._file.path} is migrated by tidemill alone",
            hint="leave out --sql: opening the file does it",
        )

    def _void_old(self, tx: Transaction) -> None:
        """End the leases that were held before the machine was restarted, with all their holders.

        The monotonic clock begins anew with the machine, so they show by having been renewed later
        than it is now. Asked while writing, when nobody can be ahead of this reading of the clock.
        One that does not show, on a machine that is up for longer than before, runs out by itself.
        """
        tx.link.run("void_leases", (tx.steady,))

    def _look(self) -> Health:
        link = self._file.connect()
        try:
            return look(link, self._file)
        finally:
            link.close()
