"""`/operations`: changes of many jobs are kept account of, and undone while that can be."""

from typing import Any

import pytest

from tests.api.conftest import Caller, People
from tests.api.test_jobs import enqueue
from tidemill import Tidemill
from tidemill.core.lease import WORKER
from tidemill.core.want import Want
from tidemill.testing.clock import ManualClock

MINUTE = 60


async def changed(caller: Caller, verb: str, *ids: str, **more: Any) -> dict[str, Any]:
    """What was answered to a change of these jobs."""
    answer: dict[str, Any] = await caller.ok("POST", f"/jobs/{verb}", {"ids": list(ids), **more})
    return answer


async def states(caller: Caller, *ids: str) -> list[str]:
    return [(await caller.ok("GET", f"/jobs/{each}"))["state"] for each in ids]


async def begin(app: Tidemill) -> None:
    """Have a worker take the next job."""
    engine = await app.aopen()
    lease = await engine.leases.take(f"{WORKER}hand", "test", 60_000)
    assert lease is not None
    assert len((await engine.jobs.claim(Want(lease, 1))).jobs) == 1


class TestKeeping:
    async def test_it_says_who_did_what_and_why(self, admin: Caller) -> None:
        ids = [await enqueue(admin) for _ in range(2)]
        body = {"ids": [*ids, "nobody"]}
        done = await admin.ok("POST", "/jobs/cancel", body, headers={"X-Reason": "sent%20twice"})
        shown = await admin.ok("GET", f"/operations/{done['operation']}")
        assert (shown["verb"], shown["reason"]) == ("jobs.cancel", "sent twice")
        assert (shown["meant"], shown["changed"], shown["skipped"]) == (3, 2, 1)
        assert shown["who"]
        assert (shown["state"], shown["job"], shown["undo_refused"]) == ("done", None, None)
        assert shown["undo_until"] == done["undo_until"] is not None

    async def test_they_come_newest_first_a_page_at_a_time(self, admin: Caller) -> None:
        made = [(await changed(admin, "retry", "nobody"))["operation"] for _ in range(3)]
        first = await admin.ok("GET", "/operations?limit=2")
        rest = await admin.ok("GET", f"/operations?limit=2&cursor={first['cursor']}")
        assert [each["id"] for each in first["operations"] + rest["operations"]] == made[::-1]
        assert rest["cursor"] is None

    async def test_what_a_filter_looks_for_is_not_told(self, admin: Caller) -> None:
        body = {"filter": {"queues": ["sums"], "text": "swordfish"}}
        done = await admin.ok("POST", "/jobs/cancel", body)
        shown = await admin("GET", f"/operations/{done['operation']}")
        assert "swordfish" not in shown.text
        assert shown.json()["filter"]["queues"] == ["sums"]

    async def test_nobody_sees_or_undoes_those_of_another_tenant(
        self, admin: Caller, people: People
    ) -> None:
        theirs, others = people("operator", "acme"), people("operator", "umbra")
        job = await enqueue(theirs)
        operation = (await changed(theirs, "cancel", job))["operation"]
        assert (await others.ok("GET", "/operations"))["operations"] == []
        assert (await others("GET", f"/operations/{operation}")).status_code == 404
        assert (await others("POST", f"/operations/{operation}/undo")).status_code == 404
        assert (await admin("GET", f"/operations/{operation}")).status_code == 200
        assert await states(theirs, job) == ["cancelled"]


class TestUndoing:
    async def test_what_waited_waits_again(self, admin: Caller) -> None:
        ids = [await enqueue(admin) for _ in range(3)]
        later = await enqueue(admin, delay="1h")
        done = await changed(admin, "cancel", *ids, later)
        await admin.ok("POST", f"/jobs/{ids[0]}/retry")
        undone = await admin.ok("POST", f"/operations/{done['operation']}/undo")
        assert (undone["state"], undone["undone"]) == ("undone", 2)
        assert await states(admin, *ids, later) == ["waiting"] * 3 + ["cancelled"]

    async def test_what_was_cancelled_again_since_stays_cancelled(
        self, admin: Caller, clock: ManualClock
    ) -> None:
        job = await enqueue(admin)
        done = await changed(admin, "cancel", job)
        await admin.ok("POST", f"/jobs/{job}/retry")
        clock.advance(MINUTE)
        await admin.ok("POST", f"/jobs/{job}/cancel")
        undone = await admin.ok("POST", f"/operations/{done['operation']}/undo")
        assert (undone["undone"], undone["begun"], undone["others"]) == (0, 0, 1)
        assert await states(admin, job) == ["cancelled"]
        (line,) = (await admin.ok("GET", "/audit?action=operations.undo"))["lines"]
        assert (line["target"], line["result"]) == (done["operation"], "done")

    async def test_moved_jobs_go_back_each_to_its_own_queue(self, admin: Caller) -> None:
        ids = [await enqueue(admin, queue=queue) for queue in ("a", "b", "slow")]
        body = {"filter": {"tasks": ["add"]}, "queue": "slow"}
        done = await admin.ok("POST", "/jobs/move", body)
        await admin.ok("POST", f"/operations/{done['operation']}/undo")
        queues = [(await admin.ok("GET", f"/jobs/{each}"))["queue"] for each in ids]
        assert queues == ["a", "b", "slow"]

    async def test_priorities_are_again_what_they_were(self, admin: Caller) -> None:
        ids = [await enqueue(admin, priority=number) for number in (1, 2)]
        done = await changed(admin, "reprioritise", *ids, priority=50)
        undone = await admin.ok("POST", f"/operations/{done['operation']}/undo")
        assert undone["undone"] == 2
        found = [(await admin.ok("GET", f"/jobs/{each}"))["priority"] for each in ids]
        assert found == [1, 2]

    async def test_what_was_retried_has_failed_again_but_for_what_has_begun(
        self, app: Tidemill, admin: Caller
    ) -> None:
        ids = [await enqueue(admin, task="broken", arguments={"secret": "s"}) for _ in range(4)]
        await app.worker().run_until_idle()
        before = [await admin.ok("GET", f"/jobs/{each}") for each in ids]
        assert [each["state"] for each in before] == ["failed"] * 4
        done = await changed(admin, "retry", *ids)
        assert done["undo_until"] is not None
        await begin(app)
        await admin.ok("POST", f"/jobs/{ids[1]}/cancel")
        undone = await admin.ok("POST", f"/operations/{done['operation']}/undo")
        assert (undone["undone"], undone["begun"], undone["others"]) == (2, 1, 1)
        assert await states(admin, *ids) == ["running", "cancelled", "failed", "failed"]
        assert [await admin.ok("GET", f"/jobs/{each}") for each in ids[2:]] == before[2:]
        lines = (await admin.ok("GET", "/audit?action=jobs.put_back"))["lines"]
        assert [line["given"] for line in lines] == [{"ids": ids, "of": 4}]

    @pytest.mark.parametrize("verb", ["run-now", "postpone"])
    async def test_what_was_made_due_is_due_when_it_was(self, admin: Caller, verb: str) -> None:
        job = await enqueue(admin, delay="1h")
        before = await admin.ok("GET", f"/jobs/{job}")
        more = {"until": "3h"} if verb == "postpone" else {}
        done = await changed(admin, verb, job, **more)
        assert await admin.ok("GET", f"/jobs/{job}") != before
        undone = await admin.ok("POST", f"/operations/{done['operation']}/undo")
        assert (undone["undone"], undone["begun"], undone["others"]) == (1, 0, 0)
        assert await admin.ok("GET", f"/jobs/{job}") == before

    async def test_of_a_failure_and_of_dead_letters_it_is_the_same(
        self, app: Tidemill, admin: Caller
    ) -> None:
        job = await enqueue(admin, task="broken", arguments={"secret": "s"})
        await app.worker().run_until_idle()
        done = await admin.ok("POST", "/dead-letters/redrive", {"all": True})
        undone = await admin.ok("POST", f"/operations/{done['operation']}/undo")
        assert undone["undone"] == 1
        assert await states(admin, job) == ["failed"]

    async def test_ten_minutes_later_it_is_too_late(
        self, admin: Caller, clock: ManualClock
    ) -> None:
        job = await enqueue(admin)
        done = await changed(admin, "cancel", job)
        clock.advance(10 * MINUTE)
        answer = await admin("POST", f"/operations/{done['operation']}/undo")
        assert (answer.status_code, "too long ago" in answer.text) == (409, True)
        shown = await admin.ok("GET", f"/operations/{done['operation']}")
        assert shown["undo_refused"] == "late"
        assert await states(admin, job) == ["cancelled"]

    async def test_it_is_undone_once(self, admin: Caller) -> None:
        done = await changed(admin, "cancel", await enqueue(admin))
        await admin.ok("POST", f"/operations/{done['operation']}/undo")
        answer = await admin("POST", f"/operations/{done['operation']}/undo")
        assert (answer.status_code, "already" in answer.text) == (409, True)

    async def test_what_cannot_be_undone_says_so_at_once(
        self, app: Tidemill, admin: Caller
    ) -> None:
        job = await enqueue(admin)
        await app.worker().run_until_idle()
        done = await changed(admin, "delete", job)
        assert done["undo_until"] is None
        answer = await admin("POST", f"/operations/{done['operation']}/undo")
        assert answer.status_code == 409

    async def test_of_those_cancelled_that_do_not_wait_nothing_can_be(self, admin: Caller) -> None:
        done = await changed(admin, "cancel", await enqueue(admin, delay="1h"))
        assert done["undo_until"] is None
        shown = await admin.ok("GET", f"/operations/{done['operation']}")
        assert shown["undo_refused"] == "nothing"


class TestCounting:
    """`/jobs/counts`."""

    async def test_counts_follow_the_filter(self, app: Tidemill, admin: Caller) -> None:
        await enqueue(admin, tags=["x"])
        await app.worker().run_until_idle()
        await enqueue(admin, queue="other")
        await enqueue(admin, delay="1h")
        every = {each["state"]: each["count"] for each in await counts(admin, "")}
        assert (every["waiting"], every["scheduled"], every["completed"]) == (1, 1, 1)
        assert len(every) == 8
        ours = {each["state"]: each["count"] for each in await counts(admin, "?queues=sums&tags=x")}
        assert {state: count for state, count in ours.items() if count} == {"completed": 1}

    async def test_who_may_not_see_arguments_may_not_count_by_them(self, people: People) -> None:
        assert (await people("viewer")("GET", "/jobs/counts?text=a")).status_code == 403

    async def test_those_of_another_tenant_are_not_counted(
        self, admin: Caller, people: People
    ) -> None:
        await enqueue(admin)
        assert not any(each["count"] for each in await counts(people("viewer", "acme"), ""))


async def counts(caller: Caller, query: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await caller.ok("GET", f"/jobs/counts{query}"))["states"]
    return found


class TestAttempts:
    """`/attempts`."""

    async def test_tries_of_all_jobs_come_last_first(
        self, app: Tidemill, admin: Caller, clock: ManualClock
    ) -> None:
        first = await enqueue(admin)
        await app.worker().run_until_idle()
        clock.advance(MINUTE)
        second = (
            await admin.ok("POST", "/jobs", {"task": "broken", "arguments": {"secret": "s"}})
        )["id"]
        await app.worker().run_until_idle()
        found = await admin.ok("GET", "/attempts")
        assert [each["job"] for each in found["attempts"]] == [second, first]
        assert [each["ending"] for each in found["attempts"]] == ["failed", "completed"]
        assert found["more"] is False
        one = await admin.ok("GET", "/attempts?queue=sums")
        assert [each["job"] for each in one["attempts"]] == [first]

    async def test_a_viewer_does_not_see_what_errors_say(
        self, app: Tidemill, admin: Caller, people: People
    ) -> None:
        await admin.ok("POST", "/jobs", {"task": "broken", "arguments": {"secret": "swordfish"}})
        await app.worker().run_until_idle()
        shown = await people("viewer")("GET", "/attempts")
        assert len(shown.json()["attempts"]) == 1
        assert "swordfish" not in shown.text

    async def test_those_of_another_tenant_are_not_told(
        self, app: Tidemill, admin: Caller, people: People
    ) -> None:
        await enqueue(admin)
        await app.worker().run_until_idle()
        assert (await people("viewer", "acme").ok("GET", "/attempts"))["attempts"] == []
