"""An application whose handler books a payment and completes its job in one transaction."""

import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from typing import Any

import psycopg

from tidemill import Retry, Tidemill, current

app = Tidemill()
TABLE = "CREATE TABLE IF NOT EXISTS paid (job TEXT, attempt INTEGER)"


@contextmanager
def _on_sqlite(url: str) -> Iterator[sqlite3.Connection]:
    path = url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(path, timeout=20)) as connection, connection:
        yield connection


def transaction(url: str) -> AbstractContextManager[Any]:
    """A transaction on the database of the jobs."""
    if url.startswith("sqlite"):
        return _on_sqlite(url)
    return psycopg.connect(url.partition("?")[0])


def write(connection: Any, job: str, attempt: int) -> None:
    """Book one payment."""
    mark = "?" if isinstance(connection, sqlite3.Connection) else "%s"
    connection.execute(f"INSERT INTO paid VALUES ({mark}, {mark})", (job, attempt))  # noqa: S608 - ours


@app.task(name="pay", retry=Retry.fixed(attempts=5, base="50ms"))
def pay() -> None:
    job = current()
    with transaction(os.environ["TIDEMILL_URL"]) as connection:
        write(connection, job.id, job.attempt)
        job.complete("paid", tx=connection)


def main() -> int:
    """Work with a short lease; for tests that kill us."""
    return app.worker(lease="3s", heartbeat="1s", grace="5s", poll="200ms").run_blocking()


if __name__ == "__main__":
    sys.exit(main())
