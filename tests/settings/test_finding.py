"""Where settings are found, and which place counts."""

from pathlib import Path

import pytest

from tests.settings.writing import put
from tidemill.core.instants import millis
from tidemill.core.retention import Keep
from tidemill.engines import file_of
from tidemill.settings import CONFIG, load


def test_a_file_is_read_and_names_its_place(project: Path) -> None:
    file = put(project, 'tenant = "acme"\n[worker]\nqueues = ["mail", "slow"]\nlease = "1m"\n')
    found = load({}, project)
    assert found.file == file
    assert found.get("tenant", "") == "acme"
    assert found.worker() == {"queues": ("mail", "slow"), "lease": "1m"}
    assert found.origin("tenant") == str(file)
    assert found.origin("url") == ""


def test_a_file_is_found_upward_to_the_root_of_the_project(project: Path) -> None:
    deep = project / "src" / "shop"
    deep.mkdir(parents=True)
    file = put(project, 'tenant = "acme"')
    assert load({}, deep).file == file
    nearer = put(project / "src", 'tenant = "other"')
    assert load({}, deep).file == nearer


@pytest.mark.parametrize("mark", ["pyproject.toml", ".git"])
def test_nothing_above_the_root_of_the_project_is_read(tmp_path: Path, mark: str) -> None:
    put(tmp_path, "nonsense = 1")
    inner = tmp_path / "inner"
    (inner / mark).mkdir(parents=True)
    assert load({}, inner).file is None


def test_without_a_root_only_the_folder_itself_counts(tmp_path: Path) -> None:
    put(tmp_path, "nonsense = 1")
    inner = tmp_path / "inner"
    inner.mkdir()
    assert load({}, inner).file is None
    assert load({}, put(inner, "").parent).file == inner / "tidemill.toml"


def test_a_working_directory_that_is_gone_holds_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert load({}).file is None


def test_a_variable_names_the_file(project: Path) -> None:
    elsewhere = project / "other.toml"
    elsewhere.write_text('tenant = "acme"')
    put(project, 'tenant = "near"')
    assert load({CONFIG: str(elsewhere)}, project).get("tenant", "") == "acme"
    assert load({CONFIG: ""}, project).get("tenant", "") == "near"


def test_the_environment_goes_before_the_file_unless_it_is_empty(project: Path) -> None:
    put(project, 'tenant = "file"\n[keep]\nfailed = "1d"\n')
    found = load({"TIDEMILL_TENANT": "variable", "TIDEMILL_KEEP_FAILED": ""}, project)
    assert found.get("tenant", "") == "variable"
    assert found.origin("tenant") == "TIDEMILL_TENANT"
    assert found.keep() == Keep(failed=millis("1d"))


def test_a_path_in_a_file_counts_from_the_folder_of_the_file(project: Path) -> None:
    put(project, 'url = "sqlite:///some jobs.db?patience=3s"')
    deep = project / "deep"
    deep.mkdir()
    url = load({}, deep).get("url", "")
    assert file_of(url) == project / "some jobs.db"
    assert url.endswith("?patience=3s")
    assert load({"TIDEMILL_URL": "sqlite:///x.db"}, deep).get("url", "") == "sqlite:///x.db"
