"""Two releases on one schema of PostgreSQL: old and new workers side by side lose nothing."""

import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

import tidemill
from tests.journeys.beside import Beside
from tests.journeys.crowd import Crowd, until
from tests.journeys.history import judge
from tests.servers import VERSION, binaries
from tidemill.engines.postgres.server import read_address

pytestmark = pytest.mark.timeout(240)

LOT = 200

NEXT = {
    "9001_pre_sum_of_numbers": "ALTER TABLE tidemill.job ADD COLUMN note TEXT;\n"
    "CREATE FUNCTION tidemill.sum_of_numbers(one text, other text) RETURNS text\n"
    "LANGUAGE sql IMMUTABLE AS $$\n"
    "    SELECT json_agg(a.value::bigint + b.value::bigint ORDER BY place)::text\n"
    "    FROM json_array_elements_text(one::json) WITH ORDINALITY AS a (value, place)\n"
    "    JOIN json_array_elements_text(other::json) WITH ORDINALITY AS b (value, place)\n"
    "        USING (place) $$;",
    "9002_pre_index_of_notes": "-- Outside a transaction: an index.\n"
    "CREATE INDEX CONCURRENTLY job_note ON tidemill.job (note);",
    "9003_post_no_sum_of_counts": "DROP FUNCTION tidemill.sum_of_counts(text, text);",
}
"""The steps of the next release: it has another name for what settling needs."""

NEXT_NAMES = ("job_note", "'no_sum_of_counts'", "COLUMN note")
"""What a script of all of them has in it once each."""

_numbers = count(1)


@pytest.fixture
def crowd(postgres_url: str, tmp_path: Path) -> Iterator[Crowd]:
    """No worker yet, and an empty store on PostgreSQL."""
    crowd = Crowd(tmp_path, f"{postgres_url}?schema=releases_{next(_numbers)}")
    yield crowd
    crowd.end()


@pytest.fixture
def later(tmp_path: Path) -> Path:
    """The next release, in a folder of its own."""
    folder = tmp_path / "later"
    package = folder / "tidemill"
    shutil.copytree(Path(tidemill.__file__).parent, package, ignore=shutil.ignore_patterns("*.pyc"))
    engine = package / "engines" / "postgres"
    for name, text in NEXT.items():
        (engine / "migrations" / f"{name}.sql").write_text(text)
    for file in (engine / "sql").glob("*.sql"):
        file.write_text(file.read_text().replace("sum_of_counts", "sum_of_numbers"))
    about = folder / "tidemill-999.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: tidemill\nVersion: 999.0\n")
    return folder


def command(crowd: Crowd, *words: str, release: Path | None = None) -> tuple[int, str]:
    """Type a command of this release, or of another one; its exit code, and what it said."""
    done = subprocess.run(
        [sys.executable, "-m", "tidemill", *words],
        env=crowd.environment(release),
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def finished(crowd: Crowd) -> int:
    """How many jobs have been run to their end so far."""
    return sum(line.what == "end" for line in crowd.lines())


def goes_on(crowd: Crowd, jobs: int = 200) -> None:
    """Wait until so many more jobs have been run."""
    before = finished(crowd)
    until(lambda: finished(crowd) >= before + jobs, seconds=60, what="work goes on")


def workers(crowd: Crowd) -> Counter[int]:
    """Which processes have run jobs, and how many."""
    return Counter(line.pid for line in crowd.lines() if line.what == "end")


def troubles(crowd: Crowd, *names: str) -> list[str]:
    """What workers of these names have logged and should not have."""
    text = "".join(crowd.log_of(name).read_text() for name in names)
    words = ("error", "trouble", "warning", "traceback")
    return [line for line in text.splitlines() if any(word in line.lower() for word in words)]


class BulkCustomer(Beside):
    """Enqueues lot after lot as they are run, and at least so many jobs in all.

    Attributes:
        ids: of the jobs so far.
    """

    def __init__(self, crowd: Crowd, jobs: int) -> None:
        super().__init__()
        self._crowd = crowd
        self._jobs = jobs
        self.ids: list[str] = []

    def act(self) -> None:
        """Buy a lot whenever two have not been run."""
        while not self.in_vain.is_set() and not self._has_enough():
            if len(self.ids) - finished(self._crowd) < 2 * LOT:
                self.ids += self._crowd.enqueue("quick", range(LOT))
            self.enough.wait(0.02)

    def _has_enough(self) -> bool:
        return self.enough.is_set() and len(self.ids) >= self._jobs


def test_one_release_takes_over_from_another_under_load(crowd: Crowd, later: Path) -> None:
    crowd.app.open()
    old = [crowd.start(name) for name in ("old-1", "old-2")]
    with BulkCustomer(crowd, 5_000) as customer:
        goes_on(crowd)
        assert command(crowd, "engine", "migrate", release=later)[0] == 0
        old.append(crowd.start("old-3"))  # on the new schema
        goes_on(crowd)
        for name in ("new-1", "new-2"):
            crowd.start(name, release=later)
        until(lambda: len(workers(crowd)) == 5, seconds=30, what="all of them work")
        code, said = command(crowd, "engine", "migrate", "--finish", release=later)
        assert code == 1
        assert [name in said for name in ("old-1", "old-2", "old-3")] == [True] * 3
        assert "new-" not in said
        for worker in old:
            worker.send_signal(signal.SIGTERM)
        assert [worker.wait(30) for worker in old] == [0, 0, 0]
        assert command(crowd, "engine", "migrate", "--finish", release=later)[0] == 0
        goes_on(crowd)
    until(lambda: crowd.all_completed(customer.ids), seconds=60, what="all is done")
    judge(crowd, customer.ids)
    starts = Counter(line.job for line in crowd.lines() if line.what == "start")
    assert set(starts.values()) == {1}
    assert len(starts) == len(customer.ids) >= 5_000
    assert troubles(crowd, "old-1", "old-2", "old-3", "new-1", "new-2") == []
    by_worker = workers(crowd)
    assert min(by_worker.values()) > 0
    print(f"{len(starts)} jobs, each once; of each worker {sorted(by_worker.values())}")  # noqa: T201 - for the report


def test_a_new_worker_brings_an_old_schema_with_it(crowd: Crowd, later: Path) -> None:
    crowd.app.open()
    crowd.start("old")
    with BulkCustomer(crowd, LOT) as customer:
        goes_on(crowd)
        crowd.start("new", release=later)
        until(lambda: len(workers(crowd)) == 2, seconds=30, what="both of them work")
    until(lambda: crowd.all_completed(customer.ids), seconds=30, what="all is done")
    judge(crowd, customer.ids)
    assert troubles(crowd, "old", "new") == []


def test_an_old_worker_is_refused_once_what_it_needs_is_gone(crowd: Crowd, later: Path) -> None:
    assert command(crowd, "engine", "migrate", "--finish", release=later)[0] == 0
    code, said = command(crowd, "worker", "--app", "ledger_app:app")
    assert code == 1
    (told,) = [line for line in said.splitlines() if line.startswith("error")]
    assert "9003_post_no_sum_of_counts" in told
    assert "hint: start release 999.0 or newer" in said
    assert "Traceback" not in said


def test_an_old_worker_that_was_overlooked_ends_by_itself(crowd: Crowd, later: Path) -> None:
    """Somebody runs the script by hand, and does not look who is at work."""
    with crowd.log_of("old").open("wb") as log:
        old = subprocess.Popen(
            [sys.executable, "-m", "tidemill", "worker", "--app", "ledger_app:app",
             "--heartbeat", "1s", "--lease", "3s", "--grace", "2s"],
            env=crowd.environment(),
            stdout=log,
            stderr=subprocess.STDOUT,
        )  # fmt: skip
    crowd.workers.append(old)
    with BulkCustomer(crowd, 2_000) as customer:
        goes_on(crowd)
        code, script = command(crowd, "engine", "migrate", "--finish", "--sql", release=later)
        assert code == 0
        assert [script.count(name) for name in NEXT_NAMES] == [1, 1, 1]
        by_hand(crowd, script)
        took = until(lambda: old.poll() is not None, seconds=30, what="the old worker ends")
        assert old.returncode == 1
        crowd.start("new", release=later)
    told = troubles(crowd, "old")
    assert len([line for line in told if "ends: " in line and "9003_post" in line]) == 1
    assert len(told) <= 5, told
    until(lambda: crowd.all_completed(customer.ids), seconds=60, what="all is done")
    judge(crowd, customer.ids)
    print(f"ended in {took:.1f} s, having said {told}")  # noqa: T201 - for the report


def by_hand(crowd: Crowd, script: str) -> None:
    """What an administrator does with a script."""
    address = read_address(crowd.url)
    psql = [
        str(binaries(VERSION) / "psql"),
        "--no-psqlrc",
        "--set=ON_ERROR_STOP=1",
        address.conninfo,
    ]
    subprocess.run(psql, input=script, text=True, check=True, capture_output=True)
