"""An application with the backup kit, and a ledger to be saved."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kits.backup.saving import Ledger, Saving
from tidemill import Tidemill
from tidemill.kits.backup import Backups
from tidemill.testing import ManualClock, in_memory


@pytest.fixture
def saving(tmp_path: Path) -> Iterator[Saving]:
    backups = Backups(folder=tmp_path / "backups")
    app = Tidemill("memory://")
    app.include(backups)
    with in_memory(app, ManualClock()) as mill:
        yield Saving(mill, backups, tmp_path / "backups")


@pytest.fixture
def ledger(saving: Saving, tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(tmp_path / "ledger.db") as ledger:
        saving.backups.of_sqlite("ledger", ledger.path)
        yield ledger
