"""The log of deliveries, and having them posted once more."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from tests.kits.webhook.conftest import Send, Subscribe, in_turn
from tests.services.third_party import Answer, ThirdParty
from tidemill import Tidemill, errors
from tidemill.kits.webhook import Settings, Webhooks
from tidemill.testing import Harness


def now(mill: Harness) -> datetime:
    return datetime.fromtimestamp(mill.clock.now() / 1_000, UTC)


class TestLog:
    def test_it_tells_of_each_time_that_a_webhook_was_posted(
        self,
        mill: Harness,
        subscribe: Subscribe,
        webhooks: Webhooks,
        third: ThirdParty,
    ) -> None:
        third.behave = in_turn(Answer(500, b"oops"), then=Answer(201, b"thanks"))
        made = subscribe()
        mill.app.events.emit("invoice.paid", {"id": 7})
        mill.drain()
        begun = mill.clock.now()
        log = webhooks.deliveries(mill.app)
        (waiting,) = log.page(made.id).deliveries
        assert (waiting.state, waiting.finished_at) == ("retrying", None)
        assert waiting.next_at is not None
        assert waiting.next_at > begun
        mill.advance("20s")
        (seen,) = log.page(made.id).deliveries
        assert seen == log.get(seen.id)
        assert (seen.subscription, seen.event, seen.state) == (made.id, "invoice.paid", "completed")
        assert seen.message == third.asked[0].headers["webhook-id"]
        assert [(each.attempt, each.status, each.body, each.error) for each in seen.tries] == [
            (1, 500, "oops", ""),
            (2, 201, "thanks", ""),
        ]
        assert [each.at for each in seen.tries] == [begun, begun + 20_000]
        assert seen.next_at is None

    def test_where_there_was_no_answer_it_says_what_went_wrong(
        self, mill: Harness, subscribe: Subscribe, send: Send, webhooks: Webhooks
    ) -> None:
        job = send(subscribe("https://127.0.0.1:9/in"))
        mill.drain()
        (tried,) = webhooks.deliveries(mill.app).get(job.id).tries
        assert (tried.status, tried.body) == (0, "")
        assert tried.error.startswith("ConnectError")

    def test_it_is_asked_by_subscription_state_and_time_page_by_page(
        self,
        mill: Harness,
        subscribe: Subscribe,
        send: Send,
        webhooks: Webhooks,
        third: ThirdParty,
    ) -> None:
        third.behave = lambda asked: Answer(404 if asked.path == "/b" else 204)
        good, bad = subscribe(), subscribe(f"{third.url}/b")
        for _ in range(3):
            for made in (good, bad):
                send(made)
            mill.advance("1h")
        log = webhooks.deliveries(mill.app)
        assert {each.subscription for each in log.page(bad.id).deliveries} == {bad.id}
        assert {each.state for each in log.page(states=("failed",)).deliveries} == {"failed"}
        recent = log.page(since=now(mill) - timedelta(minutes=90))
        assert len(recent.deliveries) == 2
        first = log.page(limit=4)
        rest = log.page(limit=4, cursor=first.cursor)
        assert len({each.id for each in (*first.deliveries, *rest.deliveries)}) == 6
        times = [each.created_at for each in first.deliveries]
        assert times == sorted(times, reverse=True)

    def test_what_is_no_delivery_is_not_there(self, mill: Harness, webhooks: Webhooks) -> None:
        job = mill.app.enqueue(webhooks.post.bind("https://example.org", "a"))
        log = webhooks.deliveries(mill.app)
        for asked in (log.get, log.replay):
            for id_ in (job.id, "nothing"):
                with pytest.raises(errors.JobNotFound):
                    asked(id_)

    def test_nobody_sees_or_replays_another_tenants(
        self, mill: Harness, subscribe: Subscribe, send: Send, webhooks: Webhooks
    ) -> None:
        job = send(subscribe())
        mill.drain()
        log = webhooks.deliveries(mill.app, "acme")
        assert log.page().deliveries == ()
        for asked in (log.get, log.replay):
            with pytest.raises(errors.JobNotFound):
                asked(job.id)
        assert log.replay_failed(now(mill) - timedelta(days=1)) == 0


class TestReplay:
    def test_one_that_failed_is_posted_again_as_the_same_message(
        self,
        mill: Harness,
        subscribe: Subscribe,
        send: Send,
        webhooks: Webhooks,
        third: ThirdParty,
    ) -> None:
        third.behave = in_turn(Answer(404))
        job = send(subscribe())
        mill.drain()
        assert job.state == "failed"
        log = webhooks.deliveries(mill.app)
        assert log.replay(job.id) == job.id
        mill.drain()
        assert [each.status for each in log.get(job.id).tries] == [404, 204]
        assert len({asked.headers["webhook-id"] for asked in third.asked}) == 1

    def test_one_that_was_delivered_is_posted_again_by_a_job_of_its_own(
        self,
        mill: Harness,
        subscribe: Subscribe,
        send: Send,
        webhooks: Webhooks,
        third: ThirdParty,
    ) -> None:
        made = subscribe()
        job = send(made, data={"id": 7})
        mill.drain()
        mill.clock.advance("1h")
        log = webhooks.deliveries(mill.app)
        again = log.replay(job.id)
        assert again != job.id
        mill.drain()
        first, second = third.asked
        assert first.headers["webhook-id"] == second.headers["webhook-id"]
        assert first.body == second.body
        assert {each.id for each in log.page(made.id).deliveries} == {job.id, again}

    def test_one_that_is_under_way_stays_as_it_is(
        self,
        mill: Harness,
        subscribe: Subscribe,
        send: Send,
        webhooks: Webhooks,
        third: ThirdParty,
    ) -> None:
        job = send(subscribe())
        assert webhooks.deliveries(mill.app).replay(job.id) == job.id
        mill.drain()
        assert len(third.asked) == 1

    def test_all_of_a_time_that_were_not_delivered_are_posted_again(
        self,
        mill: Harness,
        subscribe: Subscribe,
        send: Send,
        webhooks: Webhooks,
        third: ThirdParty,
    ) -> None:
        subscriptions, log = webhooks.subscriptions(mill.app), webhooks.deliveries(mill.app)
        made, other = subscribe(), subscribe(f"{third.url}/other")
        third.behave = lambda _: Answer(404)
        early = send(made)
        mill.advance("1h")
        since = now(mill)
        failed, of_other = send(made), send(other)
        mill.drain()
        third.behave = lambda _: Answer(204)
        delivered = send(made)
        mill.drain()
        subscriptions.disable(made.id)
        refused, by_hand = send(made), send(made)
        by_hand.cancel("not this one")
        mill.drain()
        subscriptions.enable(made.id)
        until = now(mill) + timedelta(minutes=1)
        third.asked.clear()
        assert log.replay_failed(since, until, subscription=made.id) == 2
        mill.drain()
        assert {failed.state, refused.state, delivered.state} == {"completed"}
        assert (early.state, of_other.state, by_hand.state) == ("failed", "failed", "cancelled")
        assert len(third.asked) == 2
        assert log.replay_failed(since, until) == 1


@pytest.mark.parametrize("store_url", ["sqlite", "postgres"], indirect=True)
async def test_it_goes_through_a_real_store(store_url: str, third: ThirdParty) -> None:
    """A worker posts, forgets nothing over a failure, and replays; by the async verbs."""
    third.behave = in_turn(Answer(404, b"not yet"))
    webhooks = Webhooks(settings=Settings(allow=("127.0.0.1",)))
    async with Tidemill(store_url) as app:
        app.include(webhooks)
        made = await webhooks.subscriptions(app).acreate(f"{third.url}/in", ["invoice.*"])
        begun = datetime.fromtimestamp(time.time() - 1, UTC)
        log = webhooks.deliveries(app)
        call = webhooks.to(made.id).bind(made.id, "invoice.paid", {"id": 7})
        job = await app.aenqueue(call)
        await app.worker().run_until_idle()
        (failed,) = (await log.apage(states=("failed",))).deliveries
        assert (failed.id, [each.body for each in failed.tries]) == (job.id, ["not yet"])
        assert await log.areplay_failed(begun, subscription=made.id) == 1
        await app.worker().run_until_idle()
        done = await log.aget(job.id)
        assert (done.state, [each.status for each in done.tries]) == ("completed", [404, 204])
        assert await log.areplay(job.id) != job.id
