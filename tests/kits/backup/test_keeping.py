"""What is kept of backups, where, and for whose eyes."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kits.backup.saving import Ledger, Saving
from tidemill import State, Tidemill, errors
from tidemill.kits.backup import Backups
from tidemill.kits.backup.rotation import kept
from tidemill.testing import in_memory

MOMENTS = st.lists(
    st.datetimes(datetime(2026, 1, 1), datetime(2026, 3, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - bounds
    max_size=40,
)


def test_the_last_backup_of_each_day_and_of_each_week_is_kept() -> None:
    noon = datetime(2026, 11, 29, 12, tzinfo=UTC)  # a Sunday
    taken = [noon - timedelta(hours=6 * number) for number in range(4 * 40)]
    keep = sorted(kept(taken, daily=3, weekly=4), reverse=True)
    assert [f"{at:%m-%d %H}" for at in keep] == [
        "11-29 12", "11-28 18", "11-27 18", "11-22 18", "11-15 18", "11-08 18",
    ]  # fmt: skip


@settings(max_examples=40)
@given(MOMENTS, st.integers(0, 5), st.integers(0, 5))
def test_the_newest_is_kept_and_never_more_than_asked_for(
    taken: list[datetime], daily: int, weekly: int
) -> None:
    keep = kept(taken, daily=daily, weekly=weekly)
    assert keep <= set(taken)
    assert len(keep) <= max(daily + weekly, 1)
    assert not taken or max(taken) in keep
    # Taking away what is not kept changes nothing.
    assert kept(keep, daily=daily, weekly=weekly) == keep


def test_taking_one_removes_those_that_are_older_than_is_kept(tmp_path: Path) -> None:
    backups = Backups(folder=tmp_path / "backups", daily=2, weekly=1)
    app = Tidemill("memory://")
    app.include(backups)
    with in_memory(app) as mill, Ledger(tmp_path / "ledger.db") as ledger:
        backups.of_sqlite("ledger", ledger.path)
        saving = Saving(mill, backups, tmp_path / "backups")
        taken = []
        for _ in range(5):
            taken.append(saving.take())
            mill.clock.advance("1d")
        assert [len(each.removed) for each in taken] == [0, 0, 1, 1, 1]
        rotated = saving.ran(backups.rotate.bind("ledger")).result(timeout=0)
        assert rotated.kept == [taken[4].backup, taken[3].backup]
        there = sorted(path.name for path in (saving.folder / "ledger").iterdir())
        assert there == rotated.kept[::-1]


def test_a_damaged_backup_pushes_out_no_whole_one(tmp_path: Path) -> None:
    backups = Backups(folder=tmp_path / "backups", daily=1, weekly=0)
    app = Tidemill("memory://")
    app.include(backups)
    with in_memory(app) as mill, Ledger(tmp_path / "ledger.db") as ledger:
        backups.of_sqlite("ledger", ledger.path)
        saving = Saving(mill, backups, tmp_path / "backups")
        whole = saving.take()
        saved = Path(whole.path).rename(tmp_path / "aside")
        mill.clock.advance("1d")
        spoilt = saving.take()
        saved.rename(whole.path)
        (Path(spoilt.path) / "data.sqlite").write_bytes(b"")
        saving.damage()
        rotated = saving.ran(backups.rotate.bind("ledger")).result(timeout=0)
        assert rotated.kept == [spoilt.backup, whole.backup]
        mill.clock.advance("1d")
        assert saving.take().removed == [spoilt.backup, whole.backup]


def test_backups_are_for_their_owners_eyes_only(saving: Saving, ledger: Ledger) -> None:
    assert ledger.path.exists()
    taken = Path(saving.take().path)
    modes = {path: path.stat().st_mode & 0o777 for path in (taken, *taken.iterdir())}
    assert {mode for path, mode in modes.items() if path.is_dir()} == {0o700}
    assert {mode for path, mode in modes.items() if path.is_file()} == {0o600}
    assert saving.folder.stat().st_mode & 0o777 == 0o700


def test_what_a_killed_process_left_is_no_backup_and_goes(saving: Saving, ledger: Ledger) -> None:
    assert ledger.path.exists()
    shelf = saving.folder / "ledger"
    for left in (".draft-0123", ".scratch"):
        (shelf / left).mkdir(parents=True)
        (shelf / left / "data.sqlite").touch()
    taken = saving.take()
    assert saving.verify().backup == taken.backup
    assert [path.name for path in shelf.iterdir()] == [taken.backup]


def test_a_backup_that_fails_leaves_nothing(saving: Saving, tmp_path: Path) -> None:
    path = tmp_path / "broken.db"
    path.write_bytes(b"no database, surely not one")
    saving.backups.of_sqlite("broken", path)
    assert saving.ran(saving.backups.take.bind("broken")).state is State.RETRYING
    assert list((saving.folder / "broken").iterdir()) == []


@pytest.mark.parametrize("name", ["", "..", "a/b", "../a", "A", "a" * 65, "a\0", ".hidden", "a.b"])
def test_a_source_has_a_name_that_a_folder_may_have(saving: Saving, name: str) -> None:
    with pytest.raises(errors.InvalidName, match="no source of backups is called"):
        saving.backups.of_sqlite(name, "x.db")


@pytest.mark.parametrize("name", ["../../etc", "nothing"])
def test_a_job_saves_nothing_that_was_not_declared(
    saving: Saving, ledger: Ledger, name: str
) -> None:
    assert ledger.path.exists()
    kit = saving.backups
    for call in (kit.take.bind(name), kit.verify.bind(name), kit.restore.bind(name)):
        assert "does not save" in saving.refusal(call).message
    assert "does not save" in saving.refusal(kit.rotate.bind(name)).message


def test_what_makes_no_sense_is_refused_where_it_is_written(saving: Saving) -> None:
    saving.backups.of_sqlite("twice", "x.db")
    with pytest.raises(errors.InvalidOption, match="saves 'twice' already"):
        saving.backups.of_folder("twice", "x")
    with pytest.raises(errors.InvalidOption, match="daily=-1"):
        Backups(daily=-1)
    with pytest.raises(errors.InvalidOption, match="none of PostgreSQL's"):
        saving.backups.of_postgres("crm", "mysql://localhost/crm")
    with pytest.raises(errors.InvalidOption, match="option 'hostaddr'"):
        saving.backups.of_postgres("crm", "postgresql://localhost/crm?hostaddr=::1")


def test_one_that_is_asked_for_twice_is_taken_once(saving: Saving, ledger: Ledger) -> None:
    assert ledger.path.exists()
    app = saving.mill.app
    first, second = (app.enqueue(saving.backups.take.bind("ledger")) for _ in range(2))
    assert first == second


def test_sources_may_be_named_by_the_settings(tmp_path: Path) -> None:
    uploads = tmp_path / "uploads"
    uploads.mkdir()
    (uploads / "a").touch()
    backups = Backups()
    app = Tidemill("memory://")
    with Ledger(tmp_path / "ledger.db") as ledger:
        told = {
            "folder": str(tmp_path / "elsewhere"),
            "sqlite": {"ledger": str(ledger.path)},
            "folders": {"uploads": str(uploads)},
        }
        app.include(backups, settings=told)
        with in_memory(app) as mill:
            saving = Saving(mill, backups, tmp_path / "elsewhere")
            assert Path(saving.take().path).is_relative_to(tmp_path / "elsewhere")
            assert saving.take("uploads").tables == {"files": 1}
            assert saving.verify("uploads").same


def test_the_last_is_the_latest_however_quickly_they_come_and_wherever_the_clock_is_set(
    saving: Saving, ledger: Ledger
) -> None:
    assert ledger.path.exists()
    taken = [saving.take().backup for _ in range(3)]
    saving.mill.clock.jump(-3 * 86_400_000)
    taken.append(saving.take().backup)
    assert taken == sorted(taken)
    assert saving.verify().backup == taken[-1]
