"""What `tidemill worker` says of the store before it takes jobs."""

import logging
from pathlib import Path

import pytest

from tidemill.cli.work import tell_store
from tidemill.settings import load


@pytest.fixture(autouse=True)
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.INFO, "tidemill.worker")
    return caplog


def test_it_says_where_jobs_are_kept_whole(
    log: pytest.LogCaptureFixture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    tell_store("sqlite:///jobs.db", load({}))
    assert log.messages == [f"jobs are kept in {tmp_path}/jobs.db"]


def test_it_warns_where_commands_would_look_at_another_store(
    log: pytest.LogCaptureFixture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    below = tmp_path / "below"
    below.mkdir()
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "tidemill.toml").write_text('url = "sqlite:///jobs.db"')
    monkeypatch.chdir(tmp_path)
    tell_store("sqlite:///jobs.db", load({}))
    assert [record.levelname for record in log.records] == ["INFO"]
    monkeypatch.chdir(below)
    tell_store("sqlite:///jobs.db", load({}))
    assert log.records[-1].levelname == "WARNING"
    assert log.messages[-1].startswith(
        f"{tmp_path}/tidemill.toml sets another store, {tmp_path}/jobs.db: "
    )
