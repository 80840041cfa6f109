"""Temporary files are made in memory where that does, and nowhere that was not asked for."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.folders import in_memory


@pytest.fixture(autouse=True)
def _as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is set here ends with the test."""
    monkeypatch.setenv("TMPDIR", "")
    monkeypatch.setattr(tempfile, "tempdir", tempfile.gettempdir())


def test_files_of_ours_and_of_programs_are_made_in_it(tmp_path: Path) -> None:
    assert in_memory(tmp_path, room=1)
    assert Path(tempfile.mkdtemp()).parent == tmp_path
    asked = [sys.executable, "-c", "import tempfile; print(tempfile.gettempdir())"]
    said = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
    assert said.strip() == str(tmp_path)


def test_one_without_room_is_left_alone(tmp_path: Path) -> None:
    before = tempfile.gettempdir()
    assert not in_memory(tmp_path, room=2**60)
    assert not in_memory(tmp_path / "missing", room=1)
    assert (tempfile.gettempdir(), os.environ["TMPDIR"]) == (before, "")


def test_who_has_named_a_folder_is_obeyed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", "/var/tmp")  # noqa: S108 - no file is made in it
    assert not in_memory(tmp_path, room=1)
    assert os.environ["TMPDIR"] == "/var/tmp"  # noqa: S108 - the same
