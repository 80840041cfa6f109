"""Files and folders: what is old goes; what is young, and what lies elsewhere, stays."""

import os
import time
from datetime import datetime
from pathlib import Path

import pytest

from tests.kits.cleanup.conftest import Files, cleaned, named
from tidemill import State, errors
from tidemill.kits.cleanup import Cleanup, Part
from tidemill.testing import Harness


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


@pytest.mark.parametrize("path", ["/", "../exports", "a/../../b", "a\0b", "", "."])
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
