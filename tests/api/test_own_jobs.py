"""The platform's own jobs: they can be looked at, cancelled and deleted, and nothing else."""

from typing import Any

import msgspec
import pytest

from tests.api.conftest import Caller, People
from tidemill import Tidemill
from tidemill.access.quota import Quotas
from tidemill.core.change import Cancel, Which
from tidemill.core.query import JobFilter
from tidemill.operations.sweep import SWEEP, Rest, Sweeps
from tidemill.tasks.registry import OWN

CHANGER: dict[str, Any] = {
    "role": "operator",
    "tenant": "acme",
    "scopes": ("jobs.read", "jobs.change"),
}

VERBS: dict[str, dict[str, Any]] = {
    "retry": {},
    "run-now": {},
    "postpone": {"until": "2040-01-01T00:00:00Z"},
    "reprioritise": {"priority": 5},
    "move": {"queue": "elsewhere"},
}
"""Those that would have one run, or run otherwise than it was asked for."""


async def a_sweep(app: Tidemill, *, finished: bool = True) -> str:
    """Have somebody who may delete jobs of acme do so; the job that does the rest."""
    for number in range(2):
        app.enqueue("add", {"a": number}, tenant="acme", delay="1h")
    worker = app.worker()
    job = app.enqueue(SWEEP, the_rest(queues=("sums",)), tenant="acme")
    if finished:
        await worker.run_until_idle()
        assert job.result() == 2
    return job.id


def the_rest(**which: Any) -> dict[str, Any]:
    """What a job that deletes jobs is given, from the newest one on."""
    meant = Which(filter=JobFilter(without=OWN, **which))
    rest = Rest(verb="jobs.delete", change={}, which=meant, cursor=str(1 << 53), changed=0)
    return {"rest": msgspec.to_builtins(rest)}


async def failed_sweep(app: Tidemill) -> str:
    """The rest of a change that was cancelled before it could be made."""
    job = await a_sweep(app, finished=False)
    app.jobs.cancel(job)
    return job


class TestOneByOne:
    @pytest.mark.parametrize("verb", ["retry", "run-now"])
    async def test_nobody_has_one_run_again(self, app: Tidemill, people: People, verb: str) -> None:
        job = await failed_sweep(app)
        for caller in (people(**CHANGER), people()):
            answer = await caller("POST", f"/jobs/{job}/{verb}")
            assert (answer.status_code, answer.json()["code"]) == (403, "access.denied")
            assert "can only be cancelled and deleted" in answer.json()["detail"]
        await app.worker().run_until_idle()
        assert app.jobs.get(job).state == "cancelled"
        assert len(list(app.jobs.find(queues=["sums"]))) == 2

    async def test_one_that_goes_on_too_long_is_cancelled(
        self, app: Tidemill, people: People
    ) -> None:
        job = await a_sweep(app, finished=False)
        answer = await people(**CHANGER).ok("POST", f"/jobs/{job}/cancel")
        assert answer["state"] == "cancelled"

    async def test_one_that_has_finished_is_deleted(self, app: Tidemill, admin: Caller) -> None:
        job = await a_sweep(app)
        await admin.ok("DELETE", f"/jobs/{job}")
        assert (await admin("GET", f"/jobs/{job}")).status_code == 404


class TestByIds:
    @pytest.mark.parametrize("verb", VERBS)
    async def test_one_among_others_is_refused_and_nothing_done(
        self, app: Tidemill, people: People, verb: str
    ) -> None:
        job = await failed_sweep(app)
        other = app.enqueue("add", {"a": 1}, tenant="acme", delay="1h").id
        if verb == "retry":
            app.jobs.cancel(other)
        before = app.jobs.get(other).seen
        body = {"ids": [other, job], **VERBS[verb]}
        answer = await people(**CHANGER)("POST", f"/jobs/{verb}", body)
        assert answer.status_code == 403
        assert job in answer.json()["detail"]
        assert app.jobs.get(other).seen == before

    async def test_dead_letters_are_no_way_around(self, app: Tidemill, people: People) -> None:
        job = await a_failure(app)
        caller = people(**CHANGER)
        answer = await caller("POST", "/dead-letters/redrive", {"ids": [job]})
        assert answer.status_code == 403

    async def test_one_of_another_tenant_is_not_told_of(
        self, app: Tidemill, people: People
    ) -> None:
        job = await failed_sweep(app)
        stranger = people("operator", "umbra")
        answer = await stranger.ok("POST", "/jobs/retry", {"ids": [job]})
        assert answer["changed"] == 0


class TestByFilter:
    @pytest.mark.parametrize("verb", [*VERBS, "cancel", "delete"])
    async def test_they_are_left_out_and_the_preview_counts_as_many(
        self, app: Tidemill, admin: Caller, verb: str
    ) -> None:
        own = await a_sweep(app, finished=False)
        mine = app.enqueue("add", {"a": 1}, delay="1h", tenant="umbra").id
        if verb in ("retry", "delete"):
            app.jobs.cancel(own)
            app.jobs.cancel(mine)
        before = app.jobs.get(own).seen
        which = {"created_before": "2040-01-01T00:00:00Z"}
        seen = await admin.ok("POST", "/jobs/preview", {"filter": which})
        changed = await admin.ok("POST", f"/jobs/{verb}", {"filter": which, **VERBS.get(verb, {})})
        listed = await admin.ok("GET", "/jobs")
        assert app.jobs.get(own).seen == before
        assert seen["count"] == len(seen["sample"]) == 3
        assert changed["changed"] == (1 if verb == "retry" else 3)
        assert own in [job["id"] for job in listed["jobs"]]

    async def test_a_long_change_does_not_change_its_own_job(self, app: Tidemill) -> None:
        app.enqueue_many(app.client.bound("add", {"a": 1}, {"delay": "1h"}) for _ in range(501))
        which = Which(filter=app.jobs.filter({"states": ["scheduled", "waiting", "running"]}))
        sweeps = Sweeps(app.client, Quotas(app.client), at_once=500)
        left = await sweeps.start(app.jobs, which, Cancel(), tenant="")
        await app.worker().run_until_idle()
        assert app.jobs.get(left.job).result() == 501

    async def test_queues_and_dead_letters_leave_them_out(
        self, app: Tidemill, admin: Caller
    ) -> None:
        failed = await a_failure(app)
        waiting = await a_sweep(app, finished=False)
        assert (await admin.ok("GET", "/dead-letters"))["jobs"] == []
        assert (await admin.ok("GET", "/dead-letters/queues"))["queues"] == []
        for path, body in (
            ("/dead-letters/redrive", {"all": True}),
            ("/dead-letters/discard", {"all": True}),
            ("/queues/tidemill/drain", {"later": True}),
            ("/queues/tidemill/clean", {"states": ["failed"], "older_than": "1s"}),
        ):
            assert (await admin.ok("POST", path, body))["changed"] == 0
        assert app.jobs.get(failed).state == "failed"
        assert app.jobs.get(waiting).state == "waiting"


async def a_failure(app: Tidemill) -> str:
    """The rest of a change of acme's jobs that has failed for good."""
    rest = {"verb": "none", "change": {}, "which": {"ids": ["x"]}, "cursor": "0", "changed": 0}
    worker = app.worker()
    job = app.enqueue(SWEEP, {"rest": rest}, tenant="acme", attempts=1)
    await worker.run_until_idle()
    assert job.state == "failed"
    return job.id
