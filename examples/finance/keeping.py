"""What keeps the place in order: the end of what is cached, and backups that are proved."""

from typing import Final

from examples.finance import dialect
from examples.finance.place import Place
from tidemill import Module, Priority, Retry, Task, current
from tidemill.kits.backup import Backups
from tidemill.kits.cleanup import Cleanup

LEDGER: Final = "ledger"
CACHE: Final = "cache"
UNUSED_FOR: Final = "1h"


class Keeping:
    """The modules that keep a place in order.

    Attributes:
        cleanup: deletes what is cached and was not used for an hour.
        backups: takes backups of the ledger, and proves them.
        nightly_backup: asks for a backup, and for its proof behind it.
    """

    def __init__(self, place: Place) -> None:
        """Keep this place in order."""
        self.cleanup = Cleanup("finance.cleanup", queue=dialect.MAINTENANCE)
        self.cleanup.cache(CACHE, place.cache, unused_for=UNUSED_FOR)
        self.backups = Backups("finance.backup", queue=dialect.MAINTENANCE, folder=place.backups)
        self.backups.database(LEDGER, place.ledger.url)
        self._recurring = Module("finance.nights", description="What is done at night.")
        self.nightly_backup: Task[..., list[str]] = self._recurring.task(
            name="finance.nightly_backup",
            queue=dialect.MAINTENANCE,
            priority=Priority.HIGH,
            timeout="1m",
            retry=Retry.exponential(attempts=3, base="5s"),
        )(self._nightly_backup)

    @property
    def modules(self) -> tuple[Module, ...]:
        """What an application includes."""
        return (self.cleanup, self.backups, self._recurring)

    def _nightly_backup(self) -> list[str]:
        """Have a backup of the ledger taken, then restored elsewhere and compared row by row."""
        night = current().id
        taken = self.backups.take.using(key=f"{night}:take").enqueue(LEDGER)
        verified = self.backups.verify.using(key=f"{night}:verify", after=taken).enqueue(LEDGER)
        return [taken.id, verified.id]
