"""Property management as one command: it serves, works and receives, and Ctrl-C ends all of it."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from examples.property.__main__ import store_url
from tests.house.source import ROOT
from tests.journeys.crowd import until


@pytest.mark.slow
def test_one_command_runs_all_of_it_and_ctrl_c_leaves_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "examples.property", "--port", "0", "--folder", str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "JOB_UI_PAGE_SIZE": "7"}
    # Where a test was itself started without an ear for Ctrl-C, the program is to have one.
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, process_group=0
    ) as process:
        try:
            assert process.stdout is not None
            first, admin, ops = (process.stdout.readline() for _ in range(3))
            found = re.search(r"at (http://\S+)/docs", first)
            assert found, first
            with httpx.Client(base_url=found[1]) as client:
                assert client.get("/health").json()["status"] == "ok"
                log_in(client, ops)
                until(lambda: _done(client), seconds=40, what="the work of the scene")
                page = client.get("/jobs/queues/notifications", params={"status": "completed"})
                assert page.json()["pageSize"] == 7
            assert "log in as admin" in admin
            os.killpg(process.pid, signal.SIGINT)
            assert process.wait(30) == 0
        finally:
            process.kill()
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)


@pytest.mark.parametrize(
    ("asked", "environment", "url"),
    [
        ("", {}, "sqlite:////data/jobs.db"),
        ("", {"REDIS_URL": "postgresql://db/jobs"}, "postgresql://db/jobs"),
        ("memory://", {"REDIS_URL": "postgresql://db/jobs"}, "memory://"),
    ],
)
def test_the_store_is_named_as_it_was_before(
    asked: str, environment: dict[str, str], url: str
) -> None:
    assert store_url(asked, environment, Path("/data")) == url


def log_in(client: httpx.Client, said: str) -> None:
    """Come in with the password that the program has said."""
    name, password = re.findall(r"log in as (\S+), password (\S+)", said)[0]
    answer = client.post("/tidemill/api/v1/session", json={"name": name, "password": password})
    assert answer.is_success, answer.text


def _done(client: httpx.Client) -> bool:
    queues = {each["name"]: each for each in client.get("/jobs/queues").json()["queues"]}
    return bool(queues["notifications"]["counts"]["completed"] > 5)
