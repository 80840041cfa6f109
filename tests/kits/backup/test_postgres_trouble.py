"""PostgreSQL: what is gone or broken is restored in its place, and what is whole is not blamed."""

from pathlib import Path
from typing import Any

import psycopg

from tests.kits.backup.saving import Saving, databases
from tests.servers import VERSION, binaries
from tidemill import State


def told(saving: Saving, call: Any) -> str:
    """Why a job has failed that is tried again."""
    seen = saving.ran(call).snapshot()
    assert seen.state is State.RETRYING
    assert seen.error is not None
    return seen.error.message


def test_a_database_whose_files_are_broken_is_restored_in_its_place(
    saving: Saving, crm: str
) -> None:
    taken = saving.take("crm")
    with psycopg.connect(crm, autocommit=True) as connection:
        connection.execute("CHECKPOINT")
        asked = connection.execute(
            "SELECT current_setting('data_directory'), pg_relation_filepath('customer')"
        )
        top, path = asked.fetchone() or ("", "")
    (Path(top) / path).unlink()
    said = told(saving, saving.backups.take.bind("crm"))
    assert "is damaged" in said
    assert "58P01" in said
    assert saving.restore("crm", in_place=True).before == "", "what is broken was saved"
    assert saving.verify("crm", backup=taken.backup).same


def test_a_database_that_is_gone_is_made_again(saving: Saving, crm: str, postgres_url: str) -> None:
    saving.take("crm")
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{crm.rpartition("/")[2]}"'.encode())
    assert "is not there" in saving.refusal(saving.backups.take.bind("crm")).message
    beside = saving.restore("crm").place
    assert databases(postgres_url) == {beside}
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{beside}"'.encode())
    saving.restore("crm", in_place=True)
    assert saving.verify("crm").same


def test_what_the_server_refuses_is_not_the_fault_of_the_backup(saving: Saving, crm: str) -> None:
    with psycopg.connect(crm) as connection:
        connection.execute("CREATE TABLE archive (id int)")
    taken = saving.take("crm")
    with psycopg.connect(crm) as connection:
        connection.execute("CREATE VIEW newer AS SELECT * FROM archive")
    saving.mill.clock.advance("1s")
    said = told(saving, saving.backups.restore.bind("crm", in_place=True))
    assert "other objects depend on it" in said
    assert not (Path(taken.path) / "DAMAGED").exists()


def test_no_database_is_left_of_what_could_not_be_restored(saving: Saving, crm: str) -> None:
    taken = saving.take("crm")
    dump = Path(taken.path) / "data.dump"
    dump.write_bytes(dump.read_bytes()[:-1_000])
    saving.forge(taken, lambda manifest: manifest)
    error = saving.refusal(saving.backups.restore.bind("crm", taken.backup))
    assert error.kind.endswith("BackupDamaged")
    assert databases(crm) == set()
    assert saving.ran(saving.backups.take.bind("crm")).state is State.COMPLETED


def test_who_holds_a_table_for_long_is_not_waited_for_without_an_end(
    saving: Saving, crm: str
) -> None:
    hasty = f"{crm}?options=-c%20lock_timeout%3D200"
    saving.backups.of_postgres("hasty", hasty, programs=binaries(VERSION))
    saving.take("hasty")
    with psycopg.connect(crm) as connection:
        connection.execute("LOCK TABLE note IN ACCESS EXCLUSIVE MODE")
        assert "lock timeout" in told(saving, saving.backups.verify.bind("hasty"))
    assert saving.verify("hasty").same
