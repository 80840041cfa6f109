"""What lies in the folder of files, and the duty that deletes what has expired."""

import asyncio
from pathlib import Path

from tidemill import Tidemill
from tidemill.core.instants import Millis
from tidemill.files.expiry import FileExpiry


def lying(folder: Path) -> list[str]:
    """Every file below the folder, as its path below it."""
    return sorted(str(each.relative_to(folder)) for each in folder.rglob("*") if each.is_file())


def sweep(app: Tidemill, limit: int = 200) -> Millis | None:
    """Have the duty look once; what it answers."""
    duty = FileExpiry(app.open(), app.store.clock, app.files.house, limit=limit)
    return asyncio.run(duty.run_once())
