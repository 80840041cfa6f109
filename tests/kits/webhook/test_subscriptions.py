"""Subscriptions: made, shown without their secrets, changed, and of nobody else's business."""

import asyncio
import json
from base64 import b64encode
from typing import Any

import pytest

from tests.kits.webhook.conftest import Subscribe
from tests.services.test_outbound import INSIDE
from tidemill import Tidemill, errors
from tidemill.kits.webhook import Subscription, Webhooks
from tidemill.testing import Harness

NO_URLS = [
    "http://example.org/", "ftp://example.org/", "file:///etc/passwd", "gopher://example.org",
    "https://zoe@example.org/", "https://example.org@127.0.0.1/", "https://example.org:22/",
    "https://example.org:25/", "https://example.org:6379/", "https://example.org:5432/",
    "https://exämple.org/", "https://example.org/\r\nX: y", "",
]  # fmt: skip
URL = "https://crm.example.org/in"
OURS = "whsec_" + b64encode(bytes(range(32))).decode()


class TestMaking:
    def test_its_secret_is_shown_once(self, mill: Harness, webhooks: Webhooks) -> None:
        ours = webhooks.subscriptions(mill.app)
        made = ours.create(URL, ["invoice.*"], description="our  books")
        assert made.secret.startswith("whsec_")
        assert len(made.secret) == len(OURS)
        seen = ours.get(made.id)
        assert seen == Subscription(
            id=made.id, url=URL, events=("invoice.*",), description="our books",
            created_at=mill.clock.now(), version=1,
        )  # fmt: skip
        assert ours.list() == [seen]

    def test_secrets_are_made_anew_each_time_and_may_be_brought_along(
        self, mill: Harness, webhooks: Webhooks
    ) -> None:
        ours = webhooks.subscriptions(mill.app)
        made = [ours.create(URL, ["**"]) for _ in range(3)]
        assert len({each.secret for each in made}) == 3
        assert ours.create(URL, ["**"], secret=OURS).secret == OURS

    def test_what_headers_hold_is_not_shown(self, mill: Harness, webhooks: Webhooks) -> None:
        ours = webhooks.subscriptions(mill.app)
        made = ours.create(URL, ["**"], headers={"Authorization": "Bearer hush"})
        assert made.headers == {"Authorization": "***"}
        assert "hush" not in repr((made, ours.get(made.id), ours.list()))

    @pytest.mark.parametrize(
        ("wish", "error"),
        [
            ({"events": "invoice.*"}, errors.InvalidOption),
            ({"events": ["a b"]}, errors.InvalidName),
            ({"events": ["*" * 300]}, errors.InvalidName),
            ({"events": [f"a.{n}" for n in range(101)]}, errors.InvalidOption),
            ({"secret": "whsec_c2hvcnQ="}, errors.InvalidOption),
            ({"description": "x" * 1_001}, errors.InvalidOption),
            ({"description": "a\0b"}, errors.InvalidOption),
            ({"headers": {"webhook-id": "1"}}, errors.InvalidOption),
            ({"headers": {"Host": "evil"}}, errors.InvalidOption),
            ({"headers": {"Content-Length": "1"}}, errors.InvalidOption),
            ({"headers": {"X-A": "a\r\nX-B: b"}}, errors.InvalidOption),
            ({"headers": {"X-A\r\nX-B": "b"}}, errors.InvalidOption),
            ({"headers": {"X-A": "ä"}}, errors.InvalidOption),
            ({"headers": {f"X-{n}": "a" for n in range(21)}}, errors.InvalidOption),
        ],
    )
    def test_what_makes_no_sense_is_refused(
        self,
        mill: Harness,
        webhooks: Webhooks,
        wish: dict[str, Any],
        error: type[errors.TidemillError],
    ) -> None:
        ours = webhooks.subscriptions(mill.app)
        with pytest.raises(error):
            ours.create(URL, **{"events": ["**"], **wish})
        made = ours.create(URL, ["**"])
        if "secret" in wish:
            with pytest.raises(error):
                ours.rotate(made.id, secret=wish["secret"])
        else:
            with pytest.raises(error):
                ours.change(made.id, **wish)
        assert ours.list() == [ours.get(made.id)]

    def test_before_the_kit_is_included_there_is_nothing_to_subscribe_to(self) -> None:
        with (
            Tidemill("memory://") as app,
            pytest.raises(errors.NotFound, match="not included"),
        ):
            Webhooks().subscriptions(app).create(URL, ["**"])


class TestWhere:
    """Abuse cases 21, 22 and 24: what is refused when it is saved."""

    def test_an_inner_address_is_refused(self, mill: Harness, webhooks: Webhooks) -> None:
        ours = webhooks.subscriptions(mill.app)
        made = ours.create(URL, ["**"])
        for host in INSIDE:
            for url in (f"https://{host}/in", f"https://{host}:8443/in"):
                if host == "127.0.0.1":
                    continue  # which this application allows, see below
                with pytest.raises(errors.AddressRefused):
                    ours.create(url, ["**"])
                with pytest.raises(errors.AddressRefused):
                    ours.change(made.id, url=url)
        assert [each.url for each in ours.list()] == [URL]

    def test_this_machine_is_refused_unless_it_is_allowed(self) -> None:
        app, webhooks = Tidemill("memory://"), Webhooks()
        app.include(webhooks)
        with app, pytest.raises(errors.AddressRefused):
            webhooks.subscriptions(app).create("https://127.0.0.1/in", ["**"])

    def test_what_is_no_url_for_a_webhook_is_refused(
        self, mill: Harness, webhooks: Webhooks
    ) -> None:
        for url in NO_URLS:
            with pytest.raises(errors.AddressRefused):
                webhooks.subscriptions(mill.app).create(url, ["**"])

    def test_what_handlers_may_ask_inside_those_who_subscribe_may_not(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("TIDEMILL_SERVICES_ALLOW", "ledger.internal")
        app, webhooks = Tidemill("memory://"), Webhooks()
        app.include(webhooks)
        with app, pytest.raises(errors.AddressRefused):
            webhooks.subscriptions(app).create("https://ledger.internal/", ["**"])
        app, webhooks = Tidemill("memory://"), Webhooks()
        app.include(webhooks, settings={"allow": ["ledger.internal"]})
        with app:
            webhooks.subscriptions(app).create("https://ledger.internal/", ["**"])


class TestChanging:
    def test_what_is_not_said_stays(self, mill: Harness, webhooks: Webhooks) -> None:
        ours = webhooks.subscriptions(mill.app)
        made = ours.create(URL, ["a"], description="d", headers={"X-A": "b"})
        changed = ours.change(made.id, events=["a", "b", "a"])
        assert changed.events == ("a", "b")
        assert (changed.url, changed.description, changed.headers) == (URL, "d", {"X-A": "***"})
        assert changed.version == 2
        moved = ours.change(made.id, url=f"{URL}/2", description="", headers={})
        assert (moved.url, moved.description, moved.headers) == (f"{URL}/2", "", {})

    def test_headers_are_told_to_the_host_alone_that_they_were_given_for(
        self, mill: Harness, webhooks: Webhooks
    ) -> None:
        """Else whoever may change a subscription, and sees no header, has them sent to himself."""
        ours = webhooks.subscriptions(mill.app)
        made = ours.create(URL, ["**"], headers={"Authorization": "Bearer hush"})
        for url in ("https://evil.example/in", "https://crm.example.org:8443/in"):
            with pytest.raises(errors.InvalidOption, match="another host"):
                ours.change(made.id, url=url)
        assert ours.get(made.id).url == URL
        assert ours.change(made.id, url=f"{URL}/2").headers == {"Authorization": "***"}
        assert ours.change(made.id, url="https://evil.example/in", headers={}).headers == {}

    def test_it_is_disabled_for_a_reason_and_enabled_again(
        self, mill: Harness, webhooks: Webhooks
    ) -> None:
        ours = webhooks.subscriptions(mill.app)
        made = ours.create(URL, ["**"])
        off = ours.disable(made.id, "they move")
        assert (off.enabled, off.reason, off.disabled_at) == (False, "they move", mill.clock.now())
        assert ours.disable(made.id, "again").reason == "they move"
        on = ours.enable(made.id)
        assert (on.enabled, on.reason, on.disabled_at) == (True, "", 0)

    def test_one_that_is_deleted_is_gone(self, mill: Harness, webhooks: Webhooks) -> None:
        ours = webhooks.subscriptions(mill.app)
        made = ours.create(URL, ["**"])
        assert ours.delete(made.id)
        assert not ours.delete(made.id)
        for asked in (ours.get, ours.disable, ours.enable, ours.rotate, ours.change):
            with pytest.raises(errors.NotFound):
                asked(made.id)


class TestRotation:
    def test_two_secrets_are_there_for_the_time_that_was_said(
        self, mill: Harness, webhooks: Webhooks
    ) -> None:
        ours = webhooks.subscriptions(mill.app)
        made = ours.create(URL, ["**"])
        new = ours.rotate(made.id, overlap="1h")
        assert new.secret not in ("", made.secret)
        assert new.former_until == mill.clock.now() + 3_600_000
        assert ours.get(made.id).secret == ""

    def test_there_are_never_three(self, mill: Harness, webhooks: Webhooks) -> None:
        ours = webhooks.subscriptions(mill.app)
        made = ours.create(URL, ["**"])
        second = ours.rotate(made.id, overlap="1h")
        with pytest.raises(errors.StateError, match="two secrets already"):
            ours.rotate(made.id, overlap="1h")
        mill.clock.advance("1h")
        third = ours.rotate(made.id, overlap="1h")
        assert len({made.secret, second.secret, third.secret}) == 3
        at_once = ours.rotate(made.id, overlap=0)
        assert at_once.former_until == 0

    @pytest.mark.parametrize("overlap", ["soon", -1, "1000000w"])
    def test_an_overlap_that_makes_no_sense_is_refused(
        self, mill: Harness, webhooks: Webhooks, overlap: Any
    ) -> None:
        ours = webhooks.subscriptions(mill.app)
        made = ours.create(URL, ["**"])
        with pytest.raises(errors.InvalidOption):
            ours.rotate(made.id, overlap=overlap)


class TestTenants:
    def test_one_tenant_sees_nothing_of_anothers(self, mill: Harness, webhooks: Webhooks) -> None:
        acme = webhooks.subscriptions(mill.app, "acme")
        other = webhooks.subscriptions(mill.app, "other")
        made = acme.create(URL, ["**"])
        assert other.list() == webhooks.subscriptions(mill.app).list() == []
        assert not other.delete(made.id)
        for asked in (other.get, other.disable, other.rotate):
            with pytest.raises(errors.NotFound):
                asked(made.id)
        assert acme.get(made.id).enabled


@pytest.mark.parametrize("store_url", ["sqlite", "postgres"], indirect=True)
def test_each_verb_comes_twice_and_all_of_it_is_kept(store_url: str) -> None:
    webhooks = Webhooks()
    with Tidemill(store_url) as app:
        app.include(webhooks)
        ours = webhooks.subscriptions(app)
        first = ours.create(URL, ["**"], headers={"X-A": "b"})

        async def go() -> list[Subscription]:
            made = await ours.acreate(URL, ["a"])
            await ours.achange(made.id, events=["b"])
            await ours.arotate(made.id)
            await ours.adisable(made.id, "no more")
            await ours.adelete(first.id)
            return [await ours.aget(made.id), *(await ours.alist())]

        one, same = asyncio.run(go())
        assert one == same == ours.get(one.id)
        assert (one.events, one.reason, one.version) == (("b",), "no more", 4)


def test_there_are_so_many_and_no_more(subscribe: Subscribe, mill: Harness) -> None:
    records = mill.app.records("webhook.subscriptions")
    made = subscribe()
    like = json.loads(json.dumps(records.find()[0].value))
    for number in range(999):
        records.put(f"sub_{number:024}", like)
    with pytest.raises(errors.OverQuota):
        subscribe()
    assert made.enabled
