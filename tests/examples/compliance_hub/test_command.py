"""One command runs all of it, on real processes, and Ctrl-C leaves nothing."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import psutil
import pytest

from examples.compliance_hub.hub import create
from examples.compliance_hub.scene import seed, staged, tick
from examples.compliance_hub.setup import Setup
from examples.stage.kept import kept
from tests.house.source import ROOT
from tests.journeys.crowd import until
from tests.servers import free_port

FIVE = ["complaint-sla", "credential-expiry", "pd-reminders", "policy-reviews", "xero-sync"]


@pytest.mark.slow
def test_one_command_serves_works_and_ends_with_ctrl_c(tmp_path: Path) -> None:
    port = free_port()
    said = subprocess.Popen(
        [sys.executable, "-m", "examples.compliance_hub", "--folder", str(tmp_path / "hub"),
         "--port", str(port)],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    try:
        assert said.stdout is not None
        first, second = said.stdout.readline(), said.stdout.readline()
        assert f"http://127.0.0.1:{port}/docs" in first
        found = re.search(r"password (\S+) \(", second)
        assert found is not None, second
        with httpx.Client(base_url=f"http://127.0.0.1:{port}") as browser:
            body = {"name": "sysadmin", "password": found[1]}
            login = browser.post("/tidemill/api/v1/session", json=body)
            assert login.is_success, login.text
            browser.headers["X-CSRF-Token"] = login.json()["csrf"]
            jobs = f"http://127.0.0.1:{port}/api/v1/jobs"
            for type_ in FIVE:
                assert browser.post(f"{jobs}/trigger", json={"name": type_}).status_code == 202
            until(
                lambda: len(browser.get(f"{jobs}/history").json()["jobs"]) >= len(FIVE),
                seconds=60,
                what="the five jobs have ended",
            )
            assert browser.get("/docs").is_success
            assert browser.get("/tidemill/").is_success
        children = psutil.Process(said.pid).children(recursive=True)
        said.send_signal(signal.SIGINT)
        assert said.wait(30) == 0
        assert "Everything has ended." in said.stdout.read()
        assert not [each for each in children if each.is_running()]
    finally:
        said.kill()
        said.wait()
        if said.stdout is not None:
            said.stdout.close()


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
