"""Caches, records and rows: each goes by an age of its own kind, and no faster than it should."""

import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.kits.cleanup.conftest import DAY, Files, cleaned
from tidemill import current
from tidemill.kits.cleanup import Cleanup
from tidemill.testing import Harness


def test_cached_files_go_by_when_they_were_last_used(
    cleanup: Cleanup, mill: Harness, folder: Path, files: Files
) -> None:
    cleanup.cache("thumbnails", folder, unused_for="7d")
    used = files.make(folder / "read yesterday", days=100, used=1)
    files.make(folder / "forgotten", days=100, used=8)
    assert cleaned(mill).removed == 1
    assert used.exists()


def test_a_cache_that_is_too_large_loses_what_was_unused_the_longest(
    cleanup: Cleanup, mill: Harness, folder: Path, files: Files
) -> None:
    cleanup.cache("thumbnails", folder, unused_for="365d", most_bytes=250)
    for days in range(1, 6):
        files.make(folder / f"{days}", days=days, size=100)
    done = cleaned(mill)
    assert (done.removed, done.bytes) == (3, 300)
    assert sorted(path.name for path in folder.iterdir()) == ["1", "2"]
    assert cleaned(mill).removed == 0


def test_a_cache_may_be_emptied(
    cleanup: Cleanup, mill: Harness, folder: Path, files: Files
) -> None:
    cleanup.cache("thumbnails", folder, unused_for="365d", most_bytes=0)
    files.make(folder / "a", days=0)
    assert cleaned(mill).removed == 1


def test_records_go_by_a_field_of_their_values(cleanup: Cleanup, mill: Harness) -> None:
    records = mill.app.records("webhook.log")
    now = mill.clock.now()
    for number in range(450):
        records.put(f"{number:03d}", {"at": now - number * DAY * 1_000})
    records.put("text", {"at": datetime.fromtimestamp(now / 1_000 - 40 * DAY, UTC).isoformat()})
    records.put("undated", {"on": 1})
    cleanup.old_records("deliveries", records, older_than="30d")
    assert cleaned(mill, dry_run=True).removed == 420
    done = cleaned(mill)
    assert (done.removed, done.parts[0].skipped) == (420, {"undated": 1})
    assert len(records.find(limit=1_000)) == 32


def test_a_record_that_was_changed_meanwhile_stays(cleanup: Cleanup, mill: Harness) -> None:
    records = mill.app.records("log")
    records.put("a", {"at": 0})

    class Busy:
        """Records of which one is changed each time that they were read."""

        def find(self, after: str, limit: int) -> Any:
            found = records.find(after=after, limit=limit)
            for each in found:
                records.put(each.key, {"at": 0, "read": True})
            return found

        def delete(self, key: str, version: int) -> bool:
            return records.delete(key, version=version)

    cleanup.old_records("log", Busy(), older_than="1d")
    done = cleaned(mill)
    assert (done.removed, done.parts[0].skipped) == (0, {"changed": 1})
    assert records.get("a") is not None


def test_rows_of_a_database_go_some_at_a_time(cleanup: Cleanup, mill: Harness) -> None:
    database = sqlite3.connect(":memory:", check_same_thread=False)
    database.execute("CREATE TABLE session (id INTEGER PRIMARY KEY, at REAL)")
    now = mill.clock.now() / 1_000
    rows = [(now - days * DAY,) for days in range(95)]
    database.executemany("INSERT INTO session (at) VALUES (?)", rows)
    calls = []

    @cleanup.old_rows("sessions", older_than="30d", at_once=10)
    def sessions(before: datetime, limit: int) -> int:
        calls.append(current().id)
        old = "SELECT id FROM session WHERE at < ? LIMIT ?"
        return database.execute(
            f"DELETE FROM session WHERE id IN ({old})",  # noqa: S608 - written above
            (before.timestamp(), limit),
        ).rowcount

    @sessions.counted
    def count(before: datetime) -> int:
        (found,) = database.execute(
            "SELECT count(*) FROM session WHERE at < ?", (before.timestamp(),)
        ).fetchone()
        return int(found)

    assert cleaned(mill, dry_run=True).removed == 64
    assert not calls
    assert cleaned(mill).removed == 64
    assert len(calls) == 8
    assert database.execute("SELECT count(*) FROM session").fetchone() == (31,)
    database.close()
