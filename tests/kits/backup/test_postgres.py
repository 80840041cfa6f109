"""PostgreSQL: dumped at one moment, restored in a database that is gone afterwards, compared."""

import threading
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.kits.backup.saving import Saving, databases
from tests.servers import VERSION, binaries
from tidemill import State, errors
from tidemill.kits.backup.programs import Programs


def test_a_database_is_saved_proved_and_restored(saving: Saving, crm: str) -> None:
    taken = saving.take("crm")
    assert taken.tables == {'odd "one.t\tab': 1, "public.customer": 200, "public.note": 4}
    assert saving.verify("crm").same
    with psycopg.connect(crm) as connection:
        connection.execute("UPDATE customer SET cents = 7 WHERE id < 3")
        connection.execute("DELETE FROM customer WHERE id > 195")
        connection.execute("DELETE FROM note WHERE words IS NULL")
    found = {
        each.table: (each.rows, each.live, each.only_backup, each.only_live, each.changed)
        for each in saving.verify("crm").tables
        if not each.same
    }
    assert found == {"public.customer": (200, 195, 5, 0, 2), "public.note": (4, 3, 1, 0, 0)}
    assert databases(crm) == set()
    saving.mill.clock.advance("1s")
    restored = saving.restore("crm", backup=taken.backup, in_place=True)
    assert restored.before
    assert saving.verify("crm", backup=taken.backup).same
    beside = saving.restore("crm", backup=restored.before).place
    assert databases(crm) == {beside}
    with psycopg.connect(crm, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{beside}"'.encode())


def test_a_backup_is_one_moment_while_others_write(saving: Saving, crm: str) -> None:
    enough = threading.Event()

    def move() -> None:
        with psycopg.connect(crm, autocommit=True) as connection:
            for number in range(1_000_000):
                if enough.is_set():
                    return
                one, two = number % 200 + 1, number * 7 % 200 + 1
                with connection.transaction():
                    connection.execute(
                        "UPDATE customer SET cents = cents - 1 WHERE id = %s", (one,)
                    )
                    connection.execute(
                        "UPDATE customer SET cents = cents + 1 WHERE id = %s", (two,)
                    )

    mover = threading.Thread(target=move)
    mover.start()
    try:
        saving.take("crm")
        # What was counted beside the dump is what the dump restores to.
        verified = saving.verify("crm")
    finally:
        enough.set()
        mover.join()
    assert (verified.rows, verified.same) == (205, False)


def test_programs_that_are_not_there_are_said_at_once(
    saving: Saving, crm: str, tmp_path: Path
) -> None:
    saving.backups.of_postgres("elsewhere", crm, programs=tmp_path)
    error = saving.refusal(saving.backups.take.bind("elsewhere"))
    assert "is not found" in error.message
    assert "PostgreSQL's client programs" in error.message


def test_a_server_that_does_not_answer_is_asked_again_later(saving: Saving) -> None:
    url = "postgresql://nobody:hunter2@127.0.0.1:1/crm"
    saving.backups.of_postgres("away", url, programs=binaries(VERSION))
    job = saving.ran(saving.backups.take.bind("away"))
    assert job.state is State.RETRYING
    error = job.snapshot().error
    assert error is not None
    assert "Connection refused" in error.message
    assert "hunter2" not in error.message + error.traceback


def test_a_password_is_in_the_environment_of_the_program_and_on_no_command_line() -> None:
    programs = Programs(
        "postgresql://a%40b:p%2Fw@db.example:6543/shop?sslmode=require", "", "-c x=y"
    )
    said = {name: value for name, value in programs._environment.items() if name.startswith("PG")}
    assert said == {
        "PGDATABASE": "shop",
        "PGHOST": "db.example",
        "PGPORT": "6543",
        "PGUSER": "a@b",
        "PGPASSWORD": "p/w",
        "PGSSLMODE": "require",
        "PGOPTIONS": "-c x=y",
    }
    assert urlsplit("postgresql://a").hostname == "a"


@pytest.mark.parametrize("url", ["postgresql://app:hunter2@db:port/shop", "mysql://a/b", "x"])
def test_what_is_no_url_of_postgresql_is_refused_and_not_repeated(saving: Saving, url: str) -> None:
    with pytest.raises(errors.InvalidOption, match="none of PostgreSQL's") as refused:
        saving.backups.of_postgres("crm", url)
    assert "hunter2" not in f"{refused.value}"
