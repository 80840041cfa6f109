"""One command runs all of it, and Ctrl-C leaves nothing."""

import re
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import psutil
import pytest

from tests.examples.workforce import until
from tests.house.source import ROOT
from tests.servers import free_port


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_one_command_runs_all_of_it_and_ctrl_c_leaves_nothing(tmp_path: Path) -> None:
    port = free_port()
    said = tmp_path / "said"
    with said.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-u", "-m", "examples.finance", "--folder", str(tmp_path / "data"),
             "--port", str(port)],
            cwd=ROOT,
            stdout=out,
            stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        until(lambda: "password" in said.read_text(), seconds=60, what=said.read_text())
        (identity,) = re.findall(r"Log in at (\S+)/token", said.read_text())
        (password,) = re.findall(r"ada with the password (\S+)", said.read_text())
        known = {"name": "ada", "password": password}
        token = httpx.post(f"{identity}/token", json=known).json()["token"]
        with httpx.Client(
            base_url=f"http://127.0.0.1:{port}", headers={"Authorization": f"Bearer {token}"}
        ) as http:
            until(lambda: listens(http), seconds=40, what="it serves")
            until(lambda: completed(http) >= 5, seconds=60, what="jobs are done")
        children = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGINT)
        assert process.wait(40) == 0, said.read_text()
        assert not [each for each in children if each.is_running()]
        assert said.read_text().endswith("Everything has ended.\n")
    finally:
        process.kill()
        process.wait()


def completed(http: httpx.Client) -> int:
    found = http.get("/job-monitor/jobs", params={"status": "COMPLETED", "limit": 10})
    return len(found.json()["jobs"])


def listens(http: httpx.Client) -> bool:
    try:
        return http.get("/livez").status_code == 200
    except httpx.TransportError:
        return False
