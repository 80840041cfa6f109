"""One name means one function."""

import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tidemill.core.errors import DuplicateTask, InvalidOption, UnknownTask
from tidemill.tasks.declaration import Declaration
from tidemill.tasks.discovery import load
from tidemill.tasks.options import read_options
from tidemill.tasks.registry import Registry


def one() -> None: ...
def other() -> None: ...
def unusable(value: Any) -> None: ...


unusable.__annotations__["value"] = "Nowhere"


def declare(function: Callable[..., Any], name: str = "") -> Declaration[Any]:
    return Declaration(function, read_options(function, {}), name=name)


def test_it_knows_what_it_was_given() -> None:
    registry = Registry()
    registry.add(declare(one, "mail.welcome"))
    registry.add(declare(other, "mail.remind"))
    assert registry.get("mail.welcome").function is one
    assert [declaration.name for declaration in registry] == ["mail.welcome", "mail.remind"]
    assert "mail.remind" in registry
    assert len(registry) == 2
    with pytest.raises(UnknownTask, match=r"did you mean mail.welcome"):
        registry.get("mail.wellcome")


def test_two_functions_may_not_share_a_name() -> None:
    registry = Registry()
    registry.add(declare(one, "task"))
    registry.add(declare(one, "task"))
    with pytest.raises(DuplicateTask, match=r"test_registry.py:\d+ and .*test_registry.py:\d+"):
        registry.add(declare(other, "task"))
    assert registry.get("task").function is one


def test_a_module_may_be_imported_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "shop_again.py").write_text("def sell(): ...\n")
    monkeypatch.syspath_prepend(tmp_path)
    registry = Registry()
    module = importlib.import_module("shop_again")
    registry.add(declare(module.sell))
    again = importlib.reload(module)
    registry.add(declare(again.sell))
    assert registry.get("shop_again.sell").function is again.sell


def test_annotations_can_be_checked_before_the_first_job() -> None:
    registry = Registry()
    registry.add(declare(one))
    registry.check()
    registry.add(declare(unusable))
    with pytest.raises(InvalidOption, match=r"Nowhere"):
        registry.check()


FILES = {
    "good_app.py": "class app: registry = []\nregistry = app.registry\n",
    "broken_app.py": "raise ValueError('no such setting')\n",
    "hungry_app.py": "import surely_not_installed\n",
}


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        ("good_app", "names no application"),
        (":registry", 'names no application .* as "package.module:registry"'),
        ("good_app.py:registry", 'names no application .* as "good_app:registry"'),
        ("./good/app.py", 'names no application .* as "good.app:app"'),
        ("nowhere_app:app", "no module is called 'nowhere_app'"),
        ("good_app.sub:app", "no module is called 'good_app.sub'|is not a package"),
        ("good_app:ap", "has no 'ap' .it has registry"),
        ("good_app:app", "is a type, not a list .it has registry"),
        ("broken_app:app", "importing 'broken_app' raised ValueError: no such setting"),
        ("hungry_app:app", "'hungry_app' raised ModuleNotFoundError: .*surely_not_installed"),
    ],
)
def test_what_cannot_be_loaded_is_explained(
    reference: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    with pytest.raises(InvalidOption, match=said):
        load(reference, list)
    assert load("good_app:registry", list) == []
    assert load("good_app:app.registry", list) == []
