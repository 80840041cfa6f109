"""Modules: found in folders with their manifests, switched off and on while all runs."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from examples.automation.definition import plain
from examples.automation.definitions import of_body
from examples.automation.system import Automation, create
from tests.examples.automation.conftest import Person, Site
from tests.examples.workforce import until
from tidemill.testing import in_memory

MANIFEST: dict[str, Any] = {
    "name": "automation.late",
    "version": "0.1.0",
    "capabilities": {"jobs": True},
    "jobs": [
        {
            "name": "greet",
            "handler": "handlers.py:greet",
            "description": "Greet somebody.",
            "schedule": "0 9 * * 1",
            "timeout": 600_000,
            "retries": 3,
        }
    ],
}
CODE = (
    "from examples.automation.context import Context\n"
    "async def greet(context: Context[dict[str, str]]) -> str:\n"
    "    return 'hello, ' + context.config.get('whom', 'world')\n"
)


def lying(folder: Path, manifest: dict[str, Any] = MANIFEST, code: str = CODE) -> Path:
    """A module in a folder."""
    folder.mkdir(parents=True)
    (folder / "module.json").write_text(json.dumps(manifest))
    (folder / "handlers.py").write_text(code)
    return folder


@pytest.fixture
def ada(shared: Site) -> Person:
    return shared.admin


def test_modules_are_found_with_their_manifests(ada: Person) -> None:
    modules = {each["id"]: each for each in ada.ok("GET", "/modules")["modules"]}
    assert set(modules) == {
        "automation.ledger", "automation.notifier", "automation.odds", "automation.scraper",
        "automation.sync", "automation.watch",
    }  # fmt: skip
    scraper = ada.ok("GET", "/modules/automation.scraper")
    assert scraper == modules["automation.scraper"]
    assert (scraper["version"], scraper["enabled"]) == ("1.2.0", True)
    assert scraper["services"] == ["browser", "database", "logger", "events"]
    (handler,) = scraper["handlers"]
    assert handler["name"] == "scrape"
    assert handler["config"]["properties"]["pages"] == {"type": "integer", "default": 50}
    assert modules["automation.ledger"]["listens"] == {"automation.ledger.record": "price.*"}
    assert ada("GET", "/modules/automation.nowhere").status_code == 404


def test_jobs_of_a_manifest_are_defined_as_it_says(ada: Person) -> None:
    echo = ada.ok("GET", "/jobs/automation.odds.echo")
    told = {
        "name": "Echo", "description": "Answer what it is given.", "moduleId": "automation.odds",
        "handler": "echo", "schedule": "0 0 1 1 *", "timeout": 600_000, "retries": 3,
        "origin": "manifest", "enabled": True,
    }  # fmt: skip
    assert {name: echo[name] for name in told} == told
    # `retries: 3` are four attempts, here and wherever the manifest is read.
    assert ada.ended(ada.execute("automation.odds.echo"))["maxAttempts"] == 4


def test_a_disabled_module_starts_nothing_until_it_is_enabled(ada: Person) -> None:
    ada.define(id="held")
    off = ada.ok("PUT", "/modules/automation.odds/disable?note=the%20sea%20is%20rough")
    try:
        assert (off["enabled"], off["note"]) == (False, "the sea is rough")
        held = ada.execute("held")
        assert ada.execution(held)["status"] == "PENDING"
        beside = ada.execute("automation.notifier.digest")
        until(
            lambda: ada.execution(beside)["status"] == "COMPLETED",
            seconds=30,
            what="others run",
        )
        assert ada.execution(held)["status"] == "PENDING"
    finally:
        assert ada.ok("PUT", "/modules/automation.odds/enable")["enabled"] is True
    assert ada.done(held)["jobId"] == "held"


class TestManifests:
    def test_a_module_that_comes_later_is_found_and_one_that_is_broken_is_named(
        self, tmp_path: Path
    ) -> None:
        folder = tmp_path / "modules"
        folder.mkdir()
        system = create("memory://", tmp_path, modules=(folder,))
        with in_memory(system.app) as mill:
            lying(folder / "late")
            lying(folder / "broken", MANIFEST | {"name": "automation.broken", "jobs": 7})
            broken = asyncio.run(system.discover())
            assert list(broken) == ["broken"]
            assert "jobs holds 7" in broken["broken"]
            id_ = asyncio.run(system.definitions.execute("automation.late.greet"))
            mill.drain()
            assert system.app.jobs.get(id_).result(timeout=0) == "hello, world"

    def test_what_people_changed_stays_until_the_manifest_says_something_else(
        self, tmp_path: Path
    ) -> None:
        folder = tmp_path / "modules"
        lying(folder / "late")
        url = f"sqlite:///{tmp_path}/jobs.db"

        def started() -> dict[str, Any]:
            system = create(url, tmp_path, modules=(folder,))
            with system.app:
                asyncio.run(system.prepare())
                return self._seen(system)

        assert started()["schedule"] == "0 9 * * 1"
        self._change(url, tmp_path, folder)
        assert started()["schedule"] == "0 10 * * 1"
        (job,) = MANIFEST["jobs"]
        newer = MANIFEST | {"jobs": [job | {"timeout": 5_000}]}
        (folder / "late" / "module.json").write_text(json.dumps(newer))
        again = started()
        assert (again["schedule"], again["timeout"]) == ("0 9 * * 1", 5_000)

    def _seen(self, system: Automation) -> dict[str, Any]:
        return plain(asyncio.run(system.definitions.get("automation.late.greet")))

    def _change(self, url: str, tmp_path: Path, folder: Path) -> None:
        system = create(url, tmp_path, modules=(folder,))
        with system.app:
            asyncio.run(
                system.definitions.change(
                    "automation.late.greet",
                    lambda old: of_body({"schedule": "0 10 * * 1"}, before=old),
                )
            )
