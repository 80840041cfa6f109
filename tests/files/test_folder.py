"""Where files lie: closed to others, by names that nobody chooses, and no link is followed."""

import os
import stat
from pathlib import Path
from typing import Any

import pytest

from tests.files.lying import lying, sweep
from tests.files.test_files import made, read
from tidemill import Tidemill, errors
from tidemill.testing import in_memory
from tidemill.testing.clock import ManualClock


def mode(path: Path) -> int:
    """Who may do what with it."""
    return stat.S_IMODE(path.lstat().st_mode)


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd",
        "/etc/passwd",
        "..",
        ".hidden.",
        "a/b",
        "a\\b",
        "C:a",
        "nul\0.txt",
        "CON",
        "lpt1.txt",
        "Aux.csv",
        "a\r\nX: y",
        'a"b',
        " a",
        "a.",
        "",
        "x" * 201,
        "\u202eexe.csv",
        7,
    ],
)
def test_a_path_or_a_name_that_no_system_keeps_is_refused(
    app: Tidemill, folder: Path, name: Any
) -> None:
    with pytest.raises(errors.InvalidName):
        app.files.create(name)
    assert not folder.exists()


@pytest.mark.parametrize(
    "name", ["%2e%2e%2fpasswd", "Zoë's audits, März.csv", "a.profile.d", "x" * 200]
)
def test_the_place_of_a_file_has_no_part_of_its_name(
    app: Tidemill, folder: Path, name: str
) -> None:
    file = made(app, name=name)
    assert lying(folder) == [f"{file.id[:2]}/{file.id}"] == [file.path]
    assert app.files.where(file) == folder / file.path
    assert len(file.id) == 32


def test_the_folder_and_what_lies_in_it_are_closed_to_others(app: Tidemill, folder: Path) -> None:
    before = os.umask(0)
    try:
        file = made(app)
    finally:
        os.umask(before)
    where = app.files.where(file)
    assert [mode(each) for each in (folder, where.parent, where)] == [0o700, 0o700, 0o600]


@pytest.mark.parametrize("bits", [0o755, 0o770, 0o701])
def test_a_folder_that_is_open_to_others_is_refused(app: Tidemill, folder: Path, bits: int) -> None:
    folder.mkdir()
    folder.chmod(bits)
    with pytest.raises(errors.InvalidOption, match="chmod 700"):
        made(app)
    assert app.open().records.find("file_mark").wait() == ()


def test_a_link_in_the_place_of_a_file_is_not_followed(
    app: Tidemill, folder: Path, tmp_path: Path
) -> None:
    file = made(app)
    secret = tmp_path / "secret"
    secret.write_text("secret")
    where = app.files.where(file)
    where.unlink()
    where.symlink_to(secret)
    with pytest.raises(errors.TidemillError):
        read(app, file)
    app.files.delete(file)
    assert secret.read_text() == "secret"
    assert lying(folder) == []


def test_a_link_in_the_place_of_a_folder_is_not_followed(app: Tidemill, tmp_path: Path) -> None:
    file = made(app)
    elsewhere = tmp_path / "elsewhere"
    inner = app.files.where(file).parent
    inner.rename(elsewhere)
    inner.symlink_to(elsewhere)
    with pytest.raises(errors.TidemillError):
        read(app, file)
    with pytest.raises(errors.TidemillError):
        app.files.delete(file)
    assert (elsewhere / file.id).exists()


def test_a_file_that_is_gone_from_the_folder_is_told_as_such(app: Tidemill) -> None:
    file = made(app)
    app.files.where(file).unlink()
    with pytest.raises(errors.NotFound, match="all nodes share"):
        read(app, file)


def test_what_is_no_folder_is_refused(app: Tidemill, folder: Path) -> None:
    folder.write_text("a file")
    with pytest.raises(errors.TidemillError, match=r"no folder|Not a directory"):
        made(app)


def test_a_full_disk_is_told_as_one_and_nothing_is_kept(app: Tidemill, folder: Path) -> None:
    def fills() -> None:
        with app.files.create("a.txt") as out:
            full = os.open("/dev/full", os.O_WRONLY)
            os.dup2(full, out.fileno())
            os.close(full)
            out.write(b"x" * 1_000_000)

    with pytest.raises(errors.StoreFull):
        fills()
    assert lying(folder) == []
    assert app.files.find() == []


def test_files_lie_beside_a_store_in_a_file(tmp_path: Path) -> None:
    with Tidemill(f"sqlite:///{tmp_path}/jobs.db") as app:
        file = made(app)
        assert lying(tmp_path / "jobs.db-files") == [file.path]


def test_files_of_a_server_lie_beside_the_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tidemill.toml").write_text("")
    (tmp_path / "inner").mkdir()
    monkeypatch.chdir(tmp_path / "inner")
    (tmp_path / "pyproject.toml").write_text("")
    files = Tidemill("postgresql://nobody@localhost/none").files
    assert files.house.folder() == tmp_path / "tidemill-files"


def test_a_folder_in_the_settings_counts_from_their_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tidemill.toml").write_text('[files]\nfolder = "kept"\n')
    monkeypatch.chdir(tmp_path)
    assert Tidemill("memory://").files.house.folder() == tmp_path / "kept"


async def test_files_of_a_store_in_memory_are_removed_with_their_folder_when_it_is_closed() -> None:
    app = Tidemill("memory://")
    before = app.files.house.folder()
    made(app)
    app.close()
    assert not before.exists()
    app.close()
    # Who goes on after that begins anew.
    where = app.files.where(made(app))
    assert where.exists()
    await app.aclose()
    assert not where.exists()


def test_a_process_that_was_forked_leaves_the_files_of_the_other_one_alone() -> None:
    with Tidemill("memory://") as app:
        where = app.files.where(made(app))
        child = os.fork()
        if child == 0:
            app.close()
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
        assert where.exists()


def test_a_test_in_memory_leaves_the_applications_own_folder_alone(tmp_path: Path) -> None:
    app = Tidemill(f"sqlite:///{tmp_path}/jobs.db")
    with in_memory(app):
        made(app)
    assert list(tmp_path.iterdir()) == []


def test_the_duty_deletes_slice_by_slice_and_leaves_what_has_not_expired(
    app: Tidemill, folder: Path, clock: ManualClock
) -> None:
    old = [made(app, expires="1h") for _ in range(5)]
    young = made(app, expires="2h")
    clock.advance("1h")
    assert [sweep(app, limit=3) for _ in range(2)] == [0, None]
    assert lying(folder) == [young.path]
    assert old[0].path not in lying(folder)


def test_the_duty_comes_back_to_what_it_cannot_delete(
    app: Tidemill, folder: Path, clock: ManualClock, tmp_path: Path
) -> None:
    file = made(app, expires="1h")
    clock.advance("1h")
    inner = app.files.where(file).parent
    inner.rename(tmp_path / "away")
    inner.write_text("in its place")
    assert sweep(app, limit=1) is None
    inner.unlink()
    (tmp_path / "away").rename(inner)
    assert sweep(app) is None
    assert lying(folder) == []
