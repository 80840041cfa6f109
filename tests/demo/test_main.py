"""The demo's way of beginning and telling: earlier runs stay, and paths stay in one piece."""

import io
from pathlib import Path

from rich.console import Console

from tidemill.demo.main import _tell, make_place


def test_every_run_has_a_folder_of_its_own(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "demo"
    (folder / "run-2").mkdir(parents=True)
    (folder / "run-2" / "theirs").touch()
    assert [make_place(folder).name for _ in range(3)] == ["run-1", "run-3", "run-4"]
    assert (folder / "run-2" / "theirs").exists()


def test_a_path_is_told_whole_and_a_message_is_cut_to_the_width() -> None:
    written = io.StringIO()
    console = Console(file=written, width=20)
    _tell(console, "Report", "/a/" + "long/" * 10 + "[path]")
    _tell(console, "", "a long message about it", whole=False)
    assert written.getvalue().splitlines() == [
        "Report   /a/" + "long/" * 10 + "[path]",
        "         a long mes…",
    ]
