"""A whole day of the hub on real parts, on SQLite and on PostgreSQL, and what is kept of it."""

import asyncio
import threading
from collections import Counter

from sqlalchemy import func, select

from examples.compliance_hub.hub import Hub
from examples.compliance_hub.jobs import QUEUE, STOCK
from examples.compliance_hub.sample import fill
from examples.compliance_hub.tables import FEEDBACK, MAILS
from examples.stage.mailroom import Mailroom
from tests.examples.compliance_hub.conftest import MakeHub, Mill, running
from tests.journeys.crowd import until
from tidemill import State
from tidemill.core.retention import Keep
from tidemill.testing import ManualClock
from tidemill.upkeep.roster import standard


def test_on_a_monday_that_is_a_first_all_eleven_jobs_do_their_work(
    kept_hub: Hub, clock: ManualClock, mailroom: Mailroom
) -> None:
    hub = kept_hub
    fill(hub.books, hub.now().date())
    hub.app.schedules.publish()
    mill = Mill(hub, clock)
    clock.advance("12h")
    for _ in range(20):  # from midnight to half past nine
        mill.drain()
        clock.advance("30m")
    done = Counter(job.task for job in hub.app.jobs.find(states=[State.COMPLETED]))
    assert {each.name for each in STOCK} <= set(done)
    assert not list(hub.app.jobs.find(states=[State.FAILED]))
    hub.outbox.settle()
    with hub.books.begin() as tx:
        sent, kinds = tx.execute(
            select(func.count(), func.count(MAILS.c.kind.distinct())).where(MAILS.c.state == "sent")
        ).one()
        unread = tx.execute(select(func.count()).where(FEEDBACK.c.mood.is_(None))).scalar_one()
    assert sent == len(mailroom.letters) > 40
    assert kinds == 7  # pd, credential, policy, complaint, onboarding, digest, report
    assert unread == 30  # it came after one o'clock, and is read the next night
    mill.advance("15h30m")
    with hub.books.begin() as tx:
        unread = tx.execute(select(func.count()).where(FEEDBACK.c.mood.is_(None))).scalar_one()
    assert unread == 0


def test_runs_are_kept_for_ninety_days(kept_hub: Hub, clock: ManualClock) -> None:
    hub, mill = kept_hub, Mill(kept_hub, clock)
    hub.app.schedules.publish()
    for each in hub.app.schedules.find():
        hub.app.schedules.pause(each.name)
    hub.app.schedules.run("compliance.pd-reminders")
    mill.drain()

    async def tidy() -> None:
        for duty in standard(await hub.app.aopen(), clock, Keep(completed=1_000)):
            await duty.run_once()

    for days, left in ((89, 1), (2, 0)):
        clock.advance(f"{days}d")
        asyncio.run(tidy())
        assert len(list(hub.app.jobs.find(queues=[QUEUE]))) == left


def test_five_jobs_run_at_once_and_no_more(make_hub: MakeHub, kept_store_url: str) -> None:
    hub = make_hub(kept_store_url, clock=None)
    gate, working, most = threading.Event(), [0], [0]

    @hub.app.task(name="compliance.slow", queue=QUEUE)
    async def slow() -> None:
        working[0] += 1
        most[0] = max(most[0], working[0])
        await asyncio.to_thread(gate.wait)
        working[0] -= 1

    jobs = hub.app.enqueue_many(slow.bind() for _ in range(8))
    with running(hub):
        until(lambda: working[0] == 5, seconds=30, what="five work")
        assert sum(job.state is State.RUNNING for job in jobs) == 5
        gate.set()
        for job in jobs:
            job.result(timeout="30s")
    assert most == [5]


def test_the_queue_allows_five_and_keeps_for_ninety_days(kept_hub: Hub) -> None:
    (rules,) = [each for each in kept_hub.app.queues.find() if each.queue == QUEUE]
    assert rules.most == 5
    day = 86_400_000
    kept = rules.retention
    assert (kept.completed, kept.failed, kept.cancelled) == (90 * day, 90 * day, 90 * day)


def test_what_people_have_set_for_the_queue_stays_when_a_worker_starts(kept_hub: Hub) -> None:
    kept_hub.app.queues.limit(QUEUE, most=2)
    kept_hub.keep_rules()
    (rules,) = [each for each in kept_hub.app.queues.find() if each.queue == QUEUE]
    assert rules.most == 2
