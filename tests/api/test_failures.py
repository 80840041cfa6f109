"""`/failures`: jobs that went wrong, by what they failed of."""

from typing import Any

import msgspec
import pytest

from tests.api.conftest import Caller, People
from tidemill import Retry, Tidemill
from tidemill.core.change import Which
from tidemill.operations.sweep import SWEEP, Rest
from tidemill.testing.clock import ManualClock


@pytest.fixture
def calls(app: Tidemill) -> Tidemill:
    """An application whose calls to one host fail."""

    @app.task(name="call", queue="calls", tags=["web"], retry=Retry.never())
    def call(host: str, number: int, password: str = "") -> int:
        assert password
        if host == "acme":
            raise ConnectionError(f"no answer to call {number} in 30 s")
        if host == "odd":
            raise LookupError(f"what is '{number}'?")
        return number

    @app.task(name="again", retry=Retry.exponential(attempts=3, base="1h"))
    def again(number: int) -> None:
        raise TimeoutError(f"{number} ms")

    return app


async def call(app: Tidemill, host: str, times: int, **more: Any) -> list[str]:
    """The ids of so many calls that have been made."""
    jobs = [
        app.enqueue("call", {"host": host, "number": number, "password": "hunter2"}, **more)
        for number in range(times)
    ]
    await app.worker().run_until_idle()
    return [job.id for job in jobs]


class TestGroups:
    async def test_nothing_has_failed(self, admin: Caller) -> None:
        told = await admin.ok("GET", "/failures")
        assert told == {"failures": [], "kinds": 0, "count": 0, "searched": 0, "more": False}

    async def test_those_of_one_cause_are_one(
        self, calls: Tidemill, admin: Caller, clock: ManualClock
    ) -> None:
        await call(calls, "fine", 2)
        early = await call(calls, "acme", 2)
        begun = clock.now()
        clock.advance("2h")
        late = await call(calls, "acme", 1)
        await call(calls, "odd", 1)
        told = await admin.ok("GET", "/failures")
        assert (told["kinds"], told["count"], told["searched"], told["more"]) == (2, 4, 4, False)
        most, other = told["failures"]
        assert (most["task"], most["kind"]) == ("call", "ConnectionError")
        assert most["message"] == "no answer to call <number> in <number> s"
        assert most["place"].endswith("test_failures.py in call")
        assert (most["count"], most["failed"], most["retrying"]) == (3, 3, 0)
        assert most["jobs"] == late + early[::-1]
        assert most["queues"] == [{"queue": "calls", "count": 3}]
        assert [each["count"] for each in most["hours"]] == [2, 1]
        assert most["first_at"] < most["last_at"]
        assert (other["message"], other["count"]) == ("what is <text>?", 1)
        assert begun < clock.now()

    async def test_one_failure_has_its_jobs(self, calls: Tidemill, admin: Caller) -> None:
        ids = await call(calls, "acme", 3)
        for number in (5, 50):
            calls.enqueue("again", {"number": number})
        await calls.worker().run_until_idle()
        groups = (await admin.ok("GET", "/failures"))["failures"]
        prints = {each["task"]: each["fingerprint"] for each in groups}
        told = await admin.ok("GET", f"/failures/{prints['call']}")
        assert told["failed"] == ids[::-1]
        assert told["retrying"] == []
        assert [job["id"] for job in told["jobs"]] == ids[::-1]
        assert told["jobs"][0]["error"]["message"] == "no answer to call 2 in 30 s"
        assert told["failure"] == next(each for each in groups if each["task"] == "call")
        told = await admin.ok("GET", f"/failures/{prints['again']}")
        assert (len(told["retrying"]), told["failed"]) == (2, [])
        assert {job["state"] for job in told["jobs"]} == {"retrying"}

    async def test_a_job_names_the_failure_that_it_is_part_of(
        self, calls: Tidemill, admin: Caller, people: People
    ) -> None:
        (wrong,), (fine,) = await call(calls, "acme", 1), await call(calls, "fine", 1)
        (failure,) = (await admin.ok("GET", "/failures"))["failures"]
        for caller in (admin, people("viewer")):
            assert (await caller.ok("GET", f"/jobs/{wrong}"))["failure"] == failure["fingerprint"]
            assert (await caller.ok("GET", f"/jobs/{fine}"))["failure"] is None
        await admin.ok("POST", f"/jobs/{wrong}/retry")
        assert (await admin.ok("GET", f"/jobs/{wrong}"))["failure"] is None

    async def test_what_was_run_again_is_one_no_more(self, calls: Tidemill, admin: Caller) -> None:
        ids = await call(calls, "acme", 2)
        (found,) = (await admin.ok("GET", "/failures"))["failures"]
        await admin.ok("POST", "/jobs/delete", {"ids": ids})
        gone = await admin("GET", f"/failures/{found['fingerprint']}")
        assert (gone.status_code, gone.json()["code"]) == (404, "state.not_found")

    @pytest.mark.parametrize("written", ["x", "3F5A0C9E1B7D2468", "3f5a0c9e1b7d24680"])
    async def test_what_is_no_fingerprint_is_refused(self, admin: Caller, written: str) -> None:
        assert (await admin("GET", f"/failures/{written}")).status_code == 422

    async def test_the_platforms_own_jobs_are_left_out(self, app: Tidemill, admin: Caller) -> None:
        worker = app.worker()
        rest = Rest(verb="jobs.nothing", change={}, which=Which(), cursor="1", changed=0)
        job = app.enqueue(SWEEP, {"rest": msgspec.to_builtins(rest)})
        await worker.run_until_idle()
        assert app.jobs.get(job).state == "retrying"
        assert (await admin.ok("GET", "/failures"))["failures"] == []


class TestTraits:
    async def test_what_sets_them_apart_is_told(self, calls: Tidemill, admin: Caller) -> None:
        await call(calls, "fine", 4)
        await call(calls, "acme", 3, tags=["trial"])
        (found,) = (await admin.ok("GET", "/failures"))["failures"]
        host, tag = found["traits"]
        assert host == {
            "kind": "argument", "name": "host", "value": "acme",
            "have": 3, "of": 3, "others_have": 0, "others": 4,
        }  # fmt: skip
        assert (tag["kind"], tag["value"]) == ("tag", "trial")

    async def test_what_has_the_name_of_a_secret_is_none(
        self, calls: Tidemill, admin: Caller
    ) -> None:
        await call(calls, "acme", 3)
        answer = await admin("GET", "/failures")
        (found,) = answer.json()["failures"]
        assert [each["name"] for each in found["traits"]] == ["host", ""]
        assert "hunter2" not in answer.text

    async def test_who_sees_no_payloads_sees_none_here(
        self, calls: Tidemill, people: People
    ) -> None:
        await call(calls, "acme", 3)
        reader = people(scopes=("jobs.read",))
        answer = await reader("GET", "/failures")
        (found,) = answer.json()["failures"]
        assert found["message"] == "***"
        assert [each["kind"] for each in found["traits"]] == ["tag"]
        one = await reader("GET", f"/failures/{found['fingerprint']}")
        assert one.json()["jobs"][0]["arguments"] == "***"
        for told in (answer, one):
            assert "acme" not in told.text
            assert "no answer" not in told.text


class TestTenants:
    async def test_each_sees_its_own(self, calls: Tidemill, people: People) -> None:
        ours = await call(calls, "acme", 2, tenant="acme")
        await call(calls, "acme", 3, tenant="umbra")
        acme = people("viewer", "acme")
        (found,) = (await acme.ok("GET", "/failures"))["failures"]
        assert found["count"] == 2
        one = await acme.ok("GET", f"/failures/{found['fingerprint']}")
        assert one["failed"] == ours[::-1]
        everybodys = await people().ok("GET", "/failures")
        assert everybodys["count"] == 5
        narrowed = await people().ok("GET", "/failures?tenant=umbra")
        assert narrowed["count"] == 3
        assert (await acme("GET", "/failures?tenant=umbra")).is_error

    async def test_one_of_another_tenant_is_not_there(
        self, calls: Tidemill, people: People
    ) -> None:
        await call(calls, "odd", 1, tenant="umbra")
        (found,) = (await people("viewer", "umbra").ok("GET", "/failures"))["failures"]
        answer = await people("viewer", "acme")("GET", f"/failures/{found['fingerprint']}")
        assert answer.status_code == 404

    async def test_others_completed_jobs_are_not_compared(
        self, calls: Tidemill, people: People
    ) -> None:
        await call(calls, "fine", 5, tenant="umbra")
        await call(calls, "acme", 3, tenant="acme")
        (found,) = (await people("operator", "acme").ok("GET", "/failures"))["failures"]
        assert {each["others"] for each in found["traits"]} == {0}
