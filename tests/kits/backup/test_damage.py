"""A backup that is damaged, or was made by an enemy, is found, and nothing is restored of it."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.kits.backup.saving import ACCOUNTS, Ledger, Saving
from tidemill import State
from tidemill.kits.backup.manifest import NAME, Manifest, Sum
from tidemill.kits.backup.outcome import Measure


def flip(path: Path, place: int = 5_000) -> None:
    """Change one bit."""
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)


def a_link(path: Path) -> None:
    """Put a link to the same bytes in a file's place."""
    moved = path.with_name("elsewhere")
    path.rename(moved)
    path.symlink_to(moved)


SPOILING: dict[str, tuple[str, Callable[[Path], object], str]] = {
    "a bit": ("data.sqlite", flip, "has another SHA-256"),
    "the end": ("data.sqlite", lambda path: path.write_bytes(path.read_bytes()[:-1]), "bytes, and"),
    "the file": ("data.sqlite", lambda path: path.unlink(), "cannot be read"),
    "a link": ("data.sqlite", a_link, "cannot be read"),
    "the manifest": (NAME, lambda path: path.unlink(), "manifest of backup"),
    "its form": (NAME, lambda path: path.write_text('{"id": 7}'), "manifest of backup"),
    "its text": (NAME, lambda path: path.write_bytes(b"\xff\x00"), "manifest of backup"),
}


@pytest.mark.parametrize("what", SPOILING)
def test_whatever_is_spoilt_is_found_and_named(saving: Saving, ledger: Ledger, what: str) -> None:
    file, spoil, says = SPOILING[what]
    assert ledger.path.exists()
    spoil(Path(saving.take().path) / file)
    assert says in saving.damage()


def test_the_latest_is_then_the_latest_that_is_whole(saving: Saving, ledger: Ledger) -> None:
    whole = saving.take()
    saving.mill.clock.advance("1d")
    ledger.open.execute("DELETE FROM note")
    spoilt = saving.take()
    flip(Path(spoilt.path) / "data.sqlite")
    saving.damage()
    assert saving.verify().backup == whole.backup
    assert "SHA-256" in saving.damage(backup=spoilt.backup)


def test_what_an_attempt_found_damaged_that_died_is_found_by_the_next_one(
    saving: Saving, ledger: Ledger
) -> None:
    saving.take()
    saving.mill.clock.advance("1d")
    ledger.open.execute("DELETE FROM note")
    spoilt = Path(saving.take().path)
    scratch = spoilt.parent / ".scratch"
    scratch.touch()  # so that the first attempt fails, and is tried again
    job = saving.mill.app.enqueue(saving.backups.verify.bind("ledger"))
    saving.mill.drain()
    saving.mill.assert_state(job, State.RETRYING)
    scratch.unlink()
    flip(spoilt / "data.sqlite")
    (spoilt / "DAMAGED").write_text("as it is left by one that dies now")
    saving.mill.advance("1m")
    failed = job.snapshot()
    assert (failed.state, failed.attempt) == (State.FAILED, 2)
    assert failed.error is not None
    assert "SHA-256" in failed.error.message


def test_nothing_of_a_damaged_backup_is_restored_in_place(saving: Saving, ledger: Ledger) -> None:
    flip(Path(saving.take().path) / "data.sqlite")
    ledger.open.execute("DELETE FROM note")
    error = saving.refusal(saving.backups.restore.bind("ledger", in_place=True))
    assert "SHA-256" in error.message
    assert ledger.all_of("note") == []
    assert len(ledger.all_of("account")) == ACCOUNTS


def test_a_database_that_sqlite_finds_broken_is_found_though_its_checksum_is_right(
    saving: Saving, ledger: Ledger
) -> None:
    assert ledger.path.exists()
    taken = saving.take()
    path = Path(taken.path) / "data.sqlite"
    path.write_bytes(path.read_bytes()[:4096] + b"\x07" * (path.stat().st_size - 4096))
    saving.forge(taken, lambda manifest: manifest)
    assert "cannot be restored" in saving.damage()


def test_rows_that_are_not_those_that_were_saved_are_found_though_the_file_is_sound(
    saving: Saving, ledger: Ledger
) -> None:
    assert ledger.path.exists()
    taken = saving.take()
    with closing(sqlite3.connect(Path(taken.path) / "data.sqlite")) as forger, forger:
        forger.execute("UPDATE account SET cents = 1000000 WHERE id = 7")
        forger.execute("DELETE FROM note WHERE words = 'other'")
    saving.forge(taken, lambda manifest: manifest)
    said = saving.damage()
    assert "is not what was saved" in said
    assert "note has 2 rows of 3" in said
    assert f"account has {ACCOUNTS} rows of {ACCOUNTS}" in said


def test_a_table_that_the_manifest_alone_has_is_found(saving: Saving, ledger: Ledger) -> None:
    assert ledger.path.exists()

    def promise(manifest: Manifest) -> Manifest:
        tables = manifest.content.tables | {"secret": Measure(5, "0" * 64)}
        return replace(manifest, content=replace(manifest.content, tables=tables))

    saving.forge(saving.take(), promise)
    assert "secret has 0 rows of 5" in saving.damage()


@pytest.mark.parametrize("name", ["../../ledger.db", "/etc/passwd", "..", ""])
def test_a_manifest_leads_to_no_file_elsewhere(saving: Saving, ledger: Ledger, name: str) -> None:
    assert ledger.path.exists()

    def lead(manifest: Manifest) -> Manifest:
        return replace(manifest, files={name: Sum(1, "0" * 64)})

    saving.forge(saving.take(), lead)
    assert "no file of a backup" in saving.damage()


@pytest.mark.parametrize("field", ["id", "source"])
def test_the_backup_of_something_else_is_not_taken_for_this_one(
    saving: Saving, ledger: Ledger, field: str
) -> None:
    assert ledger.path.exists()
    saving.forge(saving.take(), lambda manifest: replace(manifest, **{field: "other"}))
    assert "other" in saving.damage()


def test_a_backup_of_another_kind_is_refused_and_not_said_to_be_damaged(
    saving: Saving, ledger: Ledger
) -> None:
    assert ledger.path.exists()
    taken = saving.take()
    saving.forge(taken, lambda manifest: replace(manifest, kind="folder"))
    assert "is of kind sqlite" in saving.refusal(saving.backups.verify.bind("ledger")).message
    saving.forge(taken, lambda manifest: replace(manifest, kind="sqlite"))
    assert saving.verify().backup == taken.backup


@pytest.mark.parametrize("backup", ["../ledger", ".draft-1", "nothing", "*", ""])
def test_a_backup_that_is_none_is_not_found(saving: Saving, ledger: Ledger, backup: str) -> None:
    assert ledger.path.exists()
    saving.take()
    error = saving.refusal(saving.backups.restore.bind("ledger", backup))
    assert "has no backup" in error.message
