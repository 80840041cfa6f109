"""One command runs all of it, and Ctrl-C leaves nothing; its API is told as a page."""

import asyncio
import os
import re
from pathlib import Path

import httpx
import pytest

from examples.automation import scene
from examples.automation.__main__ import arguments, made
from examples.automation.shop import Shop
from examples.automation.system import Automation, create
from tests.examples.automation.conftest import Site
from tests.examples.commanded import commanded
from tests.examples.workforce import until

DOCUMENTED = {
    "/api/v1/jobs": {"get", "post"},
    "/api/v1/jobs/{id_}": {"get", "put", "patch", "delete"},
    "/api/v1/jobs/{id_}/enable": {"put"},
    "/api/v1/jobs/{id_}/disable": {"put"},
    "/api/v1/jobs/{id_}/execute": {"post"},
    "/api/v1/executions": {"get"},
    "/api/v1/executions/{id_}": {"get", "delete"},
    "/api/v1/events": {"get", "post"},
    "/api/v1/events/recent": {"get"},
    "/api/v1/events/stats/summary": {"get"},
    "/api/v1/events/cleanup": {"delete"},
    "/api/v1/events/{id_}": {"get"},
}


@pytest.mark.parametrize("shared_kept_url", ["sqlite"], indirect=True)
def test_the_documented_endpoints_are_there_and_told_as_a_page(shared: Site) -> None:
    ada = shared.admin
    document = ada.ok("GET", "/docs/api/openapi.json")
    for path, methods in DOCUMENTED.items():
        assert methods <= document["paths"][path].keys(), path
    page = ada("GET", "/docs/api")
    assert page.status_code == 200
    assert "/api/v1/jobs/{id_}/execute" in page.text
    (style,) = re.findall(r'href="([^"]+\.css)"', page.text)
    assert ada("GET", style).status_code == 200
    # The dashboard of the same jobs is below the console.
    assert ada("GET", "/console/api/v1/jobs").status_code == 200


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_one_command_runs_all_of_it_and_ctrl_c_leaves_nothing(tmp_path: Path) -> None:
    with commanded("automation", tmp_path, "--port", "0", "--shop-port", "0") as command:
        at = command.find(r"is at (http://\S+)/console")
        password = command.find(r"ops \(operator\) with the password (\S+)")
        with httpx.Client(base_url=at, timeout=30) as http:
            known = {"name": "ops", "password": password}
            session = http.post("/console/api/v1/session", json=known)
            http.headers["X-CSRF-Token"] = session.json()["csrf"]
            asked = http.post("/api/v1/jobs/stock-by-hand/execute", json={})
            assert asked.status_code == 202, asked.text
            path = f"/api/v1/executions/{asked.json()['executionId']}"
            until(
                lambda: http.get(path).json()["status"] == "COMPLETED",
                seconds=60,
                what="the stock is taken over",
            )
        command.end()


def test_it_is_set_by_the_names_of_the_old_platform(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = arguments(["--folder", str(tmp_path)])
    for name, value in (
        ("JOB_WORKER_CONCURRENCY", "7"), ("EVENT_RETENTION_DAYS", "9"),
        ("JOB_DEFAULT_TIMEOUT", "1000"), ("JOB_DEFAULT_RETRIES", "5"),
    ):  # fmt: skip
        monkeypatch.setenv(name, value)
    system = made(asked, tmp_path, "http://127.0.0.1:1")
    assert system.app.settings.worker()["async_concurrency"] == 7
    assert system.app.settings.keep().entries == 9 * 86_400_000
    assert system.usual == {"timeout": 1_000, "retries": 4}
    for name in [each for each in os.environ if each.startswith(("JOB_", "EVENT_"))]:
        monkeypatch.delenv(name)
    system = made(asked, tmp_path, "http://127.0.0.1:1")
    assert system.app.settings.worker()["async_concurrency"] == 5
    assert system.app.settings.keep().entries == 30 * 86_400_000
    assert system.usual == {"timeout": 300_000, "retries": 2}


def test_a_scene_fills_it_and_goes_on(tmp_path: Path) -> None:
    shop = Shop()
    with shop.serving() as url:
        system = create(f"sqlite:///{tmp_path}/jobs.db", tmp_path, settings=scene.settings_for(url))
        with system.app:
            asyncio.run(_seeded(system, shop, url))
            jobs = asyncio.run(system.definitions.page())
            assert {each.id for each in jobs} >= {
                "first-page", "misdirected", "stock-by-hand", "stock-on-business-days",
            }  # fmt: skip
            assert len([*system.app.jobs.find()]) == 6
            assert len(system.app.events.recent(pattern="shop.*")) == 3


async def _seeded(system: Automation, shop: Shop, url: str) -> None:
    await system.prepare()
    for _ in range(2):
        await scene.seed(system, url)
    for number in range(6):
        await scene.tick(system, shop, number)
