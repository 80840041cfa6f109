"""One command runs all of it, and Ctrl-C leaves nothing."""

from pathlib import Path

import httpx
import pytest

from tests.examples.commanded import commanded
from tests.journeys.crowd import until


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_one_command_runs_all_of_it_and_ctrl_c_leaves_nothing(tmp_path: Path) -> None:
    with commanded("finance", tmp_path, "--port", "0") as command:
        at = command.find(r"is at (http://\S+) until")
        identity = command.find(r"Log in at (\S+)/token")
        known = {"name": "ada", "password": command.find(r"ada with the password (\S+)")}
        token = httpx.post(f"{identity}/token", json=known).json()["token"]
        with httpx.Client(base_url=at, headers={"Authorization": f"Bearer {token}"}) as http:
            until(lambda: completed(http) >= 5, seconds=60, what="jobs are done")
        command.end()


def completed(http: httpx.Client) -> int:
    found = http.get("/job-monitor/jobs", params={"status": "COMPLETED", "limit": 10})
    return len(found.json()["jobs"])
