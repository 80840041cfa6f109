"""One command runs all of it, on real processes, and Ctrl-C leaves nothing."""

import os
from pathlib import Path

import httpx
import pytest

from examples.compliance_hub.hub import create
from examples.compliance_hub.scene import seed, staged, tick
from examples.compliance_hub.setup import Setup
from examples.stage.kept import kept
from tests.examples.commanded import commanded
from tests.journeys.crowd import until
from tests.servers import free_port

FIVE = ["complaint-sla", "credential-expiry", "pd-reminders", "policy-reviews", "xero-sync"]


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_one_command_serves_works_and_ends_with_ctrl_c(tmp_path: Path) -> None:
    port = free_port()
    with commanded("compliance_hub", tmp_path, "--port", str(port)) as command:
        at = command.find(r"at (http://\S+)/docs")
        assert at == f"http://127.0.0.1:{port}"
        password = command.find(r"log in as sysadmin, password (\S+)")
        with httpx.Client(base_url=at) as browser:
            body = {"name": "sysadmin", "password": password}
            login = browser.post("/tidemill/api/v1/session", json=body)
            assert login.is_success, login.text
            browser.headers["X-CSRF-Token"] = login.json()["csrf"]
            for type_ in FIVE:
                asked = browser.post("/api/v1/jobs/trigger", json={"name": type_})
                assert asked.status_code == 202

            def ended() -> bool:
                # The hub's own endpoints would put off who asks more than 300 times a minute.
                jobs = browser.get("/tidemill/api/v1/jobs?limit=200").json()["jobs"]
                done = {each["task"] for each in jobs if each["state"] == "completed"}
                return done >= {f"compliance.{type_}" for type_ in FIVE}

            until(ended, seconds=60, what="the five jobs have ended")
            assert len(browser.get("/api/v1/jobs/history").json()["jobs"]) >= len(FIVE)
            assert browser.get("/docs").is_success
            assert browser.get("/tidemill/").is_success
        command.end()


def test_the_scene_fills_a_hub_and_has_things_happen(tmp_path: Path) -> None:
    with staged("memory://", tmp_path, tenant="compliance") as hub:
        seed(hub)
        before = len(list(hub.app.jobs.find()))
        for number in range(1, 6):
            tick(hub, number)
            tick(hub, number)  # the same event, which has happened already
        assert len(list(hub.app.jobs.find())) >= before == 11
        assert kept(tmp_path, Setup) == hub.setup
        assert (tmp_path / "setup.json").stat().st_mode & 0o077 == 0


def test_several_hubs_live_in_one_process(tmp_path: Path) -> None:
    with staged("memory://", tmp_path / "one") as first:
        second = create("memory://", tmp_path / "two", first.setup)
        assert len(second.app.registry) == len(first.app.registry)
        second.close()
    assert os.listdir(tmp_path)  # noqa: PTH208 - that they are there is all that is asked
