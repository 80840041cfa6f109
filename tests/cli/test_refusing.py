"""What is refused: one clear message, the exit code, no traceback, and no store made or changed."""

import fcntl
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest

from tests.cli.conftest import Refused
from tidemill import Tidemill
from tidemill.cli.main import program

LOOKS = ("jobs list", "queues list", "schedules list", "events list", "workers list", "stats",
         "doctor", "engine check", "queues pause mail", "events emit a.b")  # fmt: skip


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ("jobs cancel", 2, "needs jobs or a filter"),
        ("jobs cancel x --queue mail", 2, "needs jobs or a filter"),
        ("jobs list --state purple", 2, "'purple' is no state"),
        ("jobs list --since soon", 2, "'soon' is no moment"),
        ("jobs list --until 2026-13-01", 2, "'2026-13-01' is no moment"),
        ("jobs list --url mysql://x", 2, "names no engine that is known"),
        ("jobs list --url sqlite://", 2, "names no file"),
        ("jobs list --url sqlite:////nowhere/x.db", 1, "cannot be opened"),
        ("jobs show nothing", 1, "job nothing is not stored"),
        ("jobs logs nothing --follow", 1, "job nothing is not stored"),
        ("jobs move --to a/b --queue mail -y", 2, "is not allowed"),
        ("queues limit mail", 2, "no limit is given"),
        ("queues limit mail --most many", 2, "'many' is no number"),
        ("queues limit mail --most 0", 2, "concurrency=0 is not possible"),
        ("queues limit mail --rate fast", 2, "'fast' is no rate"),
        ("queues pause a/b", 2, "is not allowed"),
        ("queues keep mail", 2, "no time is given"),
        ("queues keep mail --failed soon", 2, "'soon'"),
        ("tasks pause a/b", 2, "is not allowed"),
        ("queues clean mail --state running", 2, "what has not finished cannot be cleaned"),
        ("schedules show nothing", 1, "there is no schedule 'nothing'"),
        ("schedules delete nothing --yes", 1, "there is no schedule 'nothing'"),
        ("schedules next 61", 2, "61"),
        ("schedules next @never", 2, "@never"),
        ("schedules next @daily --tz Mars/Base", 2, "there is no time zone 'Mars/Base'"),
        ("schedules next @daily --from soon", 2, "'soon' is no moment"),
        ("events emit invoice.paid {", 2, "the payload is no JSON"),
        ("events emit jobs.completed", 2, "jobs.completed"),
        ("events list --pattern a..b", 2, "is not allowed"),
        ("events tail --pattern a..b", 2, "is not allowed"),
        ("stats --last soon", 2, "'soon' cannot be read"),
        ("stats --last 0s", 2, "--last 0s is not possible"),
        ("events emit a.b \udcff", 2, "the payload is no JSON"),
        ("jobs show \udcff", 2, "job id '\\udcff' is not allowed"),
        ("jobs list --text \udcff", 2, "without NUL and half surrogate pairs"),
        ("stats --last 99999999w", 2, "is longer than 1000 years"),
        ("stats --last 7d --by minute", 2, "more than 1,000 lines"),
        ("worker", 2, "no application is named"),
        ("worker --app nowhere:app", 2, "no module is called 'nowhere'"),
        ("worker --app json:nothing", 2, "has no 'nothing'"),
        ("worker --app json:loads", 2, "not a Tidemill"),
        ("worker --app json", 2, 'write module and name, as "json:app"'),
        ("worker --app ./shop/jobs.py:mill", 2, 'write module and name, as "shop.jobs:mill"'),
        ("worker --app jobs.py", 2, 'write module and name, as "jobs:app"'),
    ],
)
@pytest.mark.usefixtures("app")
def test_misuse_is_told_in_a_line_and_by_the_exit_code(
    refused: Refused, words: str, code: int, said: str
) -> None:
    ended, told = refused(*words.split())
    assert ended == code, told
    assert told.startswith("error: ")
    assert told.splitlines()[1].startswith("hint: ") if len(told.splitlines()) > 1 else True
    assert said in told


@pytest.mark.parametrize(
    "words",
    [
        "nonsense",
        "jobs nonsense",
        "jobs list --nonsense",
        "jobs list --limit many",
        "jobs reprioritise x --priority 500",
        "jobs move x",
        "stats --by year",
        "events list --limit 0",
        "jobs list --limit 99999999999999999999",
        "worker --concurrency 99999999999999999999",
        "worker --concurrency none",
    ],
)
def test_rubbish_is_refused_with_the_usage(refused: Refused, words: str) -> None:
    code, told = refused(*words.split())
    assert code == 2
    assert told.startswith("Usage: tidemill ")
    assert told.rstrip().splitlines()[-1].startswith("Error: ")


def made(path: Path) -> Path:
    """A sound store."""
    with Tidemill(f"sqlite:///{path}"):
        return path


@contextmanager
def lost(path: Path) -> Iterator[None]:
    made(path).unlink()
    yield
    assert not path.exists()


@contextmanager
def truncated(path: Path) -> Iterator[None]:
    made(path).write_bytes(b"")
    yield
    assert path.stat().st_size == 0


@contextmanager
def never_there(path: Path) -> Iterator[None]:
    yield
    assert list(path.parent.iterdir()) == []


@contextmanager
def corrupt(path: Path) -> Iterator[None]:
    rubbish = b"no database" * 1_000
    path.write_bytes(rubbish)
    yield
    assert path.read_bytes() == rubbish
    assert list(path.parent.iterdir()) == [path]


@contextmanager
def newer(path: Path) -> Iterator[None]:
    with sqlite3.connect(made(path)) as link:
        link.execute("PRAGMA user_version = 999")
    link.close()
    yield


@contextmanager
def untouched(path: Path) -> Iterator[None]:
    """The file stays as it is, and nothing is laid beside it."""
    before = path.read_bytes()
    yield
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


@contextmanager
def of_a_stranger(path: Path) -> Iterator[None]:
    with sqlite3.connect(path) as link:
        link.execute("PRAGMA application_id = 7")
        link.execute("CREATE TABLE theirs (a)")
    link.close()
    with untouched(path):
        yield


@contextmanager
def with_a_table_of_our_name(path: Path) -> Iterator[None]:
    with sqlite3.connect(path) as link:
        link.execute("PRAGMA user_version = 0")
        link.execute("CREATE TABLE job (theirs)")
    link.close()
    with untouched(path):
        yield


@contextmanager
def without_a_store(path: Path) -> Iterator[None]:
    """An application's own database, in which jobs are not kept yet: looking must not change it."""
    with sqlite3.connect(path) as link:
        link.execute("CREATE TABLE orders (id)")
    link.close()
    with untouched(path):
        yield


@contextmanager
def a_pipe(path: Path) -> Iterator[None]:
    os.mkfifo(path)
    yield
    assert list(path.parent.iterdir()) == [path]


@contextmanager
def locked(path: Path) -> Iterator[None]:
    made(path)
    pen = os.open(f"{path}.pen", os.O_RDWR)
    fcntl.flock(pen, fcntl.LOCK_EX)
    yield
    os.close(pen)


@contextmanager
def a_folder(path: Path) -> Iterator[None]:
    path.mkdir()
    yield
    assert path.is_dir()


Trouble = Callable[[Path], AbstractContextManager[None]]


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        (lost, "there is no store at"),
        (truncated, "is empty"),
        (never_there, "there is no store at"),
        (corrupt, "is damaged or is not a tidemill store"),
        (newer, "has schema 999, this release knows"),
        (of_a_stranger, "is another application's database"),
        (locked, "has been locked by another process for too long"),
        (with_a_table_of_our_name, "is a database without a store in it"),
        (without_a_store, "is a database without a store in it"),
        (a_folder, "it is no plain file"),
        (a_pipe, "it is no plain file"),
    ],
)
@pytest.mark.parametrize("words", LOOKS)
def test_a_store_that_cannot_be_used_is_told_and_left_as_it_is(
    tmp_path: Path, refused: Refused, words: str, trouble: Trouble, said: str
) -> None:
    path = tmp_path / "jobs.db"
    with trouble(path):
        code, told = refused(*words.split(), "--url", f"sqlite:///{path}?patience=20ms")
    assert code == 1, told
    error, hint = told.splitlines()
    assert error.startswith("error: ")
    assert said in error
    assert str(path) in error
    assert hint.startswith("hint: ")


def schemas(url: str) -> set[str]:
    with psycopg.connect(url) as connection:
        return {name for (name,) in connection.execute("SELECT nspname FROM pg_namespace")}


@pytest.mark.parametrize("words", LOOKS)
def test_a_schema_that_is_not_there_is_told_and_not_made(
    postgres_url: str, refused: Refused, words: str
) -> None:
    before = schemas(postgres_url)
    code, told = refused(*words.split(), "--url", f"{postgres_url}?schema=tidemil")
    assert code == 1, told
    error, hint = told.splitlines()
    assert error == f"error: the schema tidemil of {postgres_url} is not there"
    assert "?schema=" in hint
    assert "`tidemill engine migrate` makes a new one" in hint
    assert schemas(postgres_url) == before


def test_a_schema_of_others_is_told_and_left_as_it_is(postgres_url: str, refused: Refused) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA theirs CREATE TABLE job (theirs TEXT)")
        code, told = refused("jobs", "list", "--url", f"{postgres_url}?schema=theirs")
        tables = connection.execute(
            "SELECT relname FROM pg_class"
            " WHERE relkind = 'r' AND relnamespace = 'theirs'::regnamespace"
        ).fetchall()
        connection.execute("DROP SCHEMA theirs CASCADE")
    assert code == 1
    assert f"the schema theirs of {postgres_url} has no store in it" in told
    assert tables == [("job",)]


def test_a_schema_that_was_dropped_is_missed_until_somebody_makes_it(
    postgres_url: str, refused: Refused, capsys: pytest.CaptureFixture[str]
) -> None:
    url = f"{postgres_url}?schema=dropped"
    with Tidemill(url), psycopg.connect(postgres_url) as connection:
        connection.execute("DROP SCHEMA dropped CASCADE")
    assert "is not there" in refused("jobs", "list", "--url", url)[1]
    program(["engine", "migrate", "--url", url], standalone_mode=False)
    program(["jobs", "list", "--url", url], standalone_mode=False)
    assert "has schema" in capsys.readouterr().out


def test_a_lost_store_is_not_made_anew_by_migrating(tmp_path: Path, refused: Refused) -> None:
    path = tmp_path / "jobs.db"
    with lost(path):
        code, told = refused("engine", "migrate", "--url", f"sqlite:///{path}")
    assert code == 1
    assert "is gone, though" in told


@pytest.mark.parametrize("mode", [0o555, 0o000])
def test_a_store_that_is_closed_to_us_is_told(mode: int) -> None:
    # Not in `tmp_path`, whose parents are closed to every other user.
    with TemporaryDirectory() as folder:
        path = made(Path(folder) / "jobs.db")
        for file in path.parent.iterdir():
            file.chmod(0o444)
        path.parent.chmod(mode)
        script = f"""
import os, sys
sys.path[:0] = {sys.path!r}
from tidemill.cli.main import run
from tidemill.engines.sqlite.engine import SQLiteEngine
sys.argv = ["tidemill", "queues", "pause", "mail", "--url", "sqlite:///{path}"]
os.chdir("/")
if os.geteuid() == 0:
    os.setuid(65534)  # nobody: file modes mean nothing to root
run()
"""
        ran = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=30
        )
        path.parent.chmod(0o755)
    assert ran.returncode == 1, ran.stderr
    error, hint = ran.stderr.splitlines()
    assert error == f"error: {path} cannot be opened: Permission denied"
    assert "this user" in hint


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[worker]\nconcurency = 5", "worker.concurency, which is no setting"),
        ("[worker]\nconcurrency = 'many'", "worker.concurrency to 'many'"),
        ("url =", "is not written in TOML"),
        ("a = " + "[" * 10_000, "is nested too deeply"),
        (".".join("a" * 5_000) + " = 1", "is nested too deeply"),
    ],
)
@pytest.mark.parametrize("words", ["jobs list", "worker --app tests.worker.crew_app:app"])
def test_a_wrong_setting_is_told(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    refused: Refused,
    words: str,
    text: str,
    said: str,
) -> None:
    file = tmp_path / "tidemill.toml"
    file.write_text(text)
    monkeypatch.setenv("TIDEMILL_CONFIG", str(file))
    code, told = refused(*words.split())
    assert code == 2
    assert said in told
    assert str(file) in told
