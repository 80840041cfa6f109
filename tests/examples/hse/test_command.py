"""HSE.Digital as one command: it serves, works and receives, and Ctrl-C ends all of it."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.house.source import ROOT
from tests.journeys.crowd import until


@pytest.mark.slow
def test_one_command_runs_all_of_it_and_ctrl_c_leaves_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "examples.hse", "--port", "0", "--folder", str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "QUEUE_CONCURRENCY": "3"}
    # Where a test was itself started without an ear for Ctrl-C, the program is to have one.
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, process_group=0
    ) as process:
        try:
            assert process.stdout is not None
            first, *people = (process.stdout.readline() for _ in range(5))
            found = re.search(r"at (http://\S+)/docs", first)
            assert found, first
            with httpx.Client(base_url=found[1]) as client:
                assert client.get("/api/jobs/stats").status_code == 401
                log_in(client, people[2])
                until(lambda: _done(client), seconds=50, what="the work of the scene")
                assert client.get("/tidemill/").status_code == 200
            assert [re.findall(r"log in as (\S+),", line)[0] for line in people] == [
                "sysadmin", "admin@harbour.example", "manager@harbour.example",
                "user@harbour.example",
            ]  # fmt: skip
            os.killpg(process.pid, signal.SIGINT)
            assert process.wait(30) == 0
        finally:
            process.kill()
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)


def log_in(client: httpx.Client, said: str) -> None:
    """Come in with the password that the program has said."""
    name, password = re.findall(r"log in as (\S+), password (\S+)", said)[0]
    answer = client.post("/tidemill/api/v1/session", json={"name": name, "password": password})
    assert answer.is_success, answer.text


def _done(client: httpx.Client) -> bool:
    queues = client.get("/api/jobs/stats").json()["queues"]
    done = {name: each["completed"] for name, each in queues.items()}
    return bool(done["report"] >= 4 and done["data-export"] >= 1 and done["email"] >= 5)
