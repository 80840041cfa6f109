"""Why a job does not run: each cause there is, on each engine."""

import json
from collections.abc import Iterator

import msgspec
import pytest

from tidemill import Concurrency, RateLimit, Tidemill, errors
from tidemill.access.actor import Actor
from tidemill.access.audit import Scribe
from tidemill.client.control import Jobs
from tidemill.client.job import Job
from tidemill.client.why import Cause
from tidemill.core.error_info import ErrorInfo
from tidemill.core.lease import WORKER, Lease
from tidemill.core.outcome import Done, Failed, Outcome
from tidemill.core.verdict import judge
from tidemill.core.want import Want
from tidemill.testing.clock import ManualClock

SCRIBE = Scribe(actor=Actor(kind="user", name="zoe"))


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def app(store_url: str, clock: ManualClock) -> Iterator[Tidemill]:
    with Tidemill(store_url, clock=clock) as app:

        @app.task(name="plain")
        def plain() -> None:
            """Do nothing."""

        @app.task(name="limited", concurrency=Concurrency(1, key="account:7"))
        def limited() -> None:
            """Do nothing, one at a time."""

        @app.task(name="rated", rate=RateLimit(1, "1h", key="api"))
        def rated() -> None:
            """Do nothing, once an hour."""

        yield app


class Worker:
    """Takes jobs, and says of itself which."""

    def __init__(
        self, app: Tidemill, clock: ManualClock, queues: list[str] | None, tasks: list[str]
    ) -> None:
        self._engine = app.open()
        self._clock = clock
        info = json.dumps({"name": "mill-1", "queues": queues, "tasks": tasks}).encode()
        lease = self._engine.leases.take(WORKER + "1", "test", 3_600_000, info).wait()
        assert lease is not None
        self.lease: Lease = lease

    def take(self, limit: int = 10, outcome: Outcome | None = None) -> int:
        """Claim jobs, and end them if it is said how; how many."""
        claims = self._engine.jobs.claim(Want(self.lease, limit)).wait().jobs
        if outcome is not None:
            now = self._clock.now()
            self._engine.jobs.settle([judge(each, outcome, now, 0.5) for each in claims]).wait()
        return len(claims)


@pytest.fixture
def worker(app: Tidemill, clock: ManualClock) -> Worker:
    return Worker(app, clock, None, ["plain", "limited", "rated"])


def why(app: Tidemill, job: Job[None]) -> Cause:
    """The one cause."""
    (cause,) = app.jobs.why(job)
    return cause


def test_nothing_stands_in_the_way(app: Tidemill, worker: Worker) -> None:
    del worker
    assert why(app, app.enqueue("plain")).kind == "soon"


def test_others_are_before_it(app: Tidemill, worker: Worker) -> None:
    del worker
    for _ in range(3):
        app.enqueue("plain")
    cause = why(app, app.enqueue("plain"))
    assert (cause.kind, cause.what, cause.count, cause.text) == (
        "line", "default", 3, "3 other jobs are before it in the queue default",
    )  # fmt: skip


def test_it_is_due_later(app: Tidemill, worker: Worker, clock: ManualClock) -> None:
    del worker
    cause = why(app, app.enqueue("plain", delay="5m"))
    assert (cause.kind, cause.text, cause.until) == (
        "due_later", "it is due in 5m", clock.now() + 300_000,
    )  # fmt: skip


def test_it_is_tried_again_later(app: Tidemill, worker: Worker) -> None:
    job = app.enqueue("plain")
    worker.take(outcome=Failed(ErrorInfo("ValueError", "no"), again_after=60_000))
    cause = why(app, job)
    assert (cause.kind, cause.text) == ("retrying", "it failed, and is tried again in 1m")


def test_it_waits_for_others(app: Tidemill, worker: Worker) -> None:
    del worker
    parents = [app.enqueue("plain") for _ in range(2)]
    cause = why(app, app.enqueue("plain", after=parents))
    assert (cause.kind, cause.jobs) == ("parents", tuple(parent.id for parent in parents))
    assert cause.text == f"it waits for {parents[0].id} (plain, waiting) and 1 other job"
    assert cause.count == 2


def test_its_queue_is_paused(app: Tidemill, worker: Worker, clock: ManualClock) -> None:
    del worker
    job = app.enqueue("plain")
    app.queues.pause("default", "stocktaking")
    cause = why(app, job)
    assert (cause.kind, cause.what, cause.note, cause.since) == (
        "queue_paused", "default", "stocktaking", clock.now(),
    )  # fmt: skip
    assert cause.text == "the queue default is paused since 2026-01-01 00:00 UTC: stocktaking"


def test_its_task_is_paused(app: Tidemill, worker: Worker) -> None:
    job = app.enqueue("plain")
    app.queues.pause_task("plain")
    assert why(app, job).kind == "task_paused"
    assert worker.take() == 0
    assert why(app, job).kind == "task_paused"


def test_its_key_is_full(app: Tidemill, worker: Worker) -> None:
    first, second = app.enqueue("limited"), app.enqueue("limited")
    assert worker.take() == 1
    cause = why(app, second)
    assert (cause.kind, cause.what, cause.jobs) == ("limit_full", "account:7", (first.id,))
    assert cause.text == f"the key account:7 lets 1 run at once, and 1 do: {first.id}"
    assert (cause.most, cause.count) == (1, 1)


def test_its_rate_is_spent(app: Tidemill, worker: Worker, clock: ManualClock) -> None:
    app.enqueue("rated")
    second = app.enqueue("rated")
    begun = clock.now()
    assert worker.take() == 1
    clock.advance("10m")
    cause = why(app, second)
    assert (cause.kind, cause.what, cause.until) == ("rate_spent", "api", begun + 3_600_000)
    assert cause.text == "the rate of the key api, 1 in 1h, is free again in 50m"
    assert (cause.most, cause.per) == (1, 3_600_000)


def test_its_queue_is_full(app: Tidemill, worker: Worker) -> None:
    app.queues.limit("default", most=1)
    app.enqueue("plain")
    second = app.enqueue("plain")
    worker.take()
    cause = why(app, second)
    assert (cause.kind, cause.most, cause.count, cause.text) == (
        "queue_full", 1, 1, "the queue default lets 1 run at once, and 1 do",
    )  # fmt: skip


def test_its_tenant_has_enough_running(app: Tidemill, worker: Worker) -> None:
    app.queues.limit("default", tenant_most=1)
    app.enqueue("plain", tenant="acme")
    second = app.enqueue("plain", tenant="acme")
    worker.take()
    cause = why(app, second)
    assert (cause.kind, cause.most, cause.count) == ("tenant_full", 1, 1)
    assert "1 of the tenant acme do" in cause.text


def test_the_rate_of_its_queue_is_spent(app: Tidemill, worker: Worker) -> None:
    app.queues.limit("default", rate=RateLimit(1, "1h"))
    app.enqueue("plain")
    second = app.enqueue("plain")
    worker.take()
    cause = why(app, second)
    assert (cause.kind, cause.what) == ("queue_rate_spent", "default")


def test_no_worker_is_there(app: Tidemill) -> None:
    cause = why(app, app.enqueue("plain"))
    assert (cause.kind, cause.text) == ("no_worker", "no worker is there")


def test_no_worker_takes_from_its_queue(app: Tidemill, clock: ManualClock) -> None:
    Worker(app, clock, ["mail"], ["plain"])
    cause = why(app, app.enqueue("plain"))
    assert (cause.kind, cause.what) == ("no_worker_of_queue", "default")


def test_no_worker_knows_its_task(app: Tidemill, clock: ManualClock) -> None:
    worker = Worker(app, clock, None, ["another"])
    app.enqueue("plain")
    worker.take(outcome=Done())
    ended = clock.now()
    clock.advance("3d")
    Worker(app, clock, None, ["another"])
    cause = why(app, app.enqueue("plain"))
    assert (cause.kind, cause.what, cause.since) == ("no_worker_of_task", "plain", ended)
    assert cause.text.endswith("knows the task plain; the task last ran 3d ago")


def test_it_runs(app: Tidemill, worker: Worker) -> None:
    job = app.enqueue("plain")
    worker.take()
    assert (why(app, job).what, why(app, job).text) == ("mill-1", "it runs on mill-1")
    job.cancel()
    assert why(app, job).kind == "stopping"


def test_it_has_finished(app: Tidemill, worker: Worker) -> None:
    done, cancelled = app.enqueue("plain"), app.enqueue("plain", delay="1h")
    worker.take(outcome=Done())
    cancelled.cancel("not needed")
    assert why(app, done).text == "it has completed"
    assert why(app, cancelled).text == "it was cancelled: not needed"


def test_every_cause_is_told(app: Tidemill) -> None:
    job = app.enqueue("plain", delay="1h", after=app.enqueue("limited"))
    app.queues.pause("default")
    app.queues.pause_task("plain")
    kinds = [cause.kind for cause in app.jobs.why(job)]
    assert kinds == ["parents", "queue_paused", "task_paused", "no_worker"]


class TestOfOneTenant:
    """What who is confined to a tenant is told: nothing of others, and nothing of the workers."""

    @pytest.fixture
    def acme(self, app: Tidemill) -> Jobs:
        return Jobs(app.client.on_behalf("acme", SCRIBE))

    def why(self, acme: Jobs, job: Job[None]) -> Cause:
        (cause,) = acme.why(job.id)
        return cause

    def test_a_key_is_held_by_another_tenant(
        self, app: Tidemill, acme: Jobs, worker: Worker
    ) -> None:
        other = app.enqueue("limited", tenant="umbra")
        worker.take()
        cause = self.why(acme, app.enqueue("limited", tenant="acme"))
        assert (cause.kind, cause.what, cause.jobs) == ("limit_full", "account:7", ())
        assert other.id not in cause.text
        assert cause.text == (
            "the key account:7 lets 1 run at once, and jobs of another tenant hold it"
        )
        assert (cause.most, cause.count) == (1, None)

    def test_a_key_is_held_by_its_own(self, app: Tidemill, acme: Jobs, worker: Worker) -> None:
        own = app.enqueue("limited", tenant="acme")
        worker.take()
        cause = self.why(acme, app.enqueue("limited", tenant="acme"))
        assert cause.jobs == (own.id,)
        assert cause.text == f"the key account:7 lets 1 run at once, and 1 do: {own.id}"

    def test_a_key_is_held_by_both(self, app: Tidemill, acme: Jobs, worker: Worker) -> None:
        app.queues.limit_key("account:7", most=2)
        own, other = (app.enqueue("limited", tenant=whose) for whose in ("acme", "umbra"))
        worker.take()
        cause = self.why(acme, app.enqueue("limited", tenant="acme"))
        assert cause.jobs == (own.id,)
        assert own.id in cause.text
        assert other.id not in cause.text
        assert "another tenant" in cause.text

    def test_a_parent_is_of_another_tenant(self, app: Tidemill, acme: Jobs, worker: Worker) -> None:
        del worker
        parents = [app.enqueue("limited", tenant=whose) for whose in ("umbra", "acme")]
        cause = self.why(acme, app.enqueue("plain", tenant="acme", after=parents[:1]))
        assert (cause.text, cause.jobs) == ("it waits for a job of another tenant", ())
        cause = self.why(acme, app.enqueue("plain", tenant="acme", after=parents))
        assert cause.jobs == (parents[1].id,)
        assert parents[0].id not in cause.text

    def test_how_many_are_before_it(self, app: Tidemill, acme: Jobs, worker: Worker) -> None:
        del worker
        for _ in range(3):
            app.enqueue("plain", tenant="umbra")
        cause = self.why(acme, app.enqueue("plain", tenant="acme"))
        assert (cause.count, cause.text) == (
            None, "other jobs are before it in the queue default",
        )  # fmt: skip

    def test_how_many_run_in_its_queue(self, app: Tidemill, acme: Jobs, worker: Worker) -> None:
        for _ in range(2):
            app.enqueue("plain", tenant="umbra")
        worker.take()
        app.queues.limit("default", most=1)
        cause = self.why(acme, app.enqueue("plain", tenant="acme"))
        assert cause.text == "the queue default lets 1 run at once, and as many do"
        assert cause.count is None

    def test_where_it_runs(self, app: Tidemill, acme: Jobs, worker: Worker) -> None:
        job = app.enqueue("plain", tenant="acme")
        worker.take()
        assert (self.why(acme, job).what, self.why(acme, job).text) == ("", "it runs")

    def test_when_the_task_last_ran(self, app: Tidemill, acme: Jobs, clock: ManualClock) -> None:
        worker = Worker(app, clock, None, ["another"])
        app.enqueue("plain", tenant="umbra")
        worker.take(outcome=Done())
        cause = self.why(acme, app.enqueue("plain", tenant="acme"))
        assert cause.kind == "no_worker_of_task"
        assert (cause.since, "last ran" in cause.text) == (None, False)


def test_keys_and_reasons_are_left_out_where_arguments_are(app: Tidemill, worker: Worker) -> None:
    for _ in range(2):
        app.enqueue("limited")
        app.enqueue("rated")
    cancelled = app.enqueue("plain", delay="1h")
    cancelled.cancel("account 7 is closed")
    worker.take()
    for task, key in (("limited", "account:7"), ("rated", "api")):
        job = next(job for job in app.jobs.find(tasks=[task]) if job.state != "running")
        (cause,) = app.jobs.why(job, masked=True)
        assert cause.what == "***"
        assert key not in cause.text
    (cause,) = app.jobs.why(cancelled, masked=True)
    assert (cause.text, cause.note) == ("it was cancelled: ***", "***")


def test_who_is_not_there_has_no_cause(app: Tidemill) -> None:
    with pytest.raises(errors.JobNotFound):
        app.jobs.why("nobody")


def test_a_cause_travels_as_json(app: Tidemill) -> None:
    told = msgspec.json.decode(msgspec.json.encode(app.jobs.why(app.enqueue("plain"))))
    assert told[0]["kind"] == "no_worker"
