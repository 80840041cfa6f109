"""Property management as one command: it serves, works and receives, and Ctrl-C ends all of it."""

from pathlib import Path

import httpx
import pytest

from examples.property.__main__ import store_url
from tests.examples.commanded import commanded
from tests.journeys.crowd import until


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_one_command_runs_all_of_it_and_ctrl_c_leaves_nothing(tmp_path: Path) -> None:
    with commanded("property", tmp_path, "--port", "0", JOB_UI_PAGE_SIZE="7") as command:
        at = command.find(r"at (http://\S+)/docs")
        password = command.find(r"log in as ops, password (\S+)")
        assert command.find(r"(log in as admin)")
        with httpx.Client(base_url=at) as client:
            assert client.get("/health").json()["status"] == "ok"
            known = {"name": "ops", "password": password}
            session = client.post("/tidemill/api/v1/session", json=known)
            assert session.is_success, session.text
            until(lambda: _done(client), seconds=40, what="the work of the scene")
            page = client.get("/jobs/queues/notifications", params={"status": "completed"})
            assert page.json()["pageSize"] == 7
        command.end()


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


def _done(client: httpx.Client) -> bool:
    queues = {each["name"]: each for each in client.get("/jobs/queues").json()["queues"]}
    return bool(queues["notifications"]["counts"]["completed"] > 5)
