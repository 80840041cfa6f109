"""An export that is taken up again goes on where it was, with no row lost and none doubled."""

import csv
import io
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.kits.export.stations import application, make
from tidemill import Retry, State, Tidemill
from tidemill.kits.export import Exported, Exports
from tidemill.testing import Harness, in_memory


class Shaky:
    """A source of numbers that breaks, once, when it is asked for what is behind one of them."""

    def __init__(self, breaks_behind: int) -> None:
        self.breaks_behind: int | None = breaks_behind
        self.asked: list[int] = []

    def rows(self, after: int | None, limit: int) -> list[tuple[int]]:
        begin = after or 0
        self.asked.append(begin)
        if begin == self.breaks_behind:
            self.breaks_behind = None
            raise ConnectionError("the database is away")
        return [(number,) for number in range(begin + 1, min(begin + limit, 2_000) + 1)]


def shaky_export(breaks_behind: int) -> tuple[Tidemill, Exports, Shaky]:
    source, exports = Shaky(breaks_behind), Exports(part=500)
    exports.source("n", columns={"id": int}, chunk=200)(source.rows)
    app = Tidemill("sqlite:///jobs.db")
    app.include(exports)
    return app, exports, source


def text_of(mill: Harness, exported: Exported) -> str:
    with mill.app.files.open(exported.files[0].file) as kept:
        return kept.read().decode()


WHOLE = "id\r\n" + "".join(f"{number}\r\n" for number in range(1, 2_001))


def test_the_next_attempt_goes_on_behind_the_last_part_that_was_kept() -> None:
    app, exports, source = shaky_export(breaks_behind=1_000)
    with in_memory(app) as mill:
        job = app.enqueue(exports.run.bind(["n"]))
        mill.drain()
        assert job.snapshot().state is State.RETRYING
        mill.advance("1h")
        assert text_of(mill, job.result(timeout=0)) == WHOLE
    # 600 rows were kept; the next 400 were in a part that was not closed.
    assert source.asked[:7] == [0, 200, 400, 600, 800, 1_000, 600]


def test_an_attempt_whose_parts_are_gone_begins_the_table_anew() -> None:
    app, exports, source = shaky_export(breaks_behind=1_000)
    with in_memory(app) as mill:
        job = app.enqueue(exports.run.bind(["n"]))
        mill.drain()
        for file in app.files.find():
            app.files.delete(file)
        mill.advance("1h")
        assert text_of(mill, job.result(timeout=0)) == WHOLE
    assert source.asked[6] == 0


def test_an_attempt_with_other_columns_begins_the_table_anew() -> None:
    app, exports, _ = shaky_export(breaks_behind=1_000)
    with in_memory(app) as mill:
        job = app.enqueue(exports.run.bind(["n"]))
        mill.drain()
        newer = Exports()
        newer.source("n", columns={"id": int, "twice": int}, chunk=500)(
            lambda after, limit: [
                (number, 2 * number)
                for number in range((after or 0) + 1, min((after or 0) + limit, 2_000) + 1)
            ]
        )
        exports._sources.update(newer._sources)
        mill.advance("1h")
        lines = text_of(mill, job.result(timeout=0)).splitlines()
    assert (lines[0], lines[1], len(lines)) == ("id,twice", "1,2", 2_001)


ROWS = 12_000

WORKER = """
import os, signal
from tests.kits.export import stations

def asked(after, limit, filters):
    print(after, flush=True)
    if os.environ.get("DIES_BEHIND") == str(after):
        os.kill(os.getpid(), signal.SIGKILL)
    return stations.stations(after, limit, filters)

app, exports = stations.application(source=asked, part=5_000)
app.worker(lease="2s", heartbeat="500ms").run_blocking()
"""


def worker(url: str, **variables: str) -> "subprocess.Popen[str]":
    """A worker process that says which rows it asks for."""
    return subprocess.Popen(
        [sys.executable, "-c", WORKER],
        cwd=Path(__file__).parents[3],
        env={**os.environ, "TIDEMILL_URL": url, **variables},
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.mark.slow
def test_a_worker_that_is_killed_costs_no_row_and_doubles_none(
    tmp_path: Path, stations_of: Path
) -> None:
    make(stations_of, ROWS)
    url = f"sqlite:///{tmp_path}/jobs.db"
    app, exports = application(url)
    with app:
        job = app.enqueue(exports.run.using(retry=Retry.fixed(base="10ms")).bind(["stations"]))
        with worker(url, DIES_BEHIND="9000") as killed:
            assert killed.wait(30) == -signal.SIGKILL
        assert job.snapshot().state is State.RUNNING
        with worker(url) as other:
            (exported,) = job.result(timeout=30).files
            other.terminate()
            said, _ = other.communicate(timeout=20)
        # The part that was kept was not asked for again.
        assert said.split()[0] == "5000"
        endings = [attempt.ending for attempt in job.snapshot().attempts]
        assert endings == ["crashed", "completed"]
        with app.files.open(exported.file) as kept:
            told = csv.reader(io.TextIOWrapper(kept, encoding="utf-8", newline=""))
            assert next(told) == ["id", "name", "level", "opened", "is_open"]
            rows = [(int(id_), name) for id_, name, *_ in told]
    with closing(sqlite3.connect(stations_of)) as base:
        assert rows == base.execute("SELECT id, name FROM station ORDER BY id").fetchall()
