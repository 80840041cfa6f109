"""What keeps the place in order: the end of what is cached, and backups that are proved."""

from typing import Final

from examples.finance import dialect
from examples.finance.place import Place
from tidemill import Module
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
    """

    def __init__(self, place: Place) -> None:
        """Keep this place in order."""
        self.cleanup = Cleanup("finance.cleanup", queue=dialect.MAINTENANCE)
        self.cleanup.cache(CACHE, place.cache, unused_for=UNUSED_FOR)
        self.backups = Backups("finance.backup", queue=dialect.MAINTENANCE, folder=place.backups)
        if path := place.ledger.file:
            self.backups.of_sqlite(LEDGER, path)
        else:
            self.backups.of_postgres(LEDGER, place.ledger.url)

    @property
    def modules(self) -> tuple[Module, ...]:
        """What an application includes."""
        return (self.cleanup, self.backups)
