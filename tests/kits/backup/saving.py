"""What tests of backups do: take, verify, look at what failed, spoil what was saved."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, Self

import msgspec
import psycopg
from msgspec.structs import replace

from tidemill import Job, State
from tidemill.core.error_info import ErrorInfo
from tidemill.kits.backup import Backups, Restored, Taken, Verified
from tidemill.kits.backup.manifest import NAME, Manifest, sum_of
from tidemill.testing import Harness

ACCOUNTS = 500


class Saving:
    """A kit and the jobs that it runs.

    Attributes:
        mill: runs them.
        backups: the kit.
        folder: where it saves to.
    """

    def __init__(self, mill: Harness, backups: Backups, folder: Path) -> None:
        self.mill = mill
        self.backups = backups
        self.folder = folder

    def ran(self, call: Any) -> Job[Any]:
        """A job that has run."""
        job: Job[Any] = self.mill.app.enqueue(call)
        self.mill.drain()
        return job

    def take(self, source: str = "ledger") -> Taken:
        """A backup."""
        taken: Taken = self.ran(self.backups.take.bind(source)).result(timeout=0)
        return taken

    def verify(self, source: str = "ledger", **options: Any) -> Verified:
        """A proof."""
        verified: Verified = self.ran(self.backups.verify.bind(source, **options)).result(timeout=0)
        return verified

    def restore(self, source: str = "ledger", **options: Any) -> Restored:
        """A backup that is in use again."""
        restored: Restored = self.ran(self.backups.restore.bind(source, **options)).result(
            timeout=0
        )
        return restored

    def refusal(self, call: Any) -> ErrorInfo:
        """Why a job failed at its first attempt, and for good."""
        seen = self.ran(call).snapshot()
        assert (seen.state, seen.attempt) == (State.FAILED, 1)
        assert seen.error is not None
        return seen.error

    def damage(self, source: str = "ledger", **options: Any) -> str:
        """What is said of a backup that is damaged."""
        error = self.refusal(self.backups.verify.bind(source, **options))
        assert error.kind.endswith("BackupDamaged"), error
        (event,) = self.mill.events("backup.damaged")[-1:]
        assert error.message.endswith(
            f"{event.payload['why']} (take another backup; an older one may be whole)"
        ) or (event.payload["why"] in error.message)
        return error.message

    def forge(self, taken: Taken, change: Callable[[Manifest], Manifest]) -> None:
        """Let a manifest agree with the files as they are, and say whatever else one likes."""
        path = Path(taken.path)
        manifest = msgspec.json.decode((path / NAME).read_bytes(), type=Manifest)
        files = {name: sum_of(path / name, lambda *_: None) for name in manifest.files}
        forged = change(replace(manifest, files=files))
        (path / NAME).write_bytes(msgspec.json.encode(forged))


class Ledger:
    """A database of accounts, as an application has it open."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.open = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self.open.execute("PRAGMA journal_mode = WAL")
        self.open.execute("CREATE TABLE account (id INTEGER PRIMARY KEY, owner TEXT, cents INT)")
        self.open.execute("CREATE TABLE note (words TEXT)")
        self.open.execute("BEGIN")
        rows = [(number, f"owner {number}", 100) for number in range(ACCOUNTS)]
        self.open.executemany("INSERT INTO account VALUES (?, ?, ?)", rows)
        self.open.executemany("INSERT INTO note VALUES (?)", [("same",), ("same",), ("other",)])
        self.open.execute("COMMIT")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.open.close()

    def all_of(self, table: str, path: Path | None = None) -> list[tuple[Any, ...]]:
        """What a table holds, of another file if one is named."""
        with closing(sqlite3.connect(path or self.path)) as reader:
            return reader.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall()  # noqa: S608 - a test's own


def databases(url: str) -> set[str]:
    """Those of ours that there are on the server."""
    with psycopg.connect(url) as connection:
        found = connection.execute("SELECT datname FROM pg_database").fetchall()
    return {name for (name,) in found if "scratch" in name or "restored" in name}
