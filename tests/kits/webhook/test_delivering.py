"""Deliveries: what is posted to whom, how it is signed, and what each answer means."""

import json
from datetime import datetime
from typing import Any

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from tests.kits.webhook.conftest import Send, Subscribe, in_turn
from tests.services.third_party import Answer, ThirdParty
from tidemill import Event, Secret, Tidemill, errors, signatures
from tidemill.kits.webhook import Delivered, Settings, Webhooks, verify
from tidemill.testing import Harness, in_memory


class TestFanningOut:
    def test_an_event_goes_to_those_who_have_subscribed_to_it(
        self, mill: Harness, subscribe: Subscribe, third: ThirdParty
    ) -> None:
        for path, events in (("/a", ("invoice.*",)), ("/b", ("**",)), ("/c", ("incident.**",))):
            subscribe(f"{third.url}{path}", events)
        subscribe(f"{third.url}/d", ("invoice.paid", "invoice.*"))
        subscribe(f"{third.url}/e", ())
        mill.app.events.emit("invoice.paid", {"id": 7})
        mill.drain()
        assert sorted(asked.path for asked in third.asked) == ["/a", "/b", "/d"]
        assert len({asked.headers["webhook-id"] for asked in third.asked}) == 1
        assert len({asked.body for asked in third.asked}) == 1

    def test_what_is_posted_says_what_happened_and_when(
        self, mill: Harness, subscribe: Subscribe, third: ThirdParty
    ) -> None:
        subscribe(headers={"Authorization": "Bearer hush", "User-Agent-Of": "x"})
        mill.app.events.emit("incident.created", {"where": "Kvåløya", "cost": 12.5})
        (event,) = mill.app.events.read(pattern="incident.*")
        mill.drain()
        (asked,) = third.asked
        assert asked.method == "POST"
        assert asked.headers["Content-Type"] == "application/json"
        assert asked.headers["Authorization"] == "Bearer hush"
        assert "Idempotency-Key" not in asked.headers
        told = json.loads(asked.body)
        assert list(told) == ["type", "timestamp", "data"]
        assert (told["type"], told["data"]) == (
            "incident.created",
            {"where": "Kvåløya", "cost": 12.5},
        )
        assert moment(told["timestamp"]) == event.at

    def test_one_that_is_disabled_is_told_nothing(
        self, mill: Harness, subscribe: Subscribe, webhooks: Webhooks, third: ThirdParty
    ) -> None:
        made = subscribe()
        webhooks.subscriptions(mill.app).disable(made.id)
        mill.app.events.emit("invoice.paid")
        mill.drain()
        assert third.asked == []
        mill.assert_not_enqueued(webhooks.deliver)

    def test_an_event_of_one_tenant_goes_to_no_other(
        self, mill: Harness, webhooks: Webhooks, third: ThirdParty
    ) -> None:
        for tenant in ("acme", "other"):
            webhooks.subscriptions(mill.app, tenant).create(f"{third.url}/{tenant}", ["**"])
        mill.app.events.emit("invoice.paid", tenant="acme")
        mill.drain()
        assert [asked.path for asked in third.asked] == ["/acme"]
        (delivery,) = webhooks.deliveries(mill.app, "acme").page().deliveries
        assert delivery.state == "completed"
        assert webhooks.deliveries(mill.app, "other").page().deliveries == ()

    def test_an_event_that_is_handed_out_twice_is_posted_once(
        self, mill: Harness, subscribe: Subscribe, webhooks: Webhooks, third: ThirdParty
    ) -> None:
        subscribe()
        subscribe()
        event = Event(7, mill.clock.now(), "invoice.paid", "", "", {"id": 7})
        for _ in range(2):
            mill.app.enqueue(webhooks.fan_out.bind(event))
            mill.drain()
        assert len(third.asked) == 2


class TestSigning:
    def test_others_verify_it(
        self, mill: Harness, subscribe: Subscribe, send: Send, third: ThirdParty
    ) -> None:
        made = subscribe()
        send(made, data={"id": 7})
        mill.drain()
        (asked,) = third.asked
        assert Webhook(made.secret).verify(asked.body, asked.headers)["data"] == {"id": 7}
        assert verify(made.secret, asked.headers, asked.body) == asked.headers["webhook-id"]

    def test_until_the_overlap_is_over_either_secret_fits(
        self,
        mill: Harness,
        subscribe: Subscribe,
        send: Send,
        webhooks: Webhooks,
        third: ThirdParty,
    ) -> None:
        old = subscribe()
        new = webhooks.subscriptions(mill.app).rotate(old.id, overlap="2m")
        for wait in ("119s", "1s", "0s"):
            send(old)
            mill.drain()
            mill.advance(wait)
        first, second, third_ = third.asked
        for asked in (first, second):
            for secret in (old.secret, new.secret):
                Webhook(secret).verify(asked.body, asked.headers)
        Webhook(new.secret).verify(third_.body, third_.headers)
        with pytest.raises(WebhookVerificationError, match="No matching signature"):
            Webhook(old.secret).verify(third_.body, third_.headers)

    def test_all_attempts_are_one_message_each_signed_at_its_time(
        self, mill: Harness, subscribe: Subscribe, send: Send, third: ThirdParty
    ) -> None:
        third.behave = in_turn(Answer(500), Answer(500))
        made = subscribe()
        job = send(made, data={"id": 7})
        mill.drain()
        for _ in range(2):
            mill.advance("1m")
        assert job.state == "completed"
        assert len(third.asked) == 3
        assert len({(asked.headers["webhook-id"], asked.body) for asked in third.asked}) == 1
        assert len({asked.headers["webhook-timestamp"] for asked in third.asked}) == 3
        for asked in third.asked:
            assert verify(
                made.secret, asked.headers, asked.body, at=mill.clock.now()
            ) == asked.headers["webhook-id"]  # fmt: skip


class TestAnswers:
    @pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
    def test_it_is_delivered(
        self, mill: Harness, subscribe: Subscribe, send: Send, third: ThirdParty, status: int
    ) -> None:
        third.behave = lambda _: Answer(status, b"" if status == 204 else b"taken")
        job = send(subscribe())
        mill.drain()
        result = job.result(timeout=0)
        assert (result.status, result.body) == (status, "" if status == 204 else "taken")
        assert result.attempt == 1

    @pytest.mark.parametrize(
        "status", [301, 302, 303, 304, 307, 308, 408, 409, 421, 423, 425, 429, 500, 501, 502, 503,
                   504, 599],
    )  # fmt: skip
    def test_it_is_tried_again(
        self, mill: Harness, subscribe: Subscribe, send: Send, third: ThirdParty, status: int
    ) -> None:
        third.behave = in_turn(Answer(status, headers=(("Location", f"{third.url}/else"),)))
        job = send(subscribe())
        mill.drain()
        assert job.state == "retrying"
        assert [asked.path for asked in third.asked] == ["/in"]
        mill.advance("20s")
        assert job.state == "completed"

    @pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 406, 411, 413, 414, 415, 422, 431,
                                        451, 499])  # fmt: skip
    def test_it_is_given_up_at_once(
        self, mill: Harness, subscribe: Subscribe, send: Send, third: ThirdParty, status: int
    ) -> None:
        third.behave = lambda _: Answer(status)
        job = send(subscribe())
        mill.drain()
        seen = job.snapshot()
        assert (seen.state, seen.reason, seen.attempt) == ("failed", "not_retryable", 1)
        assert seen.error is not None
        assert f"127.0.0.1 answers {status}" in seen.error.message

    def test_after_five_attempts_it_is_given_up(
        self, mill: Harness, subscribe: Subscribe, send: Send, third: ThirdParty
    ) -> None:
        third.behave = lambda _: Answer(302)
        job = send(subscribe())
        mill.drain()
        for _ in range(8):
            mill.advance("3m")
        seen = job.snapshot()
        assert (seen.state, seen.reason, len(third.asked)) == ("failed", "attempts_spent", 5)

    def test_who_wants_no_more_is_told_nothing_from_then_on(
        self,
        mill: Harness,
        subscribe: Subscribe,
        send: Send,
        webhooks: Webhooks,
        third: ThirdParty,
    ) -> None:
        third.behave = in_turn(Answer(410))
        made = subscribe()
        first = send(made)
        mill.drain()
        later = send(made)
        mill.app.events.emit("invoice.paid")
        mill.drain()
        assert len(third.asked) == 1
        assert {first.state, later.state} == {"cancelled"}
        seen = webhooks.subscriptions(mill.app).get(made.id)
        assert not seen.enabled
        assert "410" in seen.reason
        (told,) = mill.events("webhook.disabled")
        assert told.payload == {"subscription": made.id, "reason": seen.reason}

    def test_a_410_of_a_place_that_was_left_disables_nothing(
        self,
        mill: Harness,
        subscribe: Subscribe,
        send: Send,
        webhooks: Webhooks,
        third: ThirdParty,
    ) -> None:
        made = subscribe()

        def leave(_: Any) -> Answer:
            webhooks.subscriptions(mill.app).change(made.id, url=f"{third.url}/new")
            return Answer(410)

        third.behave = in_turn(leave)
        job = send(made)
        mill.drain()
        assert webhooks.subscriptions(mill.app).get(made.id).enabled
        assert mill.events("webhook.disabled") == []
        mill.advance("20s")
        assert (job.state, third.asked[-1].path) == ("completed", "/new")

    def test_one_that_is_gone_is_told_nothing(
        self,
        mill: Harness,
        subscribe: Subscribe,
        send: Send,
        webhooks: Webhooks,
        third: ThirdParty,
    ) -> None:
        made = subscribe()
        job = send(made)
        webhooks.subscriptions(mill.app).delete(made.id)
        mill.drain()
        assert (job.state, third.asked) == ("cancelled", [])

    def test_a_little_of_an_answer_is_kept(
        self,
        mill: Harness,
        subscribe: Subscribe,
        send: Send,
        webhooks: Webhooks,
        third: ThirdParty,
    ) -> None:
        third.behave = in_turn(
            Answer(500, b"\xff\0<b>" + b"x" * 5_000), then=Answer(200, b"y" * 5_000)
        )
        made = subscribe()
        job = send(made)
        mill.drain()
        assert "xxx" not in str(job.snapshot().error)
        mill.advance("20s")
        failed, taken = webhooks.deliveries(mill.app).get(job.id).tries
        assert failed.body == "��<b>" + "x" * 1_019
        assert (failed.status, failed.error, failed.attempt) == (500, "", 1)
        assert (taken.status, taken.body, taken.attempt) == (200, "y" * 1_024, 2)


class TestPostingByHand:
    def test_a_url_is_posted_to_that_nobody_has_subscribed_with(
        self, mill: Harness, webhooks: Webhooks, third: ThirdParty
    ) -> None:
        job = mill.app.enqueue(
            webhooks.post.bind(
                f"{third.url}/hand", "audit.done", {"id": 7}, headers={"X-Api-Key": "k"}
            )
        )
        mill.drain()
        assert isinstance(job.result(timeout=0), Delivered)
        (asked,) = third.asked
        assert (asked.path, asked.headers["X-Api-Key"]) == ("/hand", "k")
        assert "webhook-signature" not in asked.headers

    def test_with_a_secret_it_is_signed_and_the_secret_is_in_no_store(
        self, monkeypatch: pytest.MonkeyPatch, third: ThirdParty
    ) -> None:
        monkeypatch.setenv("TIDEMILL_SECRETS_KEYS", "k1:" + "A" * 43 + "=")
        secret = signatures.new_secret()
        app, webhooks = Tidemill("memory://"), Webhooks(settings=Settings(("127.0.0.1",)))
        app.include(webhooks)
        with in_memory(app) as mill:
            job = app.enqueue(webhooks.post.bind(f"{third.url}/h", "a", None, Secret(secret)))
            mill.drain()
            assert job.state == "completed"
            assert secret[6:].encode() not in job.snapshot().args
            (asked,) = third.asked
            verify(secret, asked.headers, asked.body, at=mill.clock.now())

    def test_a_header_that_is_ours_is_refused(
        self, mill: Harness, webhooks: Webhooks, third: ThirdParty
    ) -> None:
        job = mill.app.enqueue(
            webhooks.post.bind(f"{third.url}/h", "a", headers={"webhook-id": "x"})
        )
        mill.drain()
        assert job.snapshot().error is not None
        assert third.asked == []


@pytest.mark.parametrize("answer", ["soon", "0s"])
def test_no_time_to_answer_is_refused_where_it_is_said(answer: str) -> None:
    with pytest.raises(errors.InvalidOption):
        Settings(answer=answer)
    with pytest.raises(errors.InvalidOption):
        Tidemill("memory://").include(Webhooks(), settings={"answer": answer})


def test_two_kits_in_one_store_know_nothing_of_each_other(third: ThirdParty) -> None:
    settings = Settings(allow=("127.0.0.1",))
    first = Webhooks("hse-webhook", queue="webhook", settings=settings)
    second = Webhooks("shop-webhook", queue="webhook", settings=settings)
    app = Tidemill("memory://")
    app.include(first)
    app.include(second)
    with in_memory(app) as mill:
        first.subscriptions(app).create(f"{third.url}/1", ["**"])
        app.events.emit("a")
        mill.drain()
        assert [asked.path for asked in third.asked] == ["/1"]
        assert second.subscriptions(app).list() == []
        assert {job.snapshot().queue for job in mill.jobs()} == {"webhook"}
        assert {job.task for job in mill.jobs()} == {
            "hse-webhook.fan_out", "hse-webhook.deliver", "shop-webhook.fan_out",
        }  # fmt: skip


def moment(written: str) -> int:
    """Milliseconds since the epoch."""
    return round(datetime.fromisoformat(written).timestamp() * 1_000)
