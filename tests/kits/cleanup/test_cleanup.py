"""Cleanup: what is old goes, counted before; what is young, and what lies elsewhere, stays."""

import os
import sqlite3
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tidemill import Job, State, Tidemill, current, errors
from tidemill.kits.cleanup import Cleaned, Cleanup, Part
from tidemill.testing import Harness, ManualClock, in_memory

DAY = 86_400


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def cleanup() -> Cleanup:
    return Cleanup()


@pytest.fixture
def mill(cleanup: Cleanup, clock: ManualClock) -> Iterator[Harness]:
    app = Tidemill("memory://")
    app.include(cleanup)
    with in_memory(app, clock) as mill:
        yield mill


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "exports"
    folder.mkdir()
    return folder


class Files:
    """Makes files of an age."""

    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock

    def make(self, path: Path, *, days: float, size: int = 10, used: float | None = None) -> Path:
        """A file that was last changed so many days ago, and last read so many."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * size)
        self.age(path, days=days, used=used)
        return path

    def age(self, path: Path, *, days: float, used: float | None = None) -> None:
        """Let something have been changed so many days ago."""
        now = self._clock.now() / 1_000
        os.utime(path, (now - (days if used is None else used) * DAY, now - days * DAY))


@pytest.fixture
def files(clock: ManualClock) -> Files:
    return Files(clock)


def cleaned(mill: Harness, *args: Any, **kwargs: Any) -> Cleaned:
    """What one job comes to."""
    job: Job[Cleaned] = mill.app.enqueue(named(mill, *args, **kwargs))
    mill.drain()
    return job.result(timeout=0)


def named(mill: Harness, *args: Any, **kwargs: Any) -> Any:
    """A call of the task."""
    return mill.app.included.modules["cleanup"].tasks["cleanup.clean"].bind(*args, **kwargs)


def test_old_files_go_and_young_ones_stay_and_it_says_how_many_and_how_much(
    cleanup: Cleanup, mill: Harness, folder: Path, files: Files
) -> None:
    cleanup.old_files("exports", folder, older_than="7d")
    young = files.make(folder / "young.csv", days=6)
    files.make(folder / "old.csv", days=8, size=100)
    files.make(folder / "deep" / "er" / "old.csv", days=30, size=23)
    done = cleaned(mill)
    (part,) = done.parts
    assert (done.removed, done.bytes, done.dry_run) == (2, 123, False)
    assert (part.seen, part.found, part.removed, part.kind) == (3, 2, 2, "files")
    assert [path for path in folder.rglob("*") if path.is_file()] == [young]
    (event,) = mill.events("cleanup.cleaned")
    assert event.payload["removed"] == {"exports": 2}


def test_a_dry_run_counts_the_same_and_touches_nothing(
    cleanup: Cleanup, mill: Harness, folder: Path, files: Files
) -> None:
    cleanup.old_files("exports", folder, older_than="7d")
    for number in range(250):
        files.make(folder / f"{number}", days=8, size=2)
    dry = cleaned(mill, dry_run=True)
    assert (dry.removed, dry.bytes, dry.parts[0].removed) == (250, 500, 0)
    assert len(list(folder.iterdir())) == 250
    assert mill.events("cleanup.*") == []
    done = cleaned(mill)
    assert (done.removed, done.bytes, list(folder.iterdir())) == (250, 500, [])


def test_only_files_of_the_pattern_go_and_folders_stay_with_it(
    cleanup: Cleanup, mill: Harness, folder: Path, files: Files
) -> None:
    cleanup.old_files("exports", folder, older_than="7d", pattern="*.csv")
    kept = files.make(folder / "old.txt", days=8)
    files.make(folder / "deep" / "old.csv", days=8)
    files.age(folder / "deep", days=8)
    assert cleaned(mill).removed == 1
    assert kept.exists()
    assert (folder / "deep").exists()


def test_folders_that_were_old_and_are_empty_then_go_but_not_one_that_is_new(
    cleanup: Cleanup, mill: Harness, folder: Path, files: Files
) -> None:
    cleanup.old_files("exports", folder, older_than="7d")
    files.make(folder / "2025" / "old.csv", days=8)
    files.age(folder / "2025", days=8)
    (folder / "just made").mkdir()
    files.age(folder / "just made", days=0)
    done = cleaned(mill)
    assert done.parts[0].folders == 1
    assert [path.name for path in folder.iterdir()] == ["just made"]


def test_links_are_neither_followed_nor_removed(
    cleanup: Cleanup, mill: Harness, folder: Path, files: Files, tmp_path: Path
) -> None:
    cleanup.old_files("exports", folder, older_than="7d")
    outside = files.make(tmp_path / "outside" / "precious", days=100)
    (folder / "to-file").symlink_to(outside)
    (folder / "to-folder").symlink_to(outside.parent)
    (folder / "loop").symlink_to(folder)
    done = cleaned(mill)
    assert (done.removed, done.parts[0].skipped) == (0, {"link": 3})
    assert outside.exists()
    assert (folder / "to-folder").is_symlink()


def test_a_folder_that_becomes_a_link_while_it_is_swept_is_not_left(
    cleanup: Cleanup, mill: Harness, folder: Path, files: Files, tmp_path: Path
) -> None:
    """Whoever may write there swaps folders for links as fast as it goes."""
    precious = [files.make(tmp_path / "outside" / f"{number}", days=100) for number in range(50)]
    for number in range(50):
        files.make(folder / f"{number}" / f"{number}", days=100)
    swapped = []

    def swap(before: datetime) -> int:
        for number in range(50):
            (folder / f"{number}").rename(tmp_path / f"moved-{number}")
            (folder / f"{number}").symlink_to(tmp_path / "outside")
            swapped.append(before)
        return 0

    cleanup.old_files("exports", folder, older_than="7d")
    rule = cleanup.old_rows("after the count", older_than="1d")(lambda _before, _limit: 0)
    rule.counted(swap)
    done = cleaned(mill, ["exports", "after the count"])
    assert len(swapped) == 50
    assert (done.removed, done.parts[0].skipped) == (0, {"link": 50})
    assert all(path.exists() for path in precious)


def test_what_is_mounted_below_is_not_entered(mill: Harness, cleanup: Cleanup) -> None:
    """`/dev` has a file system in `/dev/shm` wherever Linux runs."""
    mark = f"tidemill-{os.getpid()}-{time.monotonic_ns()}"
    mounted = Path("/dev/shm") / mark  # noqa: S108 - a mount is wanted
    mounted.touch()
    try:
        cleanup.old_files("devices", "/dev", older_than="1ms", pattern=mark)
        cleanup.old_files("memory", "/dev/shm", older_than="1ms", pattern=mark)  # noqa: S108 - as above
        os.utime(mounted, (0, 0))
        done = cleaned(mill, dry_run=True)
    finally:
        mounted.unlink()
    devices, memory = done.parts
    assert (devices.found, memory.found) == (0, 1)
    assert devices.skipped["mount"] >= 1


@pytest.mark.parametrize("path", ["/", "../exports", "a/../../b", "a\0b"])
def test_a_folder_that_nobody_should_sweep_is_refused(cleanup: Cleanup, path: str) -> None:
    with pytest.raises(errors.InvalidOption, match="not one to be swept"):
        cleanup.old_files("exports", path, older_than="7d")


@pytest.mark.parametrize("pattern", ["", "../*", "a/b", "*\0"])
def test_a_pattern_that_is_a_path_is_refused(cleanup: Cleanup, folder: Path, pattern: str) -> None:
    with pytest.raises(errors.InvalidOption, match="pattern"):
        cleanup.old_files("exports", folder, older_than="7d", pattern=pattern)


def test_a_folder_that_is_a_link_itself_is_refused(
    cleanup: Cleanup, mill: Harness, folder: Path, files: Files, tmp_path: Path
) -> None:
    kept = files.make(folder / "old", days=100)
    (tmp_path / "link").symlink_to(folder)
    cleanup.old_files("exports", tmp_path / "link", older_than="7d")
    job = mill.app.enqueue(named(mill))
    mill.drain()
    seen = job.snapshot()
    assert (seen.state, seen.attempt) == (State.FAILED, 1)
    assert seen.error is not None
    assert "not a link to one" in seen.error.message
    assert kept.exists()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((["../etc"],), "does not clean"),
        ((["/etc"],), "does not clean"),
        ((["exports"], "1s"), "older than was declared"),
        ((["exports"], "0s"), "older than was declared"),
    ],
)
def test_a_job_can_name_no_other_folder_and_no_younger_age(
    cleanup: Cleanup, mill: Harness, folder: Path, files: Files, arguments: Any, says: str
) -> None:
    kept = files.make(folder / "young", days=1)
    cleanup.old_files("exports", folder, older_than="7d")
    names, *age = arguments
    job = mill.app.enqueue(named(mill, names, older_than=age[0] if age else ""))
    mill.drain()
    seen = job.snapshot()
    assert (seen.state, seen.attempt) == (State.FAILED, 1)
    assert seen.error is not None
    assert says in seen.error.message
    assert kept.exists()


def test_a_job_may_ask_for_an_older_age(
    cleanup: Cleanup, mill: Harness, folder: Path, files: Files
) -> None:
    cleanup.old_files("exports", folder, older_than="7d")
    kept = files.make(folder / "eight", days=8)
    files.make(folder / "thirty", days=31)
    assert cleaned(mill, older_than="30d").removed == 1
    assert kept.exists()


def test_what_the_system_does_not_let_go_is_named_and_the_job_goes_on(
    cleanup: Cleanup, mill: Harness
) -> None:
    """Nobody can remove a file of `/proc`, not even root."""
    cleanup.old_files("process", f"/proc/{os.getpid()}", older_than="1ms", pattern="cmdline")
    mill.clock.advance(time.time() + 10 - mill.clock.now() / 1_000)
    (part,) = cleaned(mill).parts
    assert (part.removed, part.bytes) == (0, 0)
    assert part.skipped["refused"] >= 1
    assert "cmdline" in part.refused


def test_a_name_is_told_without_what_a_terminal_would_obey() -> None:
    part = Part(name="exports", kind="files")
    part.skip("refused", "bad\x1b[31m\n\u2028name")
    assert part.refused == [r"bad\x1b[31m\n\u2028name"]


def test_what_lies_too_deep_is_left_alone(
    cleanup: Cleanup, mill: Harness, folder: Path, files: Files
) -> None:
    cleanup.old_files("exports", folder, older_than="7d")
    deep = folder
    for number in range(101):
        deep /= str(number)
    kept = files.make(deep / "old", days=8)
    files.make(folder / "old", days=8)
    done = cleaned(mill)
    assert (done.removed, done.parts[0].skipped) == (1, {"deep": 1})
    assert kept.exists()


def test_a_file_with_another_name_elsewhere_frees_no_bytes(
    cleanup: Cleanup, mill: Harness, folder: Path, files: Files, tmp_path: Path
) -> None:
    cleanup.old_files("exports", folder, older_than="7d")
    (tmp_path / "elsewhere").hardlink_to(files.make(folder / "old", days=8, size=1_000))
    done = cleaned(mill)
    assert (done.removed, done.bytes) == (1, 0)
    assert (tmp_path / "elsewhere").exists()


def test_sockets_and_pipes_are_left_alone(
    cleanup: Cleanup, mill: Harness, folder: Path, files: Files
) -> None:
    cleanup.old_files("exports", folder, older_than="7d")
    os.mkfifo(folder / "pipe")
    files.age(folder / "pipe", days=8)
    assert cleaned(mill).parts[0].skipped == {"special": 1}


def test_a_folder_that_is_not_there_is_said_and_no_failure(
    cleanup: Cleanup, mill: Harness, folder: Path
) -> None:
    cleanup.old_files("exports", folder / "later", older_than="7d")
    done = cleaned(mill)
    assert (done.removed, done.parts[0].missing) == (0, True)


def test_cached_files_go_by_when_they_were_last_used(
    cleanup: Cleanup, mill: Harness, folder: Path, files: Files
) -> None:
    cleanup.cache("thumbnails", folder, unused_for="7d")
    used = files.make(folder / "read yesterday", days=100, used=1)
    files.make(folder / "forgotten", days=100, used=8)
    assert cleaned(mill).removed == 1
    assert used.exists()


def test_a_cache_that_is_too_large_loses_what_was_unused_the_longest(
    cleanup: Cleanup, mill: Harness, folder: Path, files: Files
) -> None:
    cleanup.cache("thumbnails", folder, unused_for="365d", most_bytes=250)
    for days in range(1, 6):
        files.make(folder / f"{days}", days=days, size=100)
    done = cleaned(mill)
    assert (done.removed, done.bytes) == (3, 300)
    assert sorted(path.name for path in folder.iterdir()) == ["1", "2"]
    assert cleaned(mill).removed == 0


def test_a_cache_may_be_emptied(
    cleanup: Cleanup, mill: Harness, folder: Path, files: Files
) -> None:
    cleanup.cache("thumbnails", folder, unused_for="365d", most_bytes=0)
    files.make(folder / "a", days=0)
    assert cleaned(mill).removed == 1


def test_records_go_by_a_field_of_their_values(cleanup: Cleanup, mill: Harness) -> None:
    records = mill.app.records("webhook.log")
    now = mill.clock.now()
    for number in range(450):
        records.put(f"{number:03d}", {"at": now - number * DAY * 1_000})
    records.put("text", {"at": datetime.fromtimestamp(now / 1_000 - 40 * DAY, UTC).isoformat()})
    records.put("undated", {"on": 1})
    cleanup.old_records("deliveries", records, older_than="30d")
    assert cleaned(mill, dry_run=True).removed == 420
    done = cleaned(mill)
    assert (done.removed, done.parts[0].skipped) == (420, {"undated": 1})
    assert len(records.find(limit=1_000)) == 32


def test_a_record_that_was_changed_meanwhile_stays(cleanup: Cleanup, mill: Harness) -> None:
    records = mill.app.records("log")
    records.put("a", {"at": 0})

    class Busy:
        """Records of which one is changed each time that they were read."""

        def find(self, after: str, limit: int) -> Any:
            found = records.find(after=after, limit=limit)
            for each in found:
                records.put(each.key, {"at": 0, "read": True})
            return found

        def delete(self, key: str, version: int) -> bool:
            return records.delete(key, version=version)

    cleanup.old_records("log", Busy(), older_than="1d")
    done = cleaned(mill)
    assert (done.removed, done.parts[0].skipped) == (0, {"changed": 1})
    assert records.get("a") is not None


def test_rows_of_a_database_go_some_at_a_time(cleanup: Cleanup, mill: Harness) -> None:
    database = sqlite3.connect(":memory:", check_same_thread=False)
    database.execute("CREATE TABLE session (id INTEGER PRIMARY KEY, at REAL)")
    now = mill.clock.now() / 1_000
    rows = [(now - days * DAY,) for days in range(95)]
    database.executemany("INSERT INTO session (at) VALUES (?)", rows)
    calls = []

    @cleanup.old_rows("sessions", older_than="30d", at_once=10)
    def sessions(before: datetime, limit: int) -> int:
        calls.append(current().id)
        old = "SELECT id FROM session WHERE at < ? LIMIT ?"
        return database.execute(
            f"DELETE FROM session WHERE id IN ({old})",  # noqa: S608 - written above
            (before.timestamp(), limit),
        ).rowcount

    @sessions.counted
    def count(before: datetime) -> int:
        (found,) = database.execute(
            "SELECT count(*) FROM session WHERE at < ?", (before.timestamp(),)
        ).fetchone()
        return int(found)

    assert cleaned(mill, dry_run=True).removed == 64
    assert not calls
    assert cleaned(mill).removed == 64
    assert len(calls) == 8
    assert database.execute("SELECT count(*) FROM session").fetchone() == (31,)
    database.close()


def test_what_cannot_be_cleaned_keeps_the_others_from_nothing_and_the_job_is_tried_again(
    cleanup: Cleanup, mill: Harness, folder: Path, files: Files
) -> None:
    tries = []

    @cleanup.old_rows("sessions", older_than="30d")
    def sessions(_before: datetime, _limit: int) -> int:
        tries.append(1)
        if len(tries) == 1:
            raise OSError("the database is away")
        return 0

    sessions.counted(lambda _before: 0)
    cleanup.old_files("exports", folder, older_than="7d")
    files.make(folder / "old", days=8)
    job = mill.app.enqueue(named(mill))
    mill.drain()
    mill.assert_state(job, State.RETRYING)
    assert not list(folder.iterdir())
    mill.advance("1m")
    mill.assert_state(job, State.COMPLETED)


def test_a_sweep_that_is_cancelled_ends_soon(
    cleanup: Cleanup, mill: Harness, folder: Path, files: Files
) -> None:
    for number in range(300):
        files.make(folder / f"{number}", days=8)
    cleanup.old_files("exports", folder, older_than="7d")

    @cleanup.old_rows("sessions", older_than="1d")
    def sessions(_before: datetime, _limit: int) -> int:
        return 0

    @sessions.counted
    def count(_before: datetime) -> int:
        job = current()
        mill.app.jobs.cancel(job.id)
        end = time.monotonic() + 10
        while not job.cancelled and time.monotonic() < end:
            time.monotonic()
        return 0

    job = mill.app.enqueue(named(mill, ["sessions", "exports"]))
    mill.drain()
    assert job.state is State.CANCELLED
    assert len(list(folder.iterdir())) == 300


def test_folders_may_be_named_by_the_settings(folder: Path, clock: ManualClock) -> None:
    files = Files(clock)
    files.make(folder / "old.csv", days=8)
    kept = files.make(folder / "old.txt", days=8)
    app = Tidemill("memory://")
    said = {"path": str(folder), "older_than": "7d", "pattern": "*.csv"}
    app.include(Cleanup(), settings={"folders": {"exports": said}})
    with in_memory(app, clock) as mill:
        assert cleaned(mill).removed == 1
    assert kept.exists()


@pytest.mark.parametrize(
    ("declare", "says"),
    [
        (lambda kit: kit.old_files("a", "b", older_than="0s"), "would mean everything"),
        (lambda kit: kit.cache("a", "b", most_bytes=-1), "most_bytes=-1"),
        (lambda kit: kit.old_rows("a", older_than="1d", at_once=0)(len), "at_once=0"),
        (lambda kit: kit.old_files("twice", "b", older_than="1d"), "already"),
    ],
)
def test_what_makes_no_sense_is_refused_where_it_is_written(
    cleanup: Cleanup, declare: Any, says: str
) -> None:
    cleanup.old_files("twice", "a", older_than="1d")
    with pytest.raises(errors.InvalidOption, match=says):
        declare(cleanup)


def test_rows_that_nobody_can_count_or_that_are_awaited_are_refused(
    cleanup: Cleanup, mill: Harness
) -> None:
    async def awaited(_before: datetime, _limit: int) -> int:
        return 0

    declare: Any = cleanup.old_rows("awaited", older_than="1d")
    with pytest.raises(errors.InvalidOption, match="async def"):
        declare(awaited)

    cleanup.old_rows("sessions", older_than="1d")(lambda _before, _limit: 0)
    job = mill.app.enqueue(named(mill))
    mill.drain()
    error = job.snapshot().error
    assert error is not None
    assert "nobody has said how sessions are counted" in error.message
