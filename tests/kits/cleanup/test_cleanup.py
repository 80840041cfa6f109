"""Cleanup: what a job may ask for, what it does when a part fails, and how soon it ends."""

import time
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.kits.cleanup.conftest import Files, cleaned, named
from tidemill import State, Tidemill, current, errors
from tidemill.kits.cleanup import Cleanup
from tidemill.testing import Harness, ManualClock, in_memory


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


def test_a_list_of_nothing_is_not_everything(
    cleanup: Cleanup, mill: Harness, folder: Path, files: Files
) -> None:
    kept = files.make(folder / "old", days=100)
    cleanup.old_files("exports", folder, older_than="7d")
    job = mill.app.enqueue(named(mill, []))
    mill.drain()
    error = job.snapshot().error
    assert error is not None
    assert "nothing is named" in error.message
    assert kept.exists()


@pytest.mark.parametrize("said", [{"path": "/"}, {"path": ""}, {"path": "a", "older_than": "soon"}])
def test_settings_that_make_no_sense_are_refused_where_they_are_read(said: Any) -> None:
    with pytest.raises(errors.InvalidOption):
        Tidemill("memory://").include(Cleanup(), settings={"folders": {"exports": said}})


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
