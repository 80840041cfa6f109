"""Whose database a file is: tidemill's, one in which it is a guest, or a stranger's."""

from pathlib import Path
from typing import Final

from tidemill.core.errors import StoreCorrupt
from tidemill.engines.sqlite.driver import Link

APPLICATION: Final = 0x71DE_0111
"""Marks a file as ours (`PRAGMA application_id`), so that no stranger's database is written to."""


def schema(link: Link) -> int:
    """The number of the schema that the file has."""
    return int(link.rows("PRAGMA user_version")[0][0])


def check_origin(link: Link, path: Path) -> None:
    """Refuse a database that tidemill has not made.

    An application's own database is welcome to hold our tables beside its own: it is ours once
    our tables are there, and it may become ours while it holds no marks of a third party and no
    table of our main one's name.

    Raises:
        StoreCorrupt: it is a stranger's.
    """
    mark = int(link.rows("PRAGMA application_id")[0][0])
    version = schema(link)
    taken = link.rows("SELECT 1 FROM sqlite_schema WHERE name = 'job'")
    if mark not in (0, APPLICATION) or (mark == 0 and (version != 0 or taken)):
        raise StoreCorrupt(
            f"{path} is another application's database",
            hint="name a file of its own for tidemill, or one without an application id and "
            "without a table named job",
        )
