"""What somebody with bad intentions would try; each case with the answer that it has to get."""

import asyncio
import json
from typing import Any, ClassVar

import httpx
import pytest
from fastapi import FastAPI

from tests.api.conftest import HERE, PASSWORD, Browser, Caller, People
from tests.api.routes import declared
from tidemill import Tidemill
from tidemill.access.users import Users
from tidemill.api.app import create_api
from tidemill.api.gate import MOST_BODY, Gate

pytestmark = pytest.mark.parametrize("store_url", ["memory"], indirect=True)

HOSTILE_TEXTS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{7*7}}",
    "a\r\nX-Injected: yes",
    "\x1b[31mred",
    "a\u2028b",
    "=1+1",
]


class TestForm:
    """Requests that are not well formed."""

    @pytest.mark.parametrize(
        "host",
        ["", "evil.com/x?", "a b", "[::1", "x" * 300, "a@b", "é", "[::::]", "[1.2.3.4]", "[..]"],
    )
    async def test_a_host_that_is_none(self, api: FastAPI, host: str) -> None:
        transport = httpx.ASGITransport(api)
        async with httpx.AsyncClient(transport=transport, base_url=HERE) as client:
            answer = await client.get("/livez", headers=[(b"Host", host.encode())])
        assert answer.status_code == 400

    @pytest.mark.parametrize(
        "path", ["/api/v1//jobs", "//api/v1/jobs", "/api/v1/jobs%2fx", "/api/v1/jobs%5cx"]
    )
    async def test_a_path_that_hides_something(self, people: People, path: str) -> None:
        answer = await people("viewer").http.get(path)
        assert answer.status_code in (400, 404)

    @pytest.mark.parametrize(
        ("path", "status"), [("/jobs/", 404), ("/JOBS", 404), ("/jobs;x=1", 404)]
    )
    async def test_a_path_that_is_nearly_one(self, people: People, path: str, status: int) -> None:
        assert (await people("viewer")("GET", path)).status_code == status

    @pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PROPFIND", "PUT", "HEAD", "OPTIONS"])
    async def test_a_method_that_is_not_there(self, people: People, method: str) -> None:
        assert (await people()(method, "/jobs")).status_code in (404, 405)

    async def test_a_method_said_otherwise(self, people: People, app: Tidemill) -> None:
        job = app.enqueue("add", {"a": 1})
        for header in ("X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method"):
            await people("viewer")("GET", f"/jobs/{job.id}", headers={header: "DELETE"})
        assert app.jobs.get(job.id).id == job.id


class TestBodies:
    """Bodies that are too large, packed, or no JSON."""

    async def test_too_large(self, admin: Caller) -> None:
        body = b'{"task": "add", "arguments": {"a": "' + b"x" * MOST_BODY + b'"}}'
        headers = {"Content-Type": "application/json"}
        answer = await admin.http.post("/api/v1/jobs", content=body, headers=headers)
        assert answer.status_code == 413

    async def test_too_large_without_saying_so(self, admin: Caller) -> None:
        async def drip() -> Any:
            for _ in range(64):
                yield b" " * (MOST_BODY // 32)

        headers = {"Content-Type": "application/json"}
        answer = await admin.http.post("/api/v1/jobs", content=drip(), headers=headers)
        assert answer.status_code == 413

    async def test_too_slow(self, api: FastAPI, admin: Caller) -> None:
        never = asyncio.Event()

        async def drip() -> Any:
            yield b'{"task": "add",'
            await never.wait()
            yield b"}"

        hurried = httpx.ASGITransport(Gate(api, slowest_body=0.05), raise_app_exceptions=False)
        headers = {**admin.http.headers, "Content-Type": "application/json"}
        async with httpx.AsyncClient(transport=hurried, base_url=HERE, headers=headers) as client:
            answer = await client.post("/api/v1/jobs", content=drip())
        assert answer.status_code == 408

    async def test_too_large_for_a_task(self, admin: Caller) -> None:
        body = {"task": "broken", "arguments": {"secret": "x" * 300_000}}
        answer = await admin("POST", "/jobs", body)
        assert (answer.status_code, answer.json()["code"]) == (413, "misuse.payload_too_large")

    async def test_packed(self, admin: Caller) -> None:
        headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
        answer = await admin.http.post("/api/v1/jobs", content=b"x", headers=headers)
        assert answer.status_code == 415

    @pytest.mark.parametrize(
        "body", [b"", b"{", b"nonsense", b"\xff\xfe", b"[" * 10_000, b'{"task":"add"' + b"}" * 99]
    )
    async def test_no_json(self, admin: Caller, body: bytes) -> None:
        headers = {"Content-Type": "application/json"}
        answer = await admin.http.post("/api/v1/jobs", content=body, headers=headers)
        assert answer.status_code in (400, 422)
        assert "Traceback" not in answer.text

    @pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
    async def test_json_under_another_name(self, admin: Caller, kind: str) -> None:
        body = json.dumps({"task": "add", "arguments": {"a": 1}}).encode()
        answer = await admin.http.post("/api/v1/jobs", content=body, headers={"Content-Type": kind})
        assert answer.status_code == 422


class TestAssignment:
    """Fields that nobody may set."""

    @pytest.mark.parametrize(
        "field", ["tenant_id", "role", "state", "fence", "attempt", "uid", "env", "is_admin", "id",
                  "source", "created_at", "batch", "tx", "wake", "__class__"],
    )  # fmt: skip
    async def test_of_a_job(self, admin: Caller, field: str) -> None:
        body = {"task": "add", "arguments": {"a": 1}, field: "x"}
        answer = await admin("POST", "/jobs", body)
        assert answer.status_code == 422
        assert f"/body/{field}" in answer.text

    async def test_every_body_forbids_what_it_does_not_know(self, api: FastAPI) -> None:
        schemas = api.openapi()["components"]["schemas"]
        open_ = [
            name
            for name, schema in schemas.items()
            if schema.get("type") == "object" and schema.get("additionalProperties") is not False
        ]
        assert open_ in ([], ["HTTPValidationError", "ValidationError"])

    async def test_of_a_tenant_by_one_who_has_one(self, people: People) -> None:
        caller = people("admin", "acme")
        tries = [
            ("POST", "/jobs", {"task": "add", "arguments": {"a": 1}, "tenant": "umbra"}),
            ("POST", "/events", {"name": "paid", "tenant": "umbra"}),
            ("POST", "/jobs/cancel", {"filter": {"tenant": "umbra"}}),
            ("POST", "/users", {"name": "x", "grants": [{"role": "admin"}]}),
            ("POST", "/users", {"name": "x", "grants": [{"role": "admin", "tenant": "umbra"}]}),
            ("POST", "/keys", {"title": "x", "role": "admin", "tenant": "umbra"}),
            ("GET", "/jobs?tenant=umbra", None),
            ("GET", "/events?tenant=umbra", None),
            ("GET", "/audit?tenant=umbra", None),
            ("GET", "/statistics?tenant=umbra", None),
        ]
        for method, path, body in tries:
            assert (await caller(method, path, body)).status_code in (403, 404, 422), path


class TestNames:
    """Names and texts that mean something to somebody else."""

    @pytest.mark.parametrize(
        "name", ["a:b", "*", "..", "a\x00", "a b", "", "a" * 129, "'; DROP TABLE job; --", "été"]
    )
    async def test_a_queue_that_is_none(self, admin: Caller, name: str) -> None:
        body = {"task": "add", "arguments": {"a": 1}, "queue": name}
        assert (await admin("POST", "/jobs", body)).status_code == 422

    @pytest.mark.parametrize("text", HOSTILE_TEXTS)
    async def test_what_is_said_stays_text(self, app: Tidemill, admin: Caller, text: str) -> None:
        @app.task(name="say")
        def say(text: str) -> str:
            return text

        made = await admin("POST", "/jobs", {"task": "say", "arguments": {"text": text}})
        answer = await admin("GET", f"/jobs/{made.json()['id']}")
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.json()["arguments"]["text"] == text
        assert "x-injected" not in answer.headers

    @pytest.mark.parametrize(
        "task", ["os.system", "builtins.eval", "add\u200b", "\u0430dd", "__main__"]
    )
    async def test_only_tasks_of_the_application_are_run(self, admin: Caller, task: str) -> None:
        assert (await admin("POST", "/jobs", {"task": task})).status_code == 422

    @pytest.mark.parametrize("given", ["x\r\ny", "é", "a" * 65, "short", ""])
    async def test_a_request_id_that_is_none_is_made_anew(self, admin: Caller, given: str) -> None:
        answer = await admin("GET", "/jobs", headers={"X-Request-Id": given.encode()})
        assert answer.headers["x-request-id"] != given

    async def test_a_request_id_is_told_again(self, admin: Caller) -> None:
        answer = await admin("GET", "/jobs/x", headers={"X-Request-Id": "trace-0001"})
        assert answer.headers["x-request-id"] == answer.json()["request"] == "trace-0001"


class TestNumbers:
    """Numbers that are too large, too small, or endless."""

    @pytest.mark.parametrize(
        "path",
        [
            "/jobs?limit=1000000000",
            "/jobs?limit=-1",
            "/jobs?cursor=" + "9" * 99,
            "/jobs?" + "&".join(["tags=x"] * 5_000),
            "/events?cursor=-1",
            "/events?cursor=" + "9" * 30,
            "/statistics?since=1900-01-01T00:00:00Z",
            "/schedules/preview?pattern=*/0 * * * *",
            "/schedules/preview?pattern=0 0 31 2 * *&count=9",
            "/schedules/preview?pattern=" + "1," * 5_000,
            "/schedules/preview?pattern=* * * * *&count=0",
            "/audit?cursor=-1",
        ],
    )
    async def test_in_a_question(self, admin: Caller, path: str) -> None:
        answer = await admin("GET", path)
        assert answer.status_code in (200, 400, 413, 414, 422), answer.text
        assert answer.status_code != 200 or "preview" in path
        assert "Traceback" not in answer.text

    @pytest.mark.parametrize("length", ["-1s", "1e9d", -1, 1e300, "∞", "1" * 400 + "d", True])
    async def test_in_a_length_of_time(self, admin: Caller, length: Any) -> None:
        body = {"task": "add", "arguments": {"a": 1}, "delay": length}
        assert (await admin("POST", "/jobs", body)).status_code == 422


class TestAnswers:
    """What answers tell, and what they tell browsers."""

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

    async def test_a_login_does_not_tell_who_there_is(self, browser: Browser) -> None:
        known = await browser.log_in("zoe", "not the password")
        unknown = await browser.log_in("nobody", "not the password")
        assert {**known.json(), "request": ""} == {**unknown.json(), "request": ""}

    async def test_no_secret_is_in_any_answer(
        self, api: FastAPI, admin: Caller, users: Users, people: People
    ) -> None:
        del users, people
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


class TestOwnTasks:
    """What the platform runs as jobs of its own, once a worker in this process knows of it."""

    SWEEP: ClassVar[dict[str, Any]] = {
        "task": "tidemill-sweep",
        "arguments": {
            "rest": {
                "verb": "jobs.delete",
                "change": {},
                "which": {"filter": {"queues": ["sums"]}},
                "cursor": "99999",
                "changed": 0,
            }
        },
    }
    TELL: ClassVar[dict[str, Any]] = {
        "task": "tidemill-tell",
        "arguments": {"message": {}, "channel": "boss"},
    }

    @pytest.mark.parametrize("tenant", [None, "acme"])
    @pytest.mark.parametrize("body", [SWEEP, TELL])
    async def test_are_not_enqueued(
        self, app: Tidemill, people: People, tenant: str | None, body: dict[str, Any]
    ) -> None:
        kept = app.enqueue("add", {"a": 1}, tenant="umbra")
        worker = app.worker()
        caller = people("admin", tenant)
        for path, sent in (
            ("/jobs", body),
            ("/jobs/batch", {"jobs": [body]}),
            ("/schedules", {"name": "s", **body}),
        ):
            answer = await caller("POST", path, sent)
            assert (answer.status_code, answer.json()["code"]) == (422, "misuse.unknown_task"), path
        await worker.run_until_idle()
        assert [job.id for job in app.jobs.find()] == [kept.id]

    async def test_are_not_run_by_a_schedule_that_is_there(
        self, app: Tidemill, admin: Caller
    ) -> None:
        app.worker()
        call = app.client.bound(self.SWEEP["task"], self.SWEEP["arguments"], {})
        app.schedules.create("s", call)
        assert (await admin("POST", "/schedules/s/run")).status_code == 422
        assert list(app.jobs.find()) == []

    async def test_are_not_shown(self, app: Tidemill, admin: Caller) -> None:
        app.worker()
        app.enqueue(self.SWEEP["task"], self.SWEEP["arguments"])
        tasks = (await admin.ok("GET", "/tasks"))["tasks"]
        assert [each["task"] for each in tasks] == ["add", "broken"]
        path = f"/tasks/{self.SWEEP['task']}"
        for method, each in (("GET", path), ("POST", f"{path}/pause"), ("POST", f"{path}/resume")):
            assert (await admin(method, each)).status_code == 404

    async def test_finish_a_change_of_very_many_jobs(self, app: Tidemill, admin: Caller) -> None:
        calls = [app.client.bound("add", {"a": 1}, {"delay": "1h"}) for _ in range(10_001)]
        app.enqueue_many(calls)
        answer = await admin("POST", "/jobs/cancel", {"filter": {"queues": ["sums"]}})
        assert answer.status_code == 202
        await app.worker().run_until_idle()
        assert app.jobs.get(answer.json()["job"]).result() == len(calls)
