"""Data of servers is kept in memory where that does, and nowhere that was not asked for."""

from pathlib import Path

import pytest

from tests.folders import in_memory


def test_a_folder_with_room_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TMPDIR", raising=False)
    assert in_memory(tmp_path, room=1) == tmp_path
    assert in_memory(tmp_path, room=2**60) is None
    assert in_memory(tmp_path / "missing", room=1) is None


def test_who_has_named_a_folder_is_obeyed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    assert in_memory(tmp_path, room=1) is None
