"""HSE.Digital as one command: it serves, works and receives, and Ctrl-C ends all of it."""

import re
from pathlib import Path

import httpx
import pytest

from tests.examples.commanded import commanded
from tests.journeys.crowd import until


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_one_command_runs_all_of_it_and_ctrl_c_leaves_nothing(tmp_path: Path) -> None:
    with commanded("hse", tmp_path, "--port", "0", QUEUE_CONCURRENCY="3") as command:
        at = command.find(r"at (http://\S+)/docs")
        password = command.find(r"log in as manager@harbour.example, password (\S+)")
        with httpx.Client(base_url=at) as client:
            assert client.get("/api/jobs/stats").status_code == 401
            known = {"name": "manager@harbour.example", "password": password}
            session = client.post("/tidemill/api/v1/session", json=known)
            assert session.is_success, session.text
            until(lambda: _done(client), seconds=50, what="the work of the scene")
            assert client.get("/tidemill/").status_code == 200
        assert command.find(r"(log in as user@harbour.example)")
        assert re.findall(r"log in as (\S+),", command.said) == [
            "sysadmin", "admin@harbour.example", "manager@harbour.example", "user@harbour.example",
        ]  # fmt: skip
        command.end()


def _done(client: httpx.Client) -> bool:
    queues = client.get("/api/jobs/stats").json()["queues"]
    done = {name: each["completed"] for name, each in queues.items()}
    return bool(done["report"] >= 4 and done["data-export"] >= 1 and done["email"] >= 5)
