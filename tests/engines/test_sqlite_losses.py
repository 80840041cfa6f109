"""A SQLite store that is lost, emptied, damaged or someone else's is told, and never made anew."""

import os
import shutil
import sqlite3
from pathlib import Path
from types import SimpleNamespace

import pytest

from tidemill.core.errors import StoreCorrupt, StoreFull, StoreMissing, StoreUnavailable
from tidemill.core.identity import new_id
from tidemill.core.job import NewJob
from tidemill.engines import open_engine
from tidemill.engines.protocol import Engine
from tidemill.engines.sqlite.driver import StandardDriver, translate


def job() -> NewJob:
    return NewJob(id=new_id(), task="t")


def opened(path: Path) -> Engine:
    engine = open_engine(f"sqlite:///{path}")
    engine.open().wait()
    return engine


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "jobs.db"


def test_a_lost_file_is_missed_and_not_made_anew(path: Path) -> None:
    opened(path).close().wait()
    path.unlink()
    with pytest.raises(StoreMissing, match="is gone"):
        opened(path)
    assert not path.exists()


def test_a_file_lost_while_open_refuses_every_write(path: Path) -> None:
    engine = opened(path)
    path.unlink()
    with pytest.raises(StoreMissing, match="removed, replaced or emptied"):
        engine.jobs.insert([job()]).wait()
    assert not path.exists()
    engine.close().wait()


def test_a_file_emptied_while_open_refuses_every_write(path: Path) -> None:
    engine = opened(path)
    os.truncate(path, 0)
    with pytest.raises(StoreMissing, match="removed, replaced or emptied"):
        engine.jobs.insert([job()]).wait()
    engine.close().wait()


def test_a_log_removed_while_open_refuses_every_write(path: Path) -> None:
    engine = opened(path)
    engine.jobs.insert([job()]).wait()
    Path(f"{path}-wal").unlink()
    with pytest.raises(StoreMissing, match=r"jobs\.db-wal was removed"):
        engine.jobs.insert([job()]).wait()
    engine.close().wait()
    engine = opened(path)
    assert sum(c.count for c in engine.reader.counts().wait()) == 1
    engine.close().wait()


def test_an_emptied_file_is_missed_and_not_made_anew(path: Path) -> None:
    engine = opened(path)
    engine.jobs.insert([job()]).wait()
    engine.close().wait()
    path.write_bytes(b"")
    with pytest.raises(StoreMissing, match="is empty"):
        opened(path)
    assert path.read_bytes() == b""


@pytest.mark.parametrize("left", [b"S", None], ids=["one byte", "another database"])
def test_a_file_without_its_store_is_missed_and_not_made_anew(
    path: Path, left: bytes | None
) -> None:
    opened(path).close().wait()
    path.unlink()
    if left is None:
        with sqlite3.connect(path) as other:
            other.execute("CREATE TABLE orders (x)")
    else:
        path.write_bytes(left)
    with pytest.raises(StoreMissing, match="is empty"):
        opened(path)
    if left is not None:
        assert path.read_bytes() == left


def test_rows_that_nobody_can_read_are_told_as_damage(path: Path) -> None:
    engine = opened(path)
    damaged = job()
    engine.jobs.insert([damaged]).wait()
    with sqlite3.connect(path) as damage:
        damage.execute("PRAGMA ignore_check_constraints = ON")
        damage.execute("UPDATE job SET state = 'wa1ting'")
    with pytest.raises(StoreCorrupt, match="wa1ting"):
        engine.reader.get([damaged.id]).wait()
    with sqlite3.connect(path) as damage:
        damage.execute("PRAGMA ignore_check_constraints = ON")
        damage.execute("UPDATE job SET state = CAST(x'ff' AS TEXT)")
    with pytest.raises(StoreCorrupt, match="decode"):
        engine.reader.get([damaged.id]).wait()
    engine.close().wait()


def test_an_empty_file_that_was_never_a_store_becomes_one(path: Path) -> None:
    path.touch()
    Path(f"{path}.pen").touch()
    opened(path).close().wait()
    assert path.stat().st_size > 0


def test_a_disk_too_full_to_read_is_told_as_full(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite says no more than "disk I/O error" where the index of the log finds no room."""
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode = sqlite3.SQLITE_IOERR_SHMSIZE
    assert isinstance(translate(StandardDriver(), path, error), StoreUnavailable)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=8_192))
    assert isinstance(translate(StandardDriver(), path, error), StoreFull)


def test_a_missing_directory_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="No such file or directory"):
        opened(tmp_path / "nowhere" / "jobs.db")


def test_rubbish_is_refused_and_left_as_it_is(path: Path) -> None:
    rubbish = b"this is not a database" * 100
    path.write_bytes(rubbish)
    with pytest.raises(StoreCorrupt, match="damaged or is not a tidemill store"):
        opened(path)
    assert path.read_bytes() == rubbish


def test_a_damaged_page_is_reported_as_such(path: Path) -> None:
    engine = opened(path)
    engine.jobs.insert([job() for _ in range(500)]).wait()
    engine.close().wait()
    content = bytearray(path.read_bytes())
    content[4096 * 4 : 4096 * 40] = b"\xff" * (4096 * 36)
    path.write_bytes(content)
    with pytest.raises(StoreCorrupt):
        opened(path).reader.counts().wait()


def test_another_applications_database_is_not_touched(path: Path) -> None:
    with sqlite3.connect(path) as stranger:
        stranger.execute("PRAGMA application_id = 42")
        stranger.execute("CREATE TABLE theirs (x)")
    before = path.read_bytes()
    with pytest.raises(StoreCorrupt, match="another application"):
        opened(path)
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_a_database_with_a_table_of_our_name_is_not_touched(path: Path) -> None:
    with sqlite3.connect(path) as stranger:
        stranger.execute("CREATE TABLE job (x)")
    before = path.read_bytes()
    with pytest.raises(StoreCorrupt, match="another application"):
        opened(path)
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_an_applications_own_database_may_hold_a_store(path: Path) -> None:
    with sqlite3.connect(path) as own:
        own.execute("CREATE TABLE orders (x)")
    opened(path).close().wait()
    opened(path).close().wait()
    tables = sqlite3.connect(path).execute("SELECT name FROM sqlite_schema").fetchall()
    assert {("orders",), ("job",)} <= set(tables)
