"""SQLite: a backup is one moment of the database, and is proved by being restored."""

import sqlite3
import threading
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest

from tests.kits.backup.saving import ACCOUNTS, Ledger, Saving


def test_a_backup_restores_to_the_rows_that_were_saved(saving: Saving, ledger: Ledger) -> None:
    taken = saving.take()
    assert taken.tables == {"account": ACCOUNTS, "note": 3}
    assert Path(taken.path).parent == saving.folder / "ledger"
    verified = saving.verify()
    assert (verified.backup, verified.rows, verified.same) == (taken.backup, ACCOUNTS + 3, True)
    assert not (saving.folder / "ledger" / ".scratch").exists()
    told = [event.name for event in saving.mill.events("backup.*")]
    assert told == ["backup.taken", "backup.verified"]
    assert ledger.open.execute("SELECT count(*) FROM account").fetchone() == (ACCOUNTS,)


def test_what_has_changed_since_is_told_table_by_table(saving: Saving, ledger: Ledger) -> None:
    saving.take()
    ledger.open.execute("DELETE FROM account WHERE id < 3")
    ledger.open.execute("UPDATE account SET cents = cents + 1 WHERE id = 7")
    ledger.open.execute("INSERT INTO account VALUES (9000, 'new', 1)")
    ledger.open.execute("DELETE FROM note WHERE rowid = 1")
    ledger.open.execute("CREATE TABLE later (id INTEGER PRIMARY KEY)")
    ledger.open.execute("INSERT INTO later VALUES (1)")
    verified = saving.verify()
    assert verified.same is False
    found = {
        each.table: (each.rows, each.live, each.only_backup, each.only_live, each.changed)
        for each in verified.tables
    }
    assert found == {
        "account": (ACCOUNTS, ACCOUNTS - 2, 3, 1, 1),
        "note": (3, 2, 1, 0, 0),
        "later": (0, 1, 0, 1, 0),
    }
    (account,) = [each for each in verified.tables if each.table == "account"]
    assert account.examples == ["(0,)", "(1,)", "(2,)", "(7,)", "(9000,)"]


def test_a_table_that_is_gone_since_is_told(saving: Saving, ledger: Ledger) -> None:
    saving.take()
    ledger.open.execute("DROP TABLE note")
    (note,) = [each for each in saving.verify().tables if each.table == "note"]
    assert (note.rows, note.live, note.only_backup) == (3, 0, 3)


def test_a_backup_is_proved_without_its_source(saving: Saving, ledger: Ledger) -> None:
    saving.take()
    ledger.open.close()
    ledger.path.unlink()
    verified = saving.verify(compare=False)
    assert (verified.same, verified.rows) == (None, ACCOUNTS + 3)


def test_a_backup_is_one_moment_while_others_write(saving: Saving, ledger: Ledger) -> None:
    """Money is moved to and fro all the time; there is as much of it in each backup."""
    ledger.open.execute("CREATE TABLE filling (stuff BLOB)")
    ledger.open.execute("BEGIN")
    ledger.open.executemany("INSERT INTO filling VALUES (?)", [(b"x" * 4_000,)] * 3_000)
    ledger.open.execute("COMMIT")
    enough, moved = threading.Event(), [0]

    def move() -> None:
        with closing(sqlite3.connect(ledger.path, isolation_level=None)) as other:
            while not enough.is_set():
                one, two = moved[0] % ACCOUNTS, moved[0] * 7 % ACCOUNTS
                other.execute("BEGIN IMMEDIATE")
                other.execute("UPDATE account SET cents = cents - 1 WHERE id = ?", (one,))
                other.execute("UPDATE account SET cents = cents + 1 WHERE id = ?", (two,))
                other.execute("COMMIT")
                moved[0] += 1

    mover = threading.Thread(target=move)
    mover.start()
    try:
        counts = [moved[0]]
        for _ in range(2):
            saving.mill.clock.advance("1d")
            taken = saving.take()
            counts.append(moved[0])
            saved = ledger.all_of("account", Path(taken.path) / "data.sqlite")
            assert sum(cents for _, _, cents in saved) == 100 * ACCOUNTS
    finally:
        enough.set()
        mover.join()
    assert all(after > before for before, after in pairwise(counts)), counts


def test_what_only_the_log_of_another_process_holds_is_saved(
    saving: Saving, ledger: Ledger
) -> None:
    ledger.open.execute("PRAGMA wal_autocheckpoint = 0")
    ledger.open.execute("INSERT INTO account VALUES (7777, 'in the log', 5)")
    assert saving.take().tables["account"] == ACCOUNTS + 1


def test_names_blobs_and_broken_text_are_compared_as_they_are(
    saving: Saving, ledger: Ledger
) -> None:
    ledger.open.execute(
        'CREATE TABLE "odd ""name; DROP" (a TEXT, "b""c" BLOB, d REAL, PRIMARY KEY (a, d))'
    )
    rows = [("x", b"\x00\xff", 1.5), ("y", None, float("inf")), ("1", "1", 1), ("é\n\t", b"1", 2)]
    ledger.open.executemany('INSERT INTO "odd ""name; DROP" VALUES (?, ?, ?)', rows)
    ledger.open.execute("INSERT INTO note VALUES (CAST(x'ff00fe' AS TEXT))")
    ledger.open.execute("CREATE TABLE strict (id TEXT PRIMARY KEY) WITHOUT ROWID, STRICT")
    ledger.open.execute("INSERT INTO strict VALUES ('a')")
    ledger.open.execute("CREATE VIEW seen AS SELECT * FROM note")
    assert saving.take().tables == {
        "account": ACCOUNTS, "note": 4, 'odd "name; DROP': 4, "strict": 1,
    }  # fmt: skip
    assert saving.verify().same
    ledger.open.execute("""UPDATE "odd ""name; DROP" SET "b""c" = x'31' WHERE a = '1'""")
    (odd,) = [each for each in saving.verify().tables if not each.same]
    assert odd.changed == 1, "text and bytes of the same letters were taken for the same"


def test_a_backup_is_restored_beside_what_is_there(saving: Saving, ledger: Ledger) -> None:
    saving.take()
    ledger.open.execute("DELETE FROM account")
    restored = saving.restore()
    assert restored.before == ""
    assert len(ledger.all_of("account", Path(restored.place))) == ACCOUNTS
    assert ledger.all_of("account") == []


def test_a_backup_is_restored_in_place_under_those_who_have_it_open_and_that_is_saved_first(
    saving: Saving, ledger: Ledger
) -> None:
    taken = saving.take()
    ledger.open.execute("DELETE FROM account WHERE id > 9")
    saving.mill.clock.advance("1s")
    restored = saving.restore(backup=taken.backup, in_place=True)
    assert ledger.open.execute("SELECT count(*) FROM account").fetchone() == (ACCOUNTS,)
    assert restored.place == str(ledger.path)
    before = saving.folder / "ledger" / restored.before / "data.sqlite"
    assert len(ledger.all_of("account", before)) == 10
    assert saving.verify(backup=taken.backup).same


def test_a_database_that_is_lost_is_restored_in_place(saving: Saving, ledger: Ledger) -> None:
    saving.take()
    ledger.open.close()
    for path in ledger.path.parent.glob("ledger.db*"):
        path.unlink()
    assert saving.restore(in_place=True).before == ""
    assert len(ledger.all_of("account")) == ACCOUNTS


def test_a_database_that_is_broken_is_restored_in_place_and_put_aside(
    saving: Saving, ledger: Ledger
) -> None:
    taken = saving.take()
    ledger.open.close()
    for path in ledger.path.parent.glob("ledger.db-*"):
        path.unlink()
    ledger.path.write_bytes(b"no database any more" * 1_000)
    job = saving.ran(saving.backups.take.bind("ledger"))
    error = job.snapshot().error
    assert error is not None
    assert "kit.backup.source_broken" in error.message
    job.cancel()
    assert saving.restore(in_place=True).before == ""
    assert len(ledger.all_of("account")) == ACCOUNTS
    aside = Path(f"{ledger.path}.before-{taken.backup}")
    assert aside.read_bytes().startswith(b"no database any more")


def test_a_database_that_is_not_there_is_said_at_once(saving: Saving, tmp_path: Path) -> None:
    saving.backups.of_sqlite("lost", tmp_path / "lost.db")
    error = saving.refusal(saving.backups.take.bind("lost"))
    assert "lost.db cannot be opened" in error.message
    assert not (tmp_path / "lost.db").exists()


@pytest.mark.parametrize("size", [0, 17])
def test_a_file_that_is_no_database_fails_the_job(
    saving: Saving, tmp_path: Path, size: int
) -> None:
    """An empty file is a database without tables."""
    path = tmp_path / "x.db"
    path.write_bytes(b"y" * size)
    saving.backups.of_sqlite("x", path)
    job = saving.ran(saving.backups.take.bind("x"))
    assert job.state == ("retrying" if size else "completed")
