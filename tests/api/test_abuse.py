"""What somebody with bad intentions would try; each case with the answer that it has to get."""

import asyncio
import json
import re
from collections.abc import Iterator
from importlib.metadata import version
from typing import Any, ClassVar

import httpx
import pytest
from fastapi import FastAPI

from tests.api.conftest import HERE, PASSWORD, Caller, People, application
from tests.api.routes import declared
from tidemill import Tidemill
from tidemill.access.identity import Grant
from tidemill.access.role import Role
from tidemill.access.users import Users
from tidemill.api.app import create_api
from tidemill.api.gate import MOST_BODY, Gate
from tidemill.core.record import AUDIT, EVENTS
from tidemill.testing.clock import ManualClock

HOSTILE_TEXTS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{7*7}}",
    "a\r\nX-Injected: yes",
    "\x1b[31mred",
    "a\u2028b",
    "=1+1",
]


@pytest.fixture(scope="module")
def app(shared_store_url: str) -> Iterator[Tidemill]:
    """One for all of these tests: what they try is refused, or is nobody else's business."""
    with application(shared_store_url, ManualClock()) as app:

        @app.task(name="say")
        def say(text: str) -> str:
            return text

        @app.task(name="keep")
        def keep(what: Any) -> None:
            del what

        Users(app.client).create("root", PASSWORD, [Grant(Role.ADMIN)])
        yield app


@pytest.fixture(scope="module")
def api(app: Tidemill) -> FastAPI:
    return create_api(app)


@pytest.fixture(scope="module")
def people(app: Tidemill, api: FastAPI) -> People:
    return People(app, api)


@pytest.fixture(scope="module")
def admin(people: People) -> Caller:
    return people()


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

    @pytest.mark.parametrize(
        "id_", ["..", "%2e%2e", ".%2e/users", "a%00b", "%c0%ae%c0%ae", "~root", "C:x",
                "x" * 300, "%ff", "%0d%0aX-Injected:%20yes", "' OR 1=1 --", "*", "-1", "%F0%9F%A6"],
    )  # fmt: skip
    async def test_an_id_that_is_a_path(self, people: People, id_: str) -> None:
        caller = people("viewer")
        for noun in ("jobs", "tasks", "schedules", "queues"):
            answer = await caller("GET", f"/{noun}/{id_}")
            assert answer.status_code in (400, 404, 405, 422), answer.text
            assert "x-injected" not in answer.headers

    @pytest.mark.parametrize(
        "header", ["If-Match", "Idempotency-Key", "X-Tenant", "X-Reason", "Traceparent", "Cookie",
                   "Tracestate", "Accept", "Range", "Origin", "X-CSRF-Token", "User-Agent"],
    )  # fmt: skip
    async def test_a_header_that_is_rubbish(self, admin: Caller, header: str) -> None:
        for value in (b"%00", b"\xff\xfe", b"%0d%0aX-Injected: yes", b"a" * 20_000, b"9" * 50,
                      b"../..", b"-1", b"%ed%a0%80", b"\x1b[2J", b'"' * 99, b"\x85"):  # fmt: skip
            for method, path, body in (
                ("POST", "/jobs", {"task": "add", "arguments": {"a": 1}}),
                ("DELETE", "/jobs/x", None),
            ):
                headers = [(header.encode(), value)]
                answer = await admin.http.request(
                    method, f"/api/v1{path}", json=body, headers=headers
                )
                assert answer.status_code < 500, (value, path, answer.text)
                assert "x-injected" not in answer.headers

    @pytest.mark.parametrize(
        "last", ["-1", "abc", "9" * 20, "1e3", " ", "1, 2", "0x1", "%00", "1\x00", "1.0"]
    )
    async def test_a_stream_that_goes_on_behind_nothing(self, admin: Caller, last: str) -> None:
        answer = await admin("GET", "/live?topics=**", headers={"Last-Event-ID": last})
        assert answer.status_code == 422

    @pytest.mark.parametrize(
        "topics",
        ["a..b", "*" * 9, ".", "***", "a.*b", "(a+)+$", "**." * 90 + "x", "a," * 30, "%00"],
    )
    async def test_a_pattern_of_events_that_is_none(self, admin: Caller, topics: str) -> None:
        for path in (f"/live?topics={topics}", f"/events?pattern={topics}"):
            assert (await admin("GET", path)).status_code == 422, path

    @pytest.mark.parametrize("name", ["key", "api_key", "access_token", "token", "authorization"])
    async def test_a_key_in_the_url_opens_nothing(
        self, api: FastAPI, admin: Caller, name: str
    ) -> None:
        secret = admin.http.headers["Authorization"].removeprefix("Bearer ")
        for path in ("/jobs", "/live?topics=**"):
            joined = "&" if "?" in path else "?"
            answer = await Caller(api)("GET", f"{path}{joined}{name}={secret}")
            assert answer.status_code == 401

    async def test_nobody_is_sent_elsewhere(self, api: FastAPI, admin: Caller) -> None:
        hints = {"X-Forwarded-Host": "evil.example", "X-Original-URL": "/evil", "Referer": "//evil"}
        for route in declared(api):
            if route.method != "GET" or route.operation == "streamEvents":
                continue
            params = {"next": "//evil", "return_to": "/\\evil", "url": "https://evil.example"}
            answer = await admin.http.get(route.path, params=params, headers=hints)
            assert not 300 <= answer.status_code < 400, route
            assert "location" not in answer.headers
            assert "evil" not in answer.headers.get("link", "").partition("?")[0]

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


class TestJson:
    """JSON that means several things, or too much."""

    @pytest.mark.parametrize(
        "value",
        [
            *("[" * depth + "]" * depth for depth in (50, 300, 900, 5_000, 100_000)),
            *('{"a":' * depth + "1" + "}" * depth for depth in (50, 300, 900, 5_000, 100_000)),
            "NaN", "-Infinity", "1e999", "9" * 4_000, "9" * 5_000, "-0", "1E-999",
            r'"\ud800"', r'"\udc00\ud800"', r'"\u0000"', r'{"\ud800": 1}', r'{"\u0000": 1}',
            '"' + "x" * 200_000 + '"', "[" + "1," * 100_000 + "1]",
        ],
    )  # fmt: skip
    async def test_as_an_argument(self, admin: Caller, value: str) -> None:
        """It is refused, or kept and shown again."""
        headers = {"Content-Type": "application/json"}
        for path, body in (
            ("/jobs", f'{{"task": "keep", "arguments": {{"what": {value}}}}}'),
            ("/events", f'{{"name": "order.placed", "payload": {value}}}'),
        ):
            answer = await admin.http.post(f"/api/v1{path}", content=body, headers=headers)
            assert answer.status_code in (201, 400, 413, 422), answer.text
            assert "Traceback" not in answer.text
            if answer.status_code == 201 and path == "/jobs":
                for shown in (f"/jobs/{answer.json()['id']}", "/jobs", "/events"):
                    assert (await admin("GET", shown)).status_code == 200
        assert (await admin("GET", "/events")).status_code == 200

    @pytest.mark.parametrize(
        "body",
        [
            b'{"task": "add\xc0\xaf"}',
            b'{"task": "\xed\xa0\x80"}',
            b'{"task": "\xf5\x80\x80\x80"}',
            b"\x00",
            b'{"task": "add"}\x00',
            b"/* add */ {}",
            b"{'task': 'add'}",
        ],
    )
    async def test_that_is_none(self, admin: Caller, body: bytes) -> None:
        headers = {"Content-Type": "application/json"}
        answer = await admin.http.post("/api/v1/jobs", content=body, headers=headers)
        assert answer.status_code in (400, 422)

    async def test_of_a_name_twice_the_one_that_was_checked_counts(
        self, app: Tidemill, people: People
    ) -> None:
        caller = people("operator", "acme")
        headers = {"Content-Type": "application/json"}
        for given, status in (
            ('"task": "add", "task": "os.system"', 422),
            ('"tenant": "acme", "task": "add", "tenant": "umbra"', 422),
            ('"tenant": "umbra", "task": "add", "tenant": "acme"', 201),
        ):
            body = f'{{{given}, "arguments": {{"a": 1}}}}'
            answer = await caller.http.post("/api/v1/jobs", content=body, headers=headers)
            assert answer.status_code == status, answer.text
            if status == 201:
                assert app.jobs.get(answer.json()["id"]).snapshot().tenant == "acme"


class TestCursors:
    """Where a page ended, as somebody else was told, or nobody."""

    PATHS: ClassVar[tuple[str, ...]] = ("/jobs", "/dead-letters", "/events", "/audit")

    @pytest.mark.parametrize(
        "cursor",
        ["abc", "-1", "1e3", "9" * 19, "9" * 99, "%00", "' OR 1=1", "0x1", "1;2", "%D9%A1"],
    )
    async def test_made_up(self, admin: Caller, cursor: str) -> None:
        for path in self.PATHS:
            answer = await admin("GET", f"{path}?cursor={cursor}")
            assert answer.status_code == 422, (path, answer.text)

    async def test_of_another_tenant(self, people: People) -> None:
        """It says where to go on, and never whose."""
        theirs, mine = people("admin", "umbra"), people("admin", "acme")
        for number in range(6):
            caller = theirs if number % 2 else mine
            body = {"task": "add", "arguments": {"a": number}}
            await caller.ok("POST", "/jobs", body)
            await caller.ok("POST", "/events", {"name": "order.placed", "source": "shop"})
            await caller("DELETE", "/jobs/x")
        for path, noun in (("/jobs", "jobs"), ("/events", "events"), ("/audit", "lines")):
            cursor = (await theirs.ok("GET", f"{path}?limit=1"))["cursor"]
            assert cursor
            for altered in (cursor, str(int(cursor) + 2), str(10**17)):
                found = (await mine.ok("GET", f"{path}?limit=100&cursor={altered}"))[noun]
                assert found
                assert {each["tenant"] for each in found} == {"acme"}, path


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

    async def test_of_a_job_that_is_there(self, app: Tidemill, admin: Caller) -> None:
        """It stays of its task, with its arguments, whatever is sent along with a change."""
        job = app.enqueue("add", {"a": 1}, delay="1h")
        wanted = {"task": "say", "arguments": {"text": "x"}, "queue": "else", "tenant": "umbra"}
        for verb in ("run-now", "cancel", "retry"):
            assert (await admin("POST", f"/jobs/{job.id}/{verb}", wanted)).status_code in (
                200,
                409,
                422,
            )
            body = {"ids": [job.id], **wanted}
            assert (await admin("POST", f"/jobs/{verb}", body)).status_code == 422
        kept = app.jobs.get(job.id).snapshot()
        assert (kept.task, kept.args, kept.queue, kept.tenant) == ("add", b'{"a":1}', "sums", "")

    def test_every_body_forbids_what_it_does_not_know(self) -> None:
        schemas = create_api(Tidemill("memory://")).openapi()["components"]["schemas"]
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
    async def test_what_is_said_stays_text(self, admin: Caller, text: str) -> None:
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
