"""An application with the backup kit, and what is to be saved: a ledger, and customers."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.kits.backup.saving import Ledger, Saving
from tests.servers import VERSION, binaries, database
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


@pytest.fixture
def crm(saving: Saving, postgres_url: str) -> Iterator[str]:
    """A database with rows in it, declared as a source."""
    with database(postgres_url) as url:
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE customer (id int PRIMARY KEY, cents int, born date)")
            connection.execute("CREATE TABLE note (words text)")
            connection.execute('CREATE SCHEMA "odd ""one"')
            connection.execute(
                'CREATE TABLE "odd ""one"."t\tab" (a text, b bytea, PRIMARY KEY (a))'
            )
            connection.execute(
                "INSERT INTO customer SELECT n, 100, '2026-01-01' FROM generate_series(1, 200) n"
            )
            connection.execute("INSERT INTO note VALUES ('same'), ('same'), (NULL), (E'a\\nb\\tc')")
            connection.execute("""INSERT INTO "odd ""one"."t\tab" VALUES (E'k\\t\\n', '\\x00ff')""")
        saving.backups.of_postgres("crm", url, programs=binaries(VERSION))
        yield url
