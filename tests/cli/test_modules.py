"""`tidemill modules`: looking, disabling, enabling, and beginning one that passes its tests."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Refused, Type
from tidemill import Module, Tidemill
from tidemill.core.errors import InvalidName, InvalidOption
from tidemill.modules.beginning import begin
from tidemill.modules.record import ModuleRecord


@pytest.fixture
def billing(app: Tidemill) -> Module:
    """A module that a node has told of."""
    module = Module(
        "billing",
        version="1.2.0",
        description="Sends bills.",
        permissions={"queues": ["mail"]},
        quotas={"concurrency": 2, "rate": "100/1m", "per_hour": 500},
    )

    @module.task
    def charge() -> None:
        """Send a bill."""

    app.include(module)
    app.included.publish()
    return module


def test_modules_are_listed_with_their_state(app: Tidemill, billing: Module, typed: Type) -> None:
    app.modules.publish([], [ModuleRecord(name="odd", place="/m/odd", error="no manifest")])
    rows = typed("modules", "list").splitlines()
    quotas = "at once 2, rate 100/1m, an hour 500"
    assert rows[1].split("\t") == ["billing", "1.2.0", "enabled", "1", "0", quotas, "Sends bills."]
    assert rows[2].split("\t") == ["odd", "", "left out", "0", "0", "", "no manifest"]
    (first, _) = json.loads(typed("modules", "list", "--json"))
    assert first["tasks"] == ["billing.charge"]
    shown = typed("modules", "show", billing.name)
    assert "billing, mail" in shown
    assert json.loads(typed("modules", "show", billing.name, "--json")) == first


def test_without_modules_the_list_says_so(typed: Type) -> None:
    assert typed("modules", "list") == "No node has told of a module.\n"


def test_a_module_is_disabled_and_enabled(app: Tidemill, billing: Module, typed: Type) -> None:
    said = typed("modules", "disable", billing.name, "--note", "too dear")
    assert said == "billing is disabled\n"
    assert "too dear" in typed("modules", "list")
    assert [rules.task for rules in app.queues.paused_tasks()] == ["billing.charge"]
    assert typed("modules", "enable", billing.name) == "billing is enabled\n"
    assert app.queues.paused_tasks() == []


def test_a_module_that_no_node_has_told_of_is_told_as_an_error(
    app: Tidemill, refused: Refused
) -> None:
    code, said = refused("modules", "disable", "news", "--url", app.url)
    assert (code, said.splitlines()[0]) == (1, "error: there is no module 'news'")


def test_a_new_module_passes_its_own_tests_at_once_and_is_found(
    tmp_path: Path, typed: Type, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    said = typed("modules", "new", "my-greeter")
    made = tmp_path / "modules" / "my-greeter"
    assert {each.name for each in made.iterdir()} == {
        "module.toml",
        "handlers.py",
        "test_my_greeter.py",
    }
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(made)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "3 passed" in ran.stdout
    settings = said[said.index("[modules]") :]
    (tmp_path / "tidemill.toml").write_text(settings)
    app = Tidemill("memory://")
    app.discover()
    assert list(app.included.modules) == ["my-greeter"]


@pytest.mark.parametrize("name", ["With Space", "../up", "tidemill", "Big", ""])
def test_a_name_that_is_none_makes_no_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidName):
        begin(name, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_there_is_left_alone(tmp_path: Path) -> None:
    begin("billing", tmp_path)
    with pytest.raises(InvalidOption, match="is there already"):
        begin("billing", tmp_path)
