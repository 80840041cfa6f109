"""Odd input: empty, given twice, past, unknown or of another kind: it is told apart, and why."""

from typing import Any

import pytest

from tests.api.conftest import Caller, People
from tidemill import Tidemill, errors
from tidemill.access.identity import Quota
from tidemill.access.tenants import Tenants


def later(app: Tidemill, count: int = 2, **wishes: Any) -> list[str]:
    """Jobs that are due in an hour."""
    return [app.enqueue("add", {"a": n}, delay="1h", **wishes).id for n in range(count)]


EMPTY: list[dict[str, Any]] = [
    {}, {"states": []}, {"queues": []}, {"tasks": []}, {"tags": []}, {"text": ""},
]  # fmt: skip


class TestWhich:
    @pytest.mark.parametrize("which", EMPTY)
    @pytest.mark.parametrize("verb", ["cancel", "delete", "preview"])
    async def test_an_empty_filter_never_means_every_job(
        self, app: Tidemill, admin: Caller, verb: str, which: dict[str, Any]
    ) -> None:
        later(app)
        assert (await admin("POST", f"/jobs/{verb}", {"filter": which})).status_code == 422
        assert len(list(app.jobs.find(states=["scheduled"]))) == 2

    @pytest.mark.parametrize("which", EMPTY[1:])
    def test_nor_does_it_in_code(self, app: Tidemill, which: dict[str, Any]) -> None:
        later(app)
        with pytest.raises(errors.InvalidOption, match="is empty"):
            app.jobs.cancel(**which)
        assert len(list(app.jobs.find(**which))) == 2

    async def test_ids_are_previewed_each_once_and_those_of_others_not(
        self, app: Tidemill, people: People
    ) -> None:
        (mine,), (other,) = later(app, 1, tenant="acme"), later(app, 1, tenant="umbra")
        body = {"ids": [mine, mine, other, "nothing"]}
        seen = await people("viewer", "acme").ok("POST", "/jobs/preview", body)
        assert (seen["count"], [job["id"] for job in seen["sample"]]) == (1, [mine])
        answer = await people()("POST", "/jobs/preview", {**body, "filter": {"queues": ["a"]}})
        assert answer.status_code == 422


class TestOneJob:
    async def test_it_is_postponed_to_a_moment_or_by_a_while(
        self, app: Tidemill, admin: Caller
    ) -> None:
        (job,) = later(app, 1)
        moment = "2040-02-03T04:05:06+01:00"
        seen = await admin.ok("POST", f"/jobs/{job}/postpone", {"until": moment})
        assert seen["ready_at"] == "2040-02-03T03:05:06.000Z"
        await admin.ok("POST", "/jobs/postpone", {"ids": [job], "until": "2041-01-01T00:00:00Z"})
        assert (await admin.ok("GET", f"/jobs/{job}"))["ready_at"] == "2041-01-01T00:00:00.000Z"
        seen = await admin.ok("POST", f"/jobs/{job}/postpone", {"until": "90s"})
        assert (seen["state"], seen["ready_at"][:4]) == ("scheduled", "2026")

    @pytest.mark.parametrize("until", ["2040-01-01", "2040-01-01T00:00", "2040-13-01", "soon", -1])
    async def test_not_to_what_is_no_moment(
        self, app: Tidemill, admin: Caller, until: object
    ) -> None:
        (job,) = later(app, 1)
        assert (await admin("POST", f"/jobs/{job}/postpone", {"until": until})).status_code == 422

    async def test_it_is_moved_and_reprioritised(self, app: Tidemill, admin: Caller) -> None:
        (job,) = later(app, 1)
        assert (await admin.ok("POST", f"/jobs/{job}/move", {"queue": "x"}))["queue"] == "x"
        seen = await admin.ok("POST", f"/jobs/{job}/reprioritise", {"priority": "high"})
        assert seen["priority"] == 50
        app.jobs.cancel(job)
        answer = await admin("POST", f"/jobs/{job}/move", {"queue": "y"})
        assert (answer.status_code, answer.json()["detail"]) == (
            409, f"job {job} is cancelled, and cannot be moved",
        )  # fmt: skip


class TestQuota:
    async def test_what_a_tenant_runs_again_counts_as_waiting(
        self, app: Tidemill, people: People
    ) -> None:
        first, *others = later(app, 4, tenant="acme")
        app.jobs.cancel(tenant="acme")
        Tenants(app.client).create("acme", quota=Quota(waiting=2))
        caller = people("operator", "acme")
        answer = await caller("POST", "/jobs/retry", {"ids": [first, *others]})
        assert (answer.status_code, answer.json()["code"]) == (429, "access.over_quota")
        await caller.ok("POST", f"/jobs/{first}/retry")
        assert (await caller.ok("POST", "/jobs/retry", {"ids": others[:1]}))["changed"] == 1
        for path, body in (
            (f"/jobs/{others[1]}/retry", None),
            ("/jobs/retry", {"ids": [others[1]]}),
            ("/jobs/retry", {"filter": {"states": ["cancelled"]}}),
        ):
            assert (await caller("POST", path, body)).status_code == 429
        await people().ok("POST", f"/jobs/{others[1]}/retry")


class TestErrors:
    @pytest.mark.parametrize(
        ("path", "body", "pointer", "says"),
        [
            ("/jobs", {"task": "ü"}, "/body/task", "should be 1 to 128 letters"),
            ("/jobs", {"task": "add", "priority": "x"}, "/body/priority", "; or: "),
            ("/jobs", {"task": "add", "at": "2030-01-01T00:00"}, "/body/at", "a moment needs"),
            ("/events", {"name": "a b"}, "/body/name", "should be words"),
            ("/users", {"name": "ü", "grants": []}, "/body/name", "should be an e-mail address"),
        ],
    )
    async def test_they_name_the_part_and_what_it_should_be(
        self, admin: Caller, path: str, body: dict[str, Any], pointer: str, says: str
    ) -> None:
        answer = await admin("POST", path, body)
        told = {each["pointer"]: each["message"] for each in answer.json()["errors"]}
        assert says in told[pointer]
        assert not told[pointer].startswith("Value error")

    async def test_of_many_jobs_the_wrong_one_is_named(self, admin: Caller) -> None:
        jobs = [{"task": "add", "arguments": {"a": 1}}, {"task": "add", "arguments": {"a": "x"}}]
        answer = await admin("POST", "/jobs/batch", {"jobs": jobs})
        assert answer.json()["detail"] == "jobs[1]: add(): argument 'a': expected int, got str"
        assert answer.json()["code"] == "misuse.arguments"

    async def test_a_body_that_is_not_said_to_be_json_is_told_so(self, admin: Caller) -> None:
        answer = await admin.http.post("/api/v1/jobs", content=b'{"task": "add"}')
        assert answer.status_code == 422
        assert answer.json()["hint"] == "send JSON, and say so: Content-Type: application/json"

    async def test_names_that_are_taken_or_unknown_are_told(self, admin: Caller) -> None:
        body = {"name": "s", "task": "add", "arguments": {"a": 1}}
        await admin.ok("POST", "/schedules", body)
        answer = await admin("POST", "/schedules", body)
        told = (answer.status_code, answer.json()["detail"])
        assert told == (409, "there is a schedule 's' already")
        for noun in ("rules", "channels"):
            answer = await admin("GET", f"/alerts/{noun}/nope")
            assert f"`tidemill alerts {noun}`" in answer.json()["hint"]
