"""Modules are found in folders and by entry points; a broken one is named, and the others run."""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tidemill import Module, Tidemill, current, errors
from tidemill.testing import in_memory

GOOD = {"name": "good", "version": "1", "jobs": [{"name": "run", "handler": "h.py:run"}]}


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A project whose settings include every module of one folder."""
    (tmp_path / "tidemill.toml").write_text('[modules]\nfolders = ["modules"]\ninclude = ["*"]\n')
    monkeypatch.chdir(tmp_path)
    (tmp_path / "modules").mkdir()
    before = list(sys.path)
    yield tmp_path / "modules"
    sys.path[:] = before


def lying(folder: Path, manifest: object, code: str = "def run(): return 'ran'") -> None:
    """A module in a folder."""
    folder.mkdir()
    (folder / "module.json").write_text(json.dumps(manifest))
    (folder / "h.py").write_text(code)


def installed(project: Path, *points: str, code: str = "") -> None:
    """An installed package that names modules."""
    site = project / "site"
    info = site / "shop-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: shop\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[tidemill.modules]\n" + "\n".join(points) + "\n")
    (site / "shop_of_tests.py").write_text(code)
    sys.modules.pop("shop_of_tests", None)
    sys.path.insert(0, str(site))


def test_modules_of_a_folder_are_included_and_folders_without_a_manifest_are_none(
    folders: Path,
) -> None:
    lying(folders / "good", GOOD)
    (folders / "notes").mkdir()
    app = Tidemill("memory://")
    with in_memory(app) as mill:
        job = app.enqueue("good.run")
        mill.drain()
        assert job.result(timeout=0) == "ran"
        assert [each.name for each in app.modules.find()] == ["good"]


def test_a_task_of_a_module_that_is_found_is_known_by_name_at_once(folders: Path) -> None:
    lying(folders / "good", GOOD)
    assert Tidemill("memory://").registry.get("good.run").name == "good.run"


def test_nothing_is_included_that_the_settings_do_not_name(folders: Path) -> None:
    lying(folders / "good", GOOD)
    lying(folders / "other", {**GOOD, "name": "other"}, code="raise RuntimeError('not imported')")
    (folders.parent / "tidemill.toml").write_text('[modules]\nfolders = ["modules"]\n')
    app = Tidemill("memory://")
    app.discover()
    assert (app.included.modules, app.included.broken) == ({}, [])
    (folders.parent / "tidemill.toml").write_text(
        '[modules]\nfolders = ["modules"]\ninclude = ["good"]\n'
    )
    app = Tidemill("memory://")
    app.discover()
    assert (list(app.included.modules), app.included.broken) == (["good"], [])


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("def run(:", "SyntaxError"),
        ("raise RuntimeError('no key')", "no key"),
        ("def walk(): ...", "names 'run'"),
        ("def run(x: 'Nowhere'): ...", "Nowhere"),
    ],
)
def test_a_broken_module_is_named_with_its_error_and_the_others_run(
    folders: Path, code: str, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    lying(folders / "broken", {**GOOD, "name": "broken"}, code=code)
    lying(folders / "good", GOOD)
    app = Tidemill("memory://")
    with in_memory(app) as mill:
        job = app.enqueue("good.run")
        mill.drain()
        assert job.result(timeout=0) == "ran"
        broken = app.modules.get("broken")
        assert said in broken.error
        assert said in caplog.text
        assert "broken is left out" not in app.modules.get("good").error


def test_a_manifest_that_cannot_be_read_is_called_as_its_folder_is(folders: Path) -> None:
    lying(folders / "odd", [])
    app = Tidemill("memory://")
    app.discover()
    (broken,) = app.included.broken
    assert broken.name == "odd"
    assert "module.json" in broken.error


def test_a_module_that_brings_what_it_may_not_is_left_out_whole(folders: Path) -> None:
    jobs = [
        {"name": "run", "handler": "h.py:run"},
        {"name": "walk", "handler": "h.py:run", "queue": "mail"},
    ]
    lying(folders / "greedy", {**GOOD, "name": "greedy", "jobs": jobs})
    app = Tidemill("memory://")
    app.discover()
    assert "permissions.queues" in app.included.broken[0].error
    assert "greedy.run" not in app.registry


def test_of_two_modules_of_one_name_neither_is_included_and_both_are_named(folders: Path) -> None:
    lying(folders / "one", GOOD)
    lying(folders / "two", GOOD)
    lying(folders / "three", {**GOOD, "name": "other"})
    app = Tidemill("memory://")
    app.discover()
    assert list(app.included.modules) == ["other"]
    (broken,) = app.included.broken
    assert broken.name == "good"
    assert str(folders / "one") in broken.error
    assert str(folders / "two") in broken.error


def test_one_that_the_application_includes_itself_goes_before_one_that_is_found(
    folders: Path, caplog: pytest.LogCaptureFixture
) -> None:
    lying(folders / "good", GOOD)
    app = Tidemill("memory://")
    mine = Module("good")
    app.include(mine)
    app.discover()
    assert app.included.modules == {"good": mine}
    assert app.included.broken == []
    assert "includes good itself" in caplog.text


def test_settings_of_a_module_that_is_found_stand_in_the_file(folders: Path) -> None:
    code = "from tidemill import current\n\ndef run(): return dict(current().settings)"
    lying(folders / "good", {**GOOD, "settings": {"at": 1, "of": "x"}}, code=code)
    file = folders.parent / "tidemill.toml"
    begin = file.read_text()
    file.write_text(f'{begin}[modules.settings.good]\nof = "y"\n')
    app = Tidemill("memory://")
    with in_memory(app) as mill:
        job = app.enqueue("good.run")
        mill.drain()
        assert job.result(timeout=0) == {"at": 1, "of": "y"}
    file.write_text(f'{begin}[modules.settings.good]\nodd = "y"\n')
    app = Tidemill("memory://")
    app.discover()
    (broken,) = app.included.broken
    assert "has no setting 'odd'" in broken.error


def test_settings_in_the_file_hold_for_a_module_that_is_included_and_code_goes_before(
    folders: Path,
) -> None:
    (folders.parent / "tidemill.toml").write_text("[modules.settings.shop]\none = 2\ntwo = 2\n")
    shop = Module("shop", settings={"one": 1, "two": 1, "three": 1})

    @shop.task
    def told() -> dict[str, int]:
        return dict(current().settings)

    app = Tidemill("memory://")
    app.include(shop, settings={"two": 3})
    with in_memory(app) as mill:
        job = app.enqueue(told.bind())
        mill.drain()
        assert job.result(timeout=0) == {"one": 2, "two": 3, "three": 1}


def test_a_module_that_is_found_has_the_services_that_it_says_it_needs(folders: Path) -> None:
    code = """
from tidemill import current

async def run():
    files = current().services["files"]
    async with files.create("a.txt") as out:
        await out.write(b"made")
    return out.file.size
"""
    lying(folders / "good", {**GOOD, "permissions": {"services": ["files"]}}, code=code)
    app = Tidemill("memory://")
    with in_memory(app) as mill:
        job = app.enqueue("good.run")
        mill.drain()
        assert job.result(timeout=0) == 4


def test_one_that_is_named_and_not_there_is_told(folders: Path) -> None:
    (folders.parent / "tidemill.toml").write_text('[modules]\ninclude = ["absent"]\n')
    app = Tidemill("memory://")
    app.discover()
    (broken,) = app.included.broken
    assert "names 'absent', which is not found" in broken.error


def test_a_folder_that_is_not_there_is_told(folders: Path) -> None:
    folders.rmdir()
    app = Tidemill("memory://")
    app.discover()
    assert "which is no folder" in app.included.broken[0].error


SHOP = """
from tidemill import Module
shop = Module("shop")
number = 7

@shop.task
def sell() -> str:
    return "sold"
"""


def test_an_installed_package_names_its_modules_by_entry_points(folders: Path) -> None:
    installed(folders.parent, "shop = shop_of_tests:shop", code=SHOP)
    app = Tidemill("memory://")
    with in_memory(app) as mill:
        job = app.enqueue("shop.sell")
        mill.drain()
        assert job.result(timeout=0) == "sold"


@pytest.mark.parametrize(
    ("point", "said"),
    [
        ("shop = shop_of_tests:absent", "AttributeError"),
        ("shop = nowhere_at_all:shop", "ModuleNotFoundError"),
        ("shop = shop_of_tests:number", "is no module"),
        ("store = shop_of_tests:shop", "call them alike"),
        ("shop = shop_of_tests", "no module.json"),
    ],
)
def test_an_entry_point_that_names_no_module_is_left_out(
    folders: Path, point: str, said: str
) -> None:
    installed(folders.parent, point, code=SHOP)
    app = Tidemill("memory://")
    app.discover()
    (broken,) = app.included.broken
    assert said in broken.error


def test_an_entry_point_may_name_a_package_with_a_manifest(folders: Path) -> None:
    installed(folders.parent, "good = shop_of_tests", code="")
    site = folders.parent / "site"
    (site / "module.json").write_text(json.dumps(GOOD))
    (site / "h.py").write_text("def run(): return 'ran'")
    app = Tidemill("memory://")
    app.discover()
    assert list(app.included.modules) == ["good"]


def test_what_is_found_is_looked_for_once(folders: Path) -> None:
    lying(folders / "good", GOOD)
    app = Tidemill("memory://")
    app.discover()
    app.discover()
    with pytest.raises(errors.UnknownTask):
        app.registry.get("good.absent")
    looked: list[Callable[[], object]] = []
    app.registry.more = lambda: looked.append(app.discover)
    for _ in range(2):
        with pytest.raises(errors.UnknownTask):
            app.registry.get("good.absent")
    assert len(looked) == 1


class TestKits:
    """What comes with tidemill is there wherever it is, and asked for by name alone."""

    @pytest.fixture
    def project(self, folders: Path) -> Callable[[str], Tidemill]:
        def with_(include: str) -> Tidemill:
            settings = f'[modules]\nfolders = ["modules"]\ninclude = ["{include}"]\n'
            (folders.parent / "tidemill.toml").write_text(settings)
            return Tidemill("memory://")

        return with_

    def test_a_kit_is_included_by_its_name(self, project: Callable[[str], Tidemill]) -> None:
        with in_memory(project("email")) as mill:
            assert [each.name for each in mill.app.modules.find()] == ["email"]
            mill.app.enqueue("email.send", {"to": ["zoe@example.org"], "subject": "Paid"})

    def test_all_that_are_found_are_no_kits(self, project: Callable[[str], Tidemill]) -> None:
        with in_memory(project("*")) as mill:
            assert mill.app.modules.find() == []

    def test_another_module_of_its_name_goes_before_a_kit(
        self, folders: Path, project: Callable[[str], Tidemill]
    ) -> None:
        lying(folders / "email", {**GOOD, "name": "email"})
        with in_memory(project("email")) as mill:
            job = mill.app.enqueue("email.run")
            mill.drain()
            assert job.result(timeout=0) == "ran"


def test_modules_of_folders_that_a_program_names_are_included_and_later_ones_as_well(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "own"
    folder.mkdir()
    lying(folder / "good", GOOD)
    lying(folder / "bad", {**GOOD, "name": "bad"}, code="1 / 0")
    app = Tidemill("memory://")
    app.discover(folder)
    assert [*app.included.modules] == ["good"]
    assert [each.name for each in app.included.broken] == ["bad"]
    (folder / "bad" / "h.py").write_text("def run(): return 'mended'")
    lying(folder / "late", {**GOOD, "name": "late"})
    app.discover(folder)
    assert [*app.included.modules] == ["good", "bad", "late"]
    assert app.included.broken == []


def test_schedules_may_be_left_to_whoever_includes_a_module(tmp_path: Path) -> None:
    jobs = [{**GOOD["jobs"][0], "schedule": "0 2 * * *"}]  # type: ignore[dict-item]  # it is a list
    lying(tmp_path / "good", {**GOOD, "jobs": jobs})
    for schedules in (True, False):
        app = Tidemill("memory://")
        app.include(tmp_path / "good", schedules=schedules)
        with in_memory(app):
            assert len(app.schedules.find()) == schedules
            assert len(app.modules.get("good").schedules) == schedules
            assert [*app.included.modules["good"].schedules] == ["good.run"]
