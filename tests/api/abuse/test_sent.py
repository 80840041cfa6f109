"""Requests, bodies and JSON that are not as they should be; each with the answer it has to get."""

import asyncio
import json
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from tests.api.conftest import HERE, Caller, People
from tests.api.routes import declared
from tidemill import Tidemill
from tidemill.api.gate import MOST_BODY, Gate


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
        # Written out, for what begins with two slashes names a host otherwise.
        answer = await people("viewer").http.get(f"{HERE}{path}")
        assert answer.status_code == 400

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

    @pytest.mark.parametrize("length", [str(MOST_BODY + 1), "1e3", "-1", "0x10", "\u0664"])
    async def test_a_length_that_will_not_do(self, admin: Caller, length: str) -> None:
        """It is refused by what it says, whatever comes."""
        body = b'{"task": "add", "arguments": {"a": 1}}'
        headers = [
            (b"Content-Type", b"application/json"),
            (b"Content-Length", length.encode()),
        ]
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
