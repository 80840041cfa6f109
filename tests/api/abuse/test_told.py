"""What answers tell, and what they tell browsers."""

import re
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI

from tests.api.conftest import PASSWORD, Caller
from tests.api.routes import declared
from tidemill import Tidemill
from tidemill.api.app import create_api
from tidemill.core.record import AUDIT, EVENTS


class TestAnswers:
    """What answers tell, and what they tell browsers."""

    async def test_a_stranger_is_not_told_what_runs_here(self, api: FastAPI) -> None:
        ours, web = version("tidemill"), version("uvicorn")
        for path in ("/livez", "/readyz", "/health", "/jobs", "/nothing"):
            answer = await Caller(api)("GET", path)
            assert not {ours, web} & set(re.findall(r"[\d.]+\d", answer.text)), path
            assert "server" not in answer.headers

    async def test_who_only_looks_changes_nothing(
        self, api: FastAPI, app: Tidemill, admin: Caller
    ) -> None:
        job = app.enqueue("add", {"a": 1}, delay="1h")

        def held() -> Any:
            records = app.open().records
            logs = [records.read(log, limit=1, newest=True).wait() for log in (AUDIT, EVENTS)]
            kinds = [records.find(kind).wait() for kind in ("user", "key", "schedule", "tenant")]
            return [each.snapshot() for each in app.jobs.find()], logs, kinds

        before = held()
        for route in declared(api):
            if route.method == "GET" and route.operation != "streamEvents":
                path = route.path.replace("{id}", job.id).replace("{name}", "root")
                path = path.replace("{queue}", "sums").replace("{task}", "add")
                assert (await admin("GET", path)).status_code < 500
        assert held() == before

    async def test_every_answer_says_how_it_is_to_be_treated(self, admin: Caller) -> None:
        for path in ("/jobs", "/jobs/x", "/nothing"):
            headers = (await admin("GET", path)).headers
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["cache-control"] == "no-store"
            assert headers["referrer-policy"] == "same-origin"
            assert "frame-ancestors 'none'" in headers["content-security-policy"]
            assert "unsafe" not in headers["content-security-policy"]
            assert "server" not in headers
            assert "access-control-allow-origin" not in headers

    async def test_what_went_wrong_inside_is_not_told(self, admin: Caller) -> None:
        secret = admin.http.headers["Authorization"].removeprefix("Bearer ")
        broken = create_api(Tidemill("sqlite:////nowhere/at/all/secret.db"))
        answer = await Caller(broken, secret)("GET", "/jobs")
        assert answer.status_code == 503
        assert "secret.db" not in answer.text

    async def test_no_secret_is_in_any_answer(self, api: FastAPI, admin: Caller) -> None:
        for route in declared(api):
            if (
                route.method == "GET"
                and "{" not in route.path
                and route.operation != "streamEvents"
            ):
                answer = await admin.http.get(route.path)
                key = admin.http.headers["Authorization"].partition(" ")[2]
                for secret in ("argon2", PASSWORD, "password_hash", key):
                    assert secret not in answer.text, route.path
