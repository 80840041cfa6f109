"""What is named, counted or claimed and is not one's own, or nothing; with the answer it gets."""

from typing import Any, ClassVar

import pytest

from tests.api.conftest import Caller, People
from tidemill import Tidemill
from tidemill.api.app import create_api

HOSTILE_TEXTS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{7*7}}",
    "a\r\nX-Injected: yes",
    "\x1b[31mred",
    "a\u2028b",
    "=1+1",
]


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

    @pytest.mark.parametrize(
        "length", ["-1s", "1e9d", "400000d", -1, 1e300, "∞", "1" * 400 + "d", True]
    )
    async def test_in_a_length_of_time(self, admin: Caller, length: Any) -> None:
        body = {"task": "add", "arguments": {"a": 1}, "delay": length}
        assert (await admin("POST", "/jobs", body)).status_code == 422
