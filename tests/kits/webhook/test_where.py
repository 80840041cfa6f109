"""Where webhooks go: out into the world, and nowhere inside, however a subscription was saved."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from tests.kits.webhook.conftest import Subscribe
from tests.services.test_outbound import INSIDE
from tests.services.third_party import Answer, ThirdParty
from tidemill import Retry, Tidemill
from tidemill.kits.webhook import Settings, Webhooks
from tidemill.services.breaker import Terms
from tidemill.services.breakers import Breakers
from tidemill.services.http_calls import Http, Manners
from tidemill.services.outbound import Reach
from tidemill.services.outlet import Outlet
from tidemill.testing import Harness, in_memory


class TestWhere:
    """Abuse cases 21 to 25: what is refused when it is sent, however it was saved."""

    def test_an_inner_address_is_not_asked_though_it_was_saved(
        self, mill: Harness, subscribe: Subscribe, third: ThirdParty
    ) -> None:
        made = subscribe()
        records = mill.app.records("webhook.subscriptions")
        like = records.find()[0].value
        outside = Webhooks("outside")
        inner = [f"https://{host}/in" for host in INSIDE]
        inner += [f"http://{host}:{third.port}/in" for host in INSIDE]
        inner += [
            f"{third.url}/in", "file:///etc/passwd", "gopher://127.0.0.1/",
            "https://zoe@example.org/", "https://example.org:6379/",
        ]  # fmt: skip
        app = Tidemill("memory://")
        app.include(outside)
        with in_memory(app) as mill_:
            kept = app.records("outside.subscriptions")
            jobs = []
            for number, url in enumerate(inner):
                kept.put(f"sub_{number}", {**like, "url": url})
                jobs.append(app.enqueue(outside.to(f"sub_{number}").bind(f"sub_{number}", "a")))
            mill_.drain()
            for job in jobs:
                seen = job.snapshot()
                assert (seen.state, seen.reason) == ("failed", "not_retryable"), seen.args
                assert seen.error is not None
                assert seen.error.message.startswith("misuse.address")
            for delivery in outside.deliveries(app).page(limit=200).deliveries:
                (tried,) = delivery.tries
                assert (tried.status, tried.body) == (0, "")
        assert third.asked == []
        assert made.enabled

    @pytest.mark.parametrize(
        "answers",
        [["127.0.0.1"], ["93.184.215.14", "127.0.0.1"], ["::ffff:127.0.0.1"], ["10.0.0.1"],
         ["64:ff9b::7f00:1"]],
    )  # fmt: skip
    def test_a_name_that_stands_for_an_inner_address_is_not_asked(
        self, answers: Sequence[str], third: ThirdParty
    ) -> None:
        looked: list[str] = []

        async def lookup(host: str, _port: int) -> Sequence[str]:
            looked.append(host)
            return answers

        seen = sent_to("https://hooks.example.org:8443/in", lookup)
        assert (seen.state, seen.reason) == ("failed", "not_retryable")
        assert "its name stands for an address inside" in seen.error.message
        assert looked == ["hooks.example.org"]
        assert third.asked == []

    def test_a_name_that_nobody_knows_is_tried_again(self) -> None:
        async def lookup(_host: str, _port: int) -> Sequence[str]:
            raise OSError("no such name")

        seen = sent_to("https://hooks.example.org/in", lookup)
        assert seen.state == "retrying"
        assert "could not be looked up" in seen.error.message

    def test_the_address_that_was_looked_at_is_the_one_that_is_asked(
        self, third: ThirdParty
    ) -> None:
        """By the time of the connection the name may stand for another one."""
        answers = [["127.0.0.1"], ["10.0.0.1"]]

        async def lookup(_host: str, _port: int) -> Sequence[str]:
            return answers.pop(0)

        third.behave = lambda _: Answer(204, headers=(("Connection", "close"),))
        url = f"http://hooks.example.org:{third.port}/in"
        seen = sent_to(url, lookup, allow=("hooks.example.org",))
        assert seen.state == "completed"
        assert third.asked[0].headers["Host"] == f"hooks.example.org:{third.port}"
        assert len(answers) == 1

    def test_a_connection_that_handlers_have_made_inside_serves_no_webhook(self) -> None:
        """What handlers may ask by `services.allow` is kept open, and found again by its name."""

        async def lookup(_host: str, _port: int) -> Sequence[str]:
            return ["127.0.0.1"]

        host = "hooks.example.org"
        app, webhooks = Tidemill("memory://"), Webhooks()
        app.include(webhooks)

        @app.task(retry=Retry.never())
        async def ask_inside() -> int:
            http = app.current().services["http"]
            answer = await http.get(f"https://{host}:8443/", connect="1s", tries=1)
            return int(answer.status_code)

        with in_memory(app) as mill:
            http = an_http(app, lookup, allowed=(host,))
            url = f"https://{host}:8443/in"
            made = webhooks.subscriptions(app).create(url, ["**"])
            handed = Harness(app, mill.clock, {"http": http})
            inside = ask_inside.enqueue()
            job = app.enqueue(webhooks.to(made.id).bind(made.id, "a"))
            handed.drain()
            assert inside.snapshot().error.kind == "httpx.ConnectError"  # type: ignore[union-attr]  # it failed
            assert job.snapshot().reason == "not_retryable"


def an_http(app: Tidemill, lookup: Any, allowed: tuple[str, ...] = ()) -> Http:
    """The service, for whom names stand for what a test says."""
    reach = Reach(allowed=allowed)
    outlet = Outlet(reach, lookup=lookup)
    return Http(app.store, Breakers(app.store, Terms()), outlet, reach, Manners())


def sent_to(url: str, lookup: Callable[..., Any], allow: tuple[str, ...] = ()) -> Any:
    """What becomes of a delivery to a URL."""
    app, webhooks = Tidemill("memory://"), Webhooks(settings=Settings(allow))
    app.include(webhooks)
    with in_memory(app) as mill:
        made = webhooks.subscriptions(app).create(url, ["**"])
        job = app.enqueue(webhooks.to(made.id).bind(made.id, "a"))
        Harness(app, mill.clock, {"http": an_http(app, lookup)}).drain()
        return job.snapshot()
