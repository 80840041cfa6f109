"""What is the SQLite engine's alone: its file, its locks, its start-up check."""

import sqlite3
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from tidemill.core.change import Delete, Retry
from tidemill.core.errors import (
    InvalidOption,
    SchemaMismatch,
    StoreError,
    StoreLocked,
    WrongTransaction,
)
from tidemill.core.identity import new_id
from tidemill.core.job import NewJob
from tidemill.core.outcome import Done
from tidemill.core.retention import Keep
from tidemill.core.unique import UniqueClaim
from tidemill.engines import open_engine
from tidemill.engines.health import Durability
from tidemill.engines.protocol import Engine
from tidemill.engines.sqlite import migrate, statements
from tidemill.testing.clock import ManualClock
from tidemill.testing.conformance.steps import GIVE_UP, change, claim, settle, start_worker

SQLITE = Path(migrate.__file__).parent


def job(**options: object) -> NewJob:
    return NewJob(id=new_id(), task="t", **options)  # type: ignore[arg-type]  # test shorthand


def opened(path: Path, options: str = "") -> Engine:
    engine = open_engine(f"sqlite:///{path}{options}")
    engine.open().wait()
    return engine


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "jobs.db"


def test_a_newer_schema_is_refused_by_number(path: Path) -> None:
    opened(path).close().wait()
    with sqlite3.connect(path) as later:
        later.execute("PRAGMA user_version = 999")
    with pytest.raises(SchemaMismatch, match=r"schema 999.*pip install"):
        opened(path)


def test_a_file_locked_for_too_long_says_so_and_stores_nothing(path: Path) -> None:
    engine = opened(path, "?patience=50ms")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreLocked, match="locked by another process"):
        engine.jobs.insert([job()]).wait()
    other.execute("ROLLBACK")
    engine.jobs.insert([job()]).wait()
    assert sum(c.count for c in engine.reader.counts().wait()) == 1
    engine.close().wait()


def test_a_full_file_refuses_and_goes_on_when_there_is_room(path: Path) -> None:
    script = f"""
import resource, sys
sys.path[:0] = {sys.path!r}
from tidemill.engines import open_engine
from tidemill.core.errors import StoreError
from tidemill.core.job import NewJob
from tidemill.core.identity import new_id
engine = open_engine("sqlite:///{path}")
engine.open().wait()
accepted = 0
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, resource.RLIM_INFINITY))
try:
    while True:
        engine.jobs.insert([NewJob(id=new_id(), task="t", args=b'"' + b"x" * 5000 + b'"')]).wait()
        accepted += 1
except StoreError as error:
    print(error.code)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
engine.jobs.insert([NewJob(id=new_id(), task="t")]).wait()
assert sum(c.count for c in engine.reader.counts().wait()) == accepted + 1
engine.close().wait()
print("went on")
"""
    ran = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    code, end = ran.stdout.split("\n", 1)
    assert code in {"store.full", "store.unavailable"}, ran.stderr
    assert end.strip() == "went on", ran.stderr


def test_a_file_that_may_not_be_written_says_so() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "jobs.db"
        opened(path).close().wait()
        for file in path.parent.iterdir():
            file.chmod(0o444)
        path.parent.chmod(0o555)
        script = f"""
import os, sys
sys.path[:0] = {sys.path!r}
from tidemill.engines import open_engine
from tidemill.engines.sqlite.engine import SQLiteEngine
from tidemill.core.errors import StoreError
if os.geteuid() == 0:
    os.setuid(65534)  # nobody: file modes mean nothing to root
try:
    open_engine("sqlite:///{path}").open().wait()
except StoreError as error:
    print(error.code)
"""
        ran = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, check=False
        )
        path.parent.chmod(0o755)
    assert ran.stdout.strip() == "store.read_only", ran.stderr


@pytest.mark.parametrize(
    "url",
    ["sqlite://", "sqlite:///:memory:", "sqlite:///x.db?patient=1", "mysql://x", "jobs.db", ""],
)
def test_a_url_that_makes_no_sense_is_refused(url: str) -> None:
    with pytest.raises(InvalidOption):
        open_engine(url)


def test_health_names_the_durability_and_a_known_bug(path: Path) -> None:
    engine = opened(path)
    health = engine.health().wait()
    assert health.durability in {Durability.DURABLE, Durability.VOLATILE}
    assert health.schema == len(migrate.steps())
    told = any("WAL-reset" in finding.what for finding in health.findings)
    assert told == (sqlite3.sqlite_version_info < (3, 51, 3))
    engine.close().wait()


def test_the_file_is_its_owners_alone(path: Path) -> None:
    """And so is all that lies beside it: whoever reads the pen could keep it from writers."""
    engine = opened(path)
    engine.jobs.insert([job()]).wait()
    beside = {each.name: oct(each.stat().st_mode & 0o777) for each in path.parent.iterdir()}
    engine.close().wait()
    assert len(beside) > 2
    assert set(beside.values()) == {"0o600"}, beside


def test_a_job_in_a_sqlite3_transaction_exists_when_it_commits(path: Path) -> None:
    engine = opened(path)
    mine = sqlite3.connect(path)
    new = job()
    engine.jobs.insert([new], tx=mine).wait()
    assert engine.reader.get([new.id]).wait() == (None,)
    mine.commit()
    assert engine.reader.get([new.id]).wait()[0] is not None
    lost = job()
    engine.jobs.insert([lost], tx=mine).wait()
    mine.rollback()
    assert engine.reader.get([lost.id]).wait() == (None,)
    mine.close()
    engine.close().wait()


def test_a_job_in_a_sqlalchemy_session_exists_when_it_commits(path: Path) -> None:
    engine = opened(path)
    orm = create_engine(f"sqlite:///{path}")
    kept, lost = job(), job()
    with Session(orm) as session:
        session.execute(text("CREATE TABLE orders (id INTEGER)"))
        session.execute(text("INSERT INTO orders VALUES (1)"))
        engine.jobs.insert([kept], tx=session).wait()
        session.commit()
        engine.jobs.insert([lost], tx=session).wait()
        session.rollback()
    with orm.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM orders")).scalar() == 1
    found = engine.reader.get([kept.id, lost.id]).wait()
    assert found[0] is not None
    assert found[1] is None
    orm.dispose()
    engine.close().wait()


def test_a_transaction_elsewhere_is_refused(path: Path, tmp_path: Path) -> None:
    engine = opened(path)
    with pytest.raises(WrongTransaction, match=r"other\.db"):
        engine.jobs.insert([job()], tx=sqlite3.connect(tmp_path / "other.db")).wait()
    with pytest.raises(WrongTransaction, match=r"builtins\.dict"):
        engine.jobs.insert([job()], tx={}).wait()
    with pytest.raises(WrongTransaction, match="commits every statement"):
        engine.jobs.insert([job()], tx=sqlite3.connect(path, isolation_level=None)).wait()
    engine.close().wait()


def test_a_failing_write_fails_alone_among_those_that_share_its_commit(path: Path) -> None:
    engine = opened(path)
    errors: list[BaseException] = []

    def insert(new: NewJob) -> None:
        try:
            engine.jobs.insert([new]).wait()
        except StoreError as error:
            errors.append(error)
        except Exception as error:  # noqa: BLE001 - counted below
            errors.append(error)

    wrong = [job(batch="nowhere") for _ in range(20)]
    right = [job() for _ in range(20)]
    threads = [threading.Thread(target=insert, args=(new,)) for new in wrong + right]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(errors) == len(wrong)
    assert sum(c.count for c in engine.reader.counts().wait()) == len(right)
    engine.close().wait()


def test_every_statement_is_used_and_begins_with_what_it_does() -> None:
    rooms = (SQLITE, SQLITE.with_name("relational"))
    code = "".join(file.read_text() for room in rooms for file in room.glob("*.py"))
    for file in (SQLITE / "sql").glob("*.sql"):
        assert f'"{file.stem}"' in code, f"{file.name} is used nowhere"
        assert file.read_text().startswith("-- "), f"{file.name} has no header"
        assert statements.sql(file.stem).count(";") == 0, f"{file.name} holds several statements"


def test_tags_are_indexed_for_as_long_as_their_jobs_are_there(path: Path) -> None:
    """Whatever becomes of tagged jobs, the index by tag holds what their rows hold."""
    clock = ManualClock()
    engine = open_engine(f"sqlite:///{path}", clock=clock)
    engine.open().wait()

    def indexed() -> list[tuple[str, int]]:
        with sqlite3.connect(path) as link:
            held = link.execute("SELECT tag, job FROM tagged ORDER BY job, tag").fetchall()
            rows = link.execute(
                "SELECT value, seq FROM"
                " (SELECT seq, tags FROM job UNION SELECT seq, tags FROM done), json_each(tags)"
                " ORDER BY seq, value"
            ).fetchall()
        assert held == rows
        return held

    waits, runs, fails = job(tags=("a", "b")), job(tags=("b",)), job(tags=("c",))
    engine.jobs.insert([waits]).wait()
    engine.jobs.insert([runs, job(), fails]).wait()
    assert len(indexed()) == 4
    unique = UniqueClaim("k", on_duplicate="replace")
    engine.jobs.insert([job(tags=("old",), unique=unique)]).wait()
    engine.jobs.insert([job(tags=("new", "newer"), unique=unique)]).wait()
    assert {tag for tag, _ in indexed()} == {"a", "b", "c", "new", "newer"}
    worker = start_worker(engine)
    for held in claim(engine, worker, limit=9):
        settle(engine, clock, held, GIVE_UP if held.id == fails.id else Done(b"1"))
    assert len(indexed()) == 6
    change(engine, Retry(), fails.id)
    assert len(indexed()) == 6
    change(engine, Delete(), fails.id, waits.id)
    assert {tag for tag, _ in indexed()} == {"b", "new", "newer"}
    clock.advance("91d")
    engine.jobs.prune(Keep(), 100).wait()
    assert indexed() == []
    engine.close().wait()
