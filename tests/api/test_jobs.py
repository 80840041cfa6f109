"""`/jobs`: enqueue, look, change."""

import asyncio
from typing import Any

import pytest

from tests.api.conftest import Caller, People
from tidemill import Secret, Tidemill, unique
from tidemill.access.identity import Quota
from tidemill.access.tenants import Tenants
from tidemill.api.app import create_api
from tidemill.core.unique import OnDuplicate
from tidemill.tasks.secret import new_key
from tidemill.testing.clock import ManualClock


async def enqueue(caller: Caller, **more: Any) -> str:
    """The id of a new job."""
    made = await caller.ok("POST", "/jobs", {"task": "add", "arguments": {"a": 1}, **more})
    return str(made["id"])


class TestEnqueueing:
    async def test_a_job_is_stored_and_found(self, app: Tidemill, admin: Caller) -> None:
        body = {"task": "add", "arguments": {"a": 20, "b": 22}, "priority": "high", "tags": ["x"]}
        answer = await admin("POST", "/jobs", body)
        made = answer.json()
        assert (answer.status_code, made["created"]) == (201, True)
        assert answer.headers["location"] == f"/api/v1/jobs/{made['id']}"
        job = await admin.ok("GET", f"/jobs/{made['id']}")
        assert (job["arguments"], job["priority"], job["queue"]) == ({"a": 20, "b": 22}, 50, "sums")
        assert job["tags"] == ["sum", "x"]
        assert job["state"] == "waiting"
        await app.worker().run_until_idle()
        job = await admin.ok("GET", f"/jobs/{made['id']}")
        assert (job["state"], job["result"]) == ("completed", 42)
        assert [each["ending"] for each in job["attempts"]] == ["completed"]
        tried = (await admin.ok("GET", "/attempts"))["attempts"]
        assert [(each["job"], each["tags"]) for each in tried] == [(made["id"], ["sum", "x"])]

    @pytest.mark.parametrize(
        ("body", "says"),
        [
            ({"task": "nothing"}, "nothing"),
            ({"task": "add"}, "missing argument 'a'"),
            ({"task": "add", "arguments": {"a": "x"}}, "argument 'a'"),
            ({"task": "add", "arguments": {"a": 1, "c": 1}}, "unexpected argument 'c'"),
            ({"task": "add", "arguments": {"a": 1}, "delay": "soon"}, "soon"),
            ({"task": "add", "arguments": {"a": 1}, "priority": 101}, "does not fit"),
            ({"task": "add", "arguments": {"a": 1}, "queue": "a b"}, "does not fit"),
            ({"task": "add", "arguments": {"a": 1}, "at": "2026-11-30T08:00:00"}, "does not fit"),
            ({"task": "add", "arguments": {"a": 1}, "state": "completed"}, "does not fit"),
            ({"task": "add", "arguments": {"a": 1}, "after": ["nobody"]}, "not stored"),
            ({}, "does not fit"),
            ([], "does not fit"),
        ],
    )
    async def test_what_makes_no_sense_is_refused(
        self, admin: Caller, body: Any, says: str
    ) -> None:
        answer = await admin("POST", "/jobs", body)
        assert answer.status_code == 422, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        assert says in answer.text
        assert (await admin.ok("GET", "/jobs"))["jobs"] == []

    async def test_sent_again_it_is_stored_once(self, admin: Caller) -> None:
        headers = {"Idempotency-Key": "order-7"}
        body = {"task": "add", "arguments": {"a": 1}}
        first = await admin("POST", "/jobs", body, headers=headers)
        again = await admin("POST", "/jobs", body, headers=headers)
        assert (first.status_code, again.status_code) == (201, 200)
        assert again.json() == {**first.json(), "created": False}
        other = await admin("POST", "/jobs", body | {"arguments": {"a": 2}}, headers=headers)
        assert other.status_code == 422
        assert len((await admin.ok("GET", "/jobs"))["jobs"]) == 1

    async def test_a_key_is_nothing_to_somebody_else(self, people: People) -> None:
        headers = {"Idempotency-Key": "order-7"}
        body = {"task": "add", "arguments": {"a": 1}}
        callers = [people(), people(), people("operator", "acme")]
        made = [await each("POST", "/jobs", body, headers=headers) for each in callers]
        assert [answer.status_code for answer in made] == [201, 201, 201]

    async def test_a_key_means_another_job_for_another_tenant(self, admin: Caller) -> None:
        headers = {"Idempotency-Key": "order-7"}
        body = {"task": "add", "arguments": {"a": 1}}
        ways: list[tuple[dict[str, str], dict[str, str]]] = [
            ({}, {}), ({}, {"tenant": "acme"}), ({}, {"tenant": "umbra"}),
            ({"X-Tenant": "acme"}, {}),
        ]  # fmt: skip
        made = [
            await admin("POST", "/jobs", body | more, headers=headers | named)
            for named, more in ways
        ]
        assert [answer.status_code for answer in made] == [201, 201, 201, 200]
        assert made[3].json()["id"] == made[1].json()["id"]
        many = [
            await admin.ok("POST", "/jobs/batch", {"jobs": [body | more]}, headers=headers)
            for _, more in ways[:3]
        ]
        assert [each["jobs"][0]["created"] for each in many] == [True, True, True]

    async def test_arguments_in_another_order_are_the_same(self, admin: Caller) -> None:
        headers = {"Idempotency-Key": "order-7"}
        for status, given in ((201, {"a": 1, "b": 2}), (200, {"b": 2, "a": 1})):
            answer = await admin("POST", "/jobs", {"task": "add", "arguments": given},
                                 headers=headers)  # fmt: skip
            assert answer.status_code == status

    @pytest.mark.parametrize("on_duplicate", ["replace", "debounce"])
    async def test_sent_again_after_a_later_one_has_changed_it(
        self, app: Tidemill, admin: Caller, on_duplicate: OnDuplicate
    ) -> None:
        @app.task(name="last", unique=unique("a", on_duplicate=on_duplicate))
        def last(a: int, b: int) -> int:
            return a + b

        made = [
            await admin.ok("POST", "/jobs", {"task": "last", "arguments": {"a": 1, "b": b}},
                           headers={"Idempotency-Key": key})
            for key, b in (("first", 1), ("second", 2), ("first", 1))
        ]  # fmt: skip
        assert len({each["id"] for each in made}) == 1
        assert [each["created"] for each in made] == [True, False, False]
        other = await admin("POST", "/jobs", {"task": "add", "arguments": {"a": 1}},
                            headers={"Idempotency-Key": "first"})  # fmt: skip
        assert other.status_code == 422

    @pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
    @pytest.mark.parametrize("left", ["k2", ""])
    async def test_sent_again_after_the_key_of_its_secret_has_gone(
        self, store_url: str, left: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        headers = {"Idempotency-Key": "order-7"}

        async def send(caller: Caller, pin: str, number: int) -> int:
            body = {"task": "pay", "arguments": {"pin": pin, "number": number}}
            answer = await caller("POST", "/jobs", body, headers=headers)
            return int(answer.status_code)

        def pay(pin: Secret, number: int) -> None:
            del pin, number

        monkeypatch.setenv("TIDEMILL_SECRETS_KEYS", new_key("k1"))
        with Tidemill(store_url) as app:
            app.task(name="pay")(pay)
            caller = People(app, create_api(app))()
            tries = [('a"é', 1), ('a"é', 1), ("b", 1), ('a"é', 2)]
            assert [await send(caller, *each) for each in tries] == [201, 200, 422, 422]
        monkeypatch.setenv("TIDEMILL_SECRETS_KEYS", new_key(left) if left else "")
        with Tidemill(store_url) as app:
            app.task(name="pay")(pay)
            caller = Caller(create_api(app), caller.http.headers["Authorization"].split()[1])
            assert [await send(caller, *each) for each in tries] == [200, 200, 200, 422]

    async def test_many_are_stored_all_or_none(self, admin: Caller) -> None:
        jobs = [{"task": "add", "arguments": {"a": number}} for number in range(1_000)]
        refused = await admin("POST", "/jobs/batch", {"jobs": [*jobs[:999], {"task": "add"}]})
        assert refused.status_code == 422
        assert (await admin.ok("GET", "/jobs"))["jobs"] == []
        headers = {"Idempotency-Key": "all"}
        for created in (True, False):
            made = await admin.ok("POST", "/jobs/batch", {"jobs": jobs}, headers=headers)
            assert {each["created"] for each in made["jobs"]} == {created}
        preview = await admin.ok("POST", "/jobs/preview", {"filter": {"tasks": ["add"]}})
        assert (preview["count"], preview["more"], len(preview["sample"])) == (1_000, False, 5)

    async def test_a_big_number_stays_as_it_is(self, app: Tidemill, admin: Caller) -> None:
        @app.task(name="echo")
        def echo(value: Any) -> Any:
            return value

        answer = await admin("POST", "/jobs", {"task": "echo", "arguments": {"value": 2**70}})
        job = await admin("GET", f"/jobs/{answer.json()['id']}")
        assert f'"value":{2**70}' in job.text


class TestQuotas:
    @pytest.mark.parametrize("quota", [{"per_minute": 2}, {"waiting": 2}])
    async def test_sent_again_it_costs_nothing(
        self, app: Tidemill, people: People, quota: dict[str, int]
    ) -> None:
        Tenants(app.client).create("acme", quota=Quota(**quota))
        caller = people("operator", "acme")
        body = {"task": "add", "arguments": {"a": 1}}
        for created in (True, False, False):
            headers = {"Idempotency-Key": "one"}
            assert (await caller.ok("POST", "/jobs", body, headers=headers))["created"] is created
            headers = {"Idempotency-Key": "many"}
            made = await caller.ok("POST", "/jobs/batch", {"jobs": [body]}, headers=headers)
            assert made["jobs"][0]["created"] is created
        for key, status in (("one", 422), ("more", 429)):
            other = await caller("POST", "/jobs", body | {"arguments": {"a": 2}},
                                 headers={"Idempotency-Key": key})  # fmt: skip
            assert other.status_code == status

    async def test_of_many_only_what_is_missing_costs(self, app: Tidemill, people: People) -> None:
        Tenants(app.client).create("acme", quota=Quota(per_minute=3))
        caller, headers = people("operator", "acme"), {"Idempotency-Key": "many"}
        jobs = [{"task": "add", "arguments": {"a": number}} for number in range(4)]
        made = [
            await caller("POST", "/jobs/batch", {"jobs": jobs[:count]}, headers=headers)
            for count in (2, 3, 4)
        ]
        assert [answer.status_code for answer in made] == [201, 201, 429]
        assert [each["created"] for each in made[1].json()["jobs"]] == [False, False, True]
        changed = [*jobs[1:3], jobs[3]]
        refused = await caller("POST", "/jobs/batch", {"jobs": changed}, headers=headers)
        assert refused.status_code == 422
        assert len((await caller.ok("GET", "/jobs"))["jobs"]) == 3

    async def test_a_schedule_that_is_run_by_hand_costs_as_a_job_does(
        self, app: Tidemill, people: People
    ) -> None:
        Tenants(app.client).create("acme", quota=Quota(per_minute=2))
        caller = people("operator", "acme")
        body = {"name": "s", "task": "add", "arguments": {"a": 1}}
        await people("admin", "acme").ok("POST", "/schedules", body)
        runs = [await caller("POST", "/schedules/s/run") for _ in range(3)]
        assert [answer.status_code for answer in runs] == [201, 201, 429]
        assert int(runs[2].headers["retry-after"]) > 0
        assert len((await caller.ok("GET", "/jobs"))["jobs"]) == 2

    async def test_nor_is_one_made_whose_jobs_would_be_too_large(
        self, app: Tidemill, people: People
    ) -> None:
        Tenants(app.client).create("acme", quota=Quota(payload=10))
        caller = people("admin", "acme")
        body = {"name": "s", "task": "broken", "arguments": {"secret": "x" * 10}}
        assert (await caller("POST", "/schedules", body)).status_code == 413
        assert (await caller.ok("GET", "/schedules"))["schedules"] == []


class TestLooking:
    async def test_pages_follow_each_other(self, admin: Caller) -> None:
        ids = [await enqueue(admin) for _ in range(5)]
        seen: list[str] = []
        answer = await admin("GET", "/jobs?limit=2&tasks=add")
        while True:
            seen += [job["id"] for job in answer.json()["jobs"]]
            if "link" not in answer.headers:
                break
            path = answer.headers["link"].split("<")[1].split(">")[0].removeprefix("/api/v1")
            answer = await admin("GET", path)
        assert seen == ids[::-1]
        assert answer.json()["cursor"] is None

    async def test_jobs_are_found_by_every_filter(self, admin: Caller, clock: ManualClock) -> None:
        first = await enqueue(admin, tags=["red"], tenant="acme", key="k")
        clock.advance("1h")
        await enqueue(admin, queue="other")
        job = await admin.ok("GET", f"/jobs/{first}")
        for query in (
            "tags=red", "tenant=acme", "queues=sums", f"unique_key={job['unique_key']}",
            f"created_before={job['created_at'][:17]}59Z", 'text="a":1&tags=red',
            "states=waiting&states=running&tags=red",
        ):  # fmt: skip
            found = await admin.ok("GET", f"/jobs?{query}")
            assert [each["id"] for each in found["jobs"]] == [first], query

    @pytest.mark.parametrize(
        "query",
        ["limit=0", "limit=201", "limit=x", "state=waiting", "states=flying", "cursor=x",
         "created_from=yesterday", "queues=a b", "unknown=1"],
    )  # fmt: skip
    async def test_a_question_that_makes_no_sense_is_refused(
        self, admin: Caller, query: str
    ) -> None:
        assert (await admin("GET", f"/jobs?{query}")).status_code == 422

    async def test_what_is_not_there_is_not_found(self, admin: Caller) -> None:
        for method, path in (("GET", "/jobs/x"), ("GET", "/jobs/x/logs"), ("DELETE", "/jobs/x"),
                             ("POST", "/jobs/x/retry"), ("POST", "/jobs/x/cancel")):  # fmt: skip
            answer = await admin(method, path)
            assert (answer.status_code, answer.json()["code"]) == (404, "state.job_not_found")

    async def test_a_viewer_sees_no_payloads(
        self, app: Tidemill, admin: Caller, people: People
    ) -> None:
        made = await admin.ok("POST", "/jobs", {"task": "broken", "arguments": {"secret": "xyzzy"}})
        await app.worker().run_until_idle()
        assert "xyzzy" in (await admin("GET", f"/jobs/{made['id']}")).text
        viewer = people("viewer")
        for path in (f"/jobs/{made['id']}", "/jobs", f"/jobs/{made['id']}/logs", "/events"):
            answer = await viewer("GET", path)
            assert answer.status_code == 200
            assert "xyzzy" not in answer.text
        assert (await viewer("GET", "/jobs?text=xyzzy")).status_code == 403


class TestChanging:
    async def test_a_job_is_cancelled_and_run_again(self, admin: Caller) -> None:
        job = await enqueue(admin)
        cancelled = await admin.ok("POST", f"/jobs/{job}/cancel", {"reason": "not needed"})
        assert (cancelled["state"], cancelled["reason"]) == ("cancelled", "not needed")
        again = await admin("POST", f"/jobs/{job}/cancel")
        assert (again.status_code, again.json()["code"]) == (409, "state")
        assert (await admin.ok("POST", f"/jobs/{job}/retry"))["state"] == "waiting"
        await admin.ok("DELETE", f"/jobs/{job}")
        assert (await admin("GET", f"/jobs/{job}")).status_code == 404

    async def test_many_are_changed_by_ids_or_by_a_filter(self, admin: Caller) -> None:
        ids = [await enqueue(admin, delay="1h") for _ in range(3)]
        await enqueue(admin, queue="other")
        which = {"filter": {"queues": ["sums"]}}
        changes: list[tuple[str, dict[str, Any]]] = [
            ("reprioritise", {"priority": "low", **which}),
            ("postpone", {"until": "2h", "ids": ids[:2]}),
            ("run-now", {"ids": ids[:1]}),
            ("move", {"queue": "new", **which}),
            ("cancel", {"filter": {"queues": ["new"]}}),
            ("retry", {"filter": {"states": ["cancelled"]}}),
            ("delete", {"filter": {"queues": ["new"]}}),
        ]
        counts = [
            (await admin.ok("POST", f"/jobs/{verb}", body))["changed"] for verb, body in changes
        ]
        assert counts == [3, 2, 1, 3, 3, 3, 3]
        assert len((await admin.ok("GET", "/jobs"))["jobs"]) == 1

    @pytest.mark.parametrize(
        "body", [{}, {"ids": []}, {"filter": {}}, {"ids": ["a"], "filter": {"queues": ["sums"]}}]
    )
    async def test_a_change_of_everything_is_refused(self, admin: Caller, body: Any) -> None:
        await enqueue(admin)
        for verb in ("cancel", "retry", "delete", "run-now"):
            assert (await admin("POST", f"/jobs/{verb}", body)).status_code == 422
        assert len((await admin.ok("GET", "/jobs"))["jobs"]) == 1

    async def test_many_ask_at_once(self, admin: Caller) -> None:
        ids = await asyncio.gather(*(enqueue(admin) for _ in range(40)))
        assert len(set(ids)) == 40
