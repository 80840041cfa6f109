"""A table of stations in a SQLite file, and an application that exports it; as many as one likes.

The child process of the test of killed workers imports it, too, so all that it needs is told by
the environment: `STATIONS` names the file.
"""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from tidemill import Tidemill
from tidemill.kits.export import Exports

COLUMNS = {"id": int, "name": str, "level": float, "opened": str, "is_open": bool}


def make(path: Path, count: int) -> None:
    """A file with so many stations, always the same."""
    rows = (
        (
            number,
            f"Station {number}",
            number % 997 / 10,
            f"2026-01-{number % 28 + 1:02d}",
            number % 2,
        )
        for number in range(1, count + 1)
    )
    with closing(sqlite3.connect(path)) as base:
        base.execute("CREATE TABLE station (id INTEGER PRIMARY KEY, name, level, opened, is_open)")
        base.executemany("INSERT INTO station VALUES (?, ?, ?, ?, ?)", rows)
        base.commit()


def stations(after: int | None, limit: int, filters: dict[str, Any]) -> list[tuple[Any, ...]]:
    """The stations behind a number."""
    asked = "SELECT * FROM station WHERE id > ? AND name LIKE ? ORDER BY id LIMIT ?"
    with closing(sqlite3.connect(os.environ["STATIONS"])) as base:
        return base.execute(asked, (after or 0, filters.get("name", "%"), limit)).fetchall()


def count(filters: dict[str, Any]) -> int:
    """How many there are."""
    with closing(sqlite3.connect(os.environ["STATIONS"])) as base:
        asked = "SELECT count(*) FROM station WHERE name LIKE ?"
        (number,) = base.execute(asked, (filters.get("name", "%"),)).fetchone()
        return int(number)


def application(
    url: str | None = None, source: Callable[..., Any] = stations, **how: Any
) -> tuple[Tidemill, Exports]:
    """An application that exports stations."""
    exports = Exports(**how)
    exports.source("stations", columns=COLUMNS, chunk=1_000, count=count)(source)
    app = Tidemill(url)
    app.include(exports)
    return app, exports
