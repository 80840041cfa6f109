"""The store keeps to the quotas of a module, across workers and queues."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.modules.conftest import beside, work
from tidemill import Module, Tidemill, current, errors
from tidemill.core.instants import millis
from tidemill.core.rules import QueueRules
from tidemill.core.state import State
from tidemill.testing.clock import ManualClock


def module(**quotas: Any) -> Module:
    """A module of two tasks; the first answers how many of its jobs ran at once."""
    module = Module("billing", quotas=quotas)
    at_once: list[int] = []

    @module.task
    async def charge() -> int:
        at_once.append(1)
        most = len(at_once)
        for _ in range(20):
            await current().progress(0)
        at_once.pop()
        return most

    @module.task
    def refund() -> None:
        """Do nothing."""

    return module


@contextmanager
def included(url: str, clock: ManualClock, quotas: dict[str, Any]) -> Iterator[Tidemill]:
    """An application with the module."""
    with Tidemill(url, clock=clock) as app:
        app.include(module(**quotas))
        yield app


def done(app: Tidemill) -> int:
    return sum(1 for _ in app.jobs.find(states=[State.COMPLETED]))


def rules(app: Tidemill) -> QueueRules:
    (mine,) = [each for each in app.queues.find() if each.queue == "billing"]
    return mine


def test_no_more_jobs_of_a_module_run_at_once_than_its_quota_says(
    store_url: str, clock: ManualClock
) -> None:
    with included(store_url, clock, {"concurrency": 2}) as app:
        jobs = [app.enqueue("billing.charge") for _ in range(8)]

        async def two() -> None:
            await asyncio.gather(app.worker().run_until_idle(), app.worker().run_until_idle())

        asyncio.run(two())
        work(app)
        assert max(job.result(timeout=0) for job in jobs) == 2


def test_jobs_of_a_module_start_no_more_often_than_its_rate(
    store_url: str, clock: ManualClock
) -> None:
    with included(store_url, clock, {"rate": "3/1m"}) as app:
        for task in ("billing.charge", "billing.refund") * 4:
            app.enqueue(task)
        work(app)
        assert done(app) == 3
        clock.advance("20s")
        work(app)
        assert done(app) == 4


def test_within_any_hour_no_more_jobs_of_a_module_start_than_its_quota_whatever_their_queue(
    store_url: str, clock: ManualClock
) -> None:
    with included(store_url, clock, {"per_hour": 4}) as app:
        for number in range(12):
            app.enqueue("billing.refund", {}, queue="mail" if number % 2 else "billing")
        ends = []
        for _ in range(3 * 12):  # three hours, five minutes a step
            work(app)
            ends.append(done(app))
            clock.advance("5m")
        within = [later - earlier for earlier, later in zip(ends, ends[12:], strict=False)]
        assert max(within) <= 4
        assert ends[-1] == 12


def test_quotas_that_code_changes_hold_from_the_next_start_on_and_for_jobs_that_are_there(
    store_url: str, clock: ManualClock
) -> None:
    with included(store_url, clock, {"per_hour": 1, "concurrency": 1, "rate": "5/1m"}) as app:
        for _ in range(3):
            app.enqueue("billing.refund")
        work(app)
        assert done(app) == 1
        assert (rules(app).most, rules(app).rate is None) == (1, False)
        newer = beside(app, module(per_hour=3_600))
        newer.included.publish()
        assert (rules(newer).most, rules(newer).rate) == (None, None)
        for rest in ("1h", "1s"):  # the old wait is sat out
            clock.advance(rest)
            work(newer)
        assert done(newer) == 3


def test_what_people_have_made_of_a_quota_stays_while_code_leaves_it_as_it_was(
    store_url: str, clock: ManualClock
) -> None:
    with included(store_url, clock, {"concurrency": 2}) as app:
        app.included.publish()
        app.queues.limit("billing", most=7)
        app.included.publish()
        assert rules(app).most == 7


def test_a_module_without_quotas_leaves_the_rules_of_its_queue_alone(
    store_url: str, clock: ManualClock
) -> None:
    with included(store_url, clock, {}) as app:
        app.queues.limit("billing", most=7)
        app.included.publish()
        assert rules(app).most == 7


@pytest.mark.parametrize(
    ("quotas", "said"),
    [
        ({"concurrency": 0}, "quotas.concurrency holds 0"),
        ({"concurrency": True}, "quotas.concurrency holds True"),
        ({"concurrency": 10**9}, "quotas.concurrency cannot be"),
        ({"per_hour": "many"}, "quotas.per_hour holds 'many'"),
        ({"rate": "often"}, "quotas.rate holds 'often'"),
        ({"rate": "0/1m"}, "quotas.rate cannot be"),
        ({"rate": "5/soon"}, "quotas.rate cannot be"),
        ({"rate": 5}, "quotas.rate holds 5"),
        ({"memory": 5}, "quotas.memory is not known"),
    ],
)
def test_a_quota_that_makes_no_sense_is_refused_by_name(quotas: dict[str, Any], said: str) -> None:
    with pytest.raises(errors.InvalidManifest) as refused:
        Module("billing", quotas=quotas)
    assert said in str(refused.value)
    assert 'Module("billing")' in str(refused.value)


def test_an_hourly_quota_is_one_rate_without_a_burst() -> None:
    task = Module("billing", quotas={"per_hour": 60}).task(name="x")(lambda: None)
    limit = task.options.rate
    assert limit is not None
    assert (limit.rate.count, limit.rate.per, limit.rate.burst) == (60, millis("1h"), 1)
