"""Records of an application's own: values under keys, with versions, each tenant's apart."""

from typing import Any

import msgspec
import pytest

from tidemill import Module, Tidemill, errors
from tidemill.access.actor import Actor
from tidemill.access.audit import Scribe
from tidemill.client.records import Records
from tidemill.core.record import AUDIT
from tidemill.testing import in_memory


def test_a_record_is_kept_on_every_engine(store_url: str) -> None:
    with Tidemill(store_url) as app:
        rates = app.records("shop.rates")
        assert rates.get("eur") is None
        for number, key in enumerate(("usd", "eur", "Eur", "eur-2", "äöü")):
            assert rates.put(key, {"rate": number}, version=0).version == 1
        assert [each.key for each in rates.find()] == ["Eur", "eur", "eur-2", "usd", "äöü"]
        assert [each.key for each in rates.find("eur")] == ["eur", "eur-2"]
        assert [each.key for each in rates.find(after="eur", limit=2)] == ["eur-2", "usd"]
        assert [each.key for each in rates.find("eur", after="eur")] == ["eur-2"]
        assert rates.put("eur", [1, "two", None], version=1).version == 2
        kept = rates.get("eur")
        assert kept is not None
        assert (kept.key, kept.version, kept.value) == ("eur", 2, [1, "two", None])
        assert rates.delete("eur", version=2) is True
        assert rates.delete("eur") is False


@pytest.mark.parametrize("value", [None, 0, "", [], {}, True, {"a": [1, {"b": "ü"}]}, "x" * 1_000])
def test_any_value_that_has_a_json_form_is_kept_as_it_is(app: Tidemill, value: Any) -> None:
    app.records("some").put("key", value)
    kept = app.records("some").get("key")
    assert kept is not None
    assert kept.value == value


def test_what_was_changed_since_it_was_read_is_not_overwritten(app: Tidemill) -> None:
    rates = app.records("rates")
    rates.put("eur", 1)
    rates.put("eur", 2)
    with pytest.raises(errors.VersionConflict, match="read it again"):
        rates.put("eur", 3, version=1)
    with pytest.raises(errors.VersionConflict, match="there already"):
        rates.put("eur", 3, version=0)
    with pytest.raises(errors.VersionConflict):
        rates.delete("eur", version=1)
    kept = rates.get("eur")
    assert kept is not None
    assert (kept.value, kept.version) == (2, 2)


def test_a_change_is_made_anew_when_another_one_came_in_between(app: Tidemill) -> None:
    counts = app.records("counts")
    counts.put("sent", 1)
    seen = []

    def one_more(value: int) -> int:
        seen.append(value)
        if len(seen) == 1:
            counts.put("sent", 10)
        return value + 1

    assert counts.change("sent", one_more).value == 11
    assert seen == [1, 10]
    assert counts.change("new", lambda value: value).value is None


def test_a_change_that_others_always_precede_is_given_up(app: Tidemill) -> None:
    counts = app.records("counts")
    with pytest.raises(errors.VersionConflict):
        counts.change("sent", lambda _: counts.put("sent", 0).version)


def test_tenants_do_not_see_each_others_records(app: Tidemill) -> None:
    for tenant in ("acme", "acme-2", ""):
        app.records("rates", tenant=tenant).put("eur", tenant)
    for tenant in ("acme", "acme-2", ""):
        mine = app.records("rates", tenant=tenant)
        assert [each.value for each in mine.find()] == [tenant]
        assert [each.key for each in mine.find("e")] == ["eur"]
    other = Tidemill("memory://", tenant="acme").records("rates")
    assert (other.tenant, app.records("rates").tenant) == ("acme", "")


def test_kinds_and_the_platforms_own_records_are_apart(app: Tidemill) -> None:
    app.records("tenant").put("acme", {})
    app.records("tenant.x").put("umbra", {})
    assert [each.key for each in app.records("tenant").find()] == ["acme"]
    assert app.open().records.find("tenant").wait() == ()


@pytest.mark.parametrize("key", ["", "a\nb", "x" * 256, "nul\0", 7, None])
def test_a_key_that_none_can_have_is_refused(app: Tidemill, key: Any) -> None:
    for ask in (
        app.records("x").get,
        app.records("x").delete,
        lambda k: app.records("x").put(k, 1),
    ):
        with pytest.raises(errors.InvalidName):
            ask(key)


@pytest.mark.parametrize("kind", ["", "a/b", "a b", "x" * 129])
def test_a_kind_is_a_name(app: Tidemill, kind: str) -> None:
    with pytest.raises(errors.InvalidName):
        app.records(kind)


def test_what_cannot_be_kept_is_refused_by_name(app: Tidemill) -> None:
    mine = app.records("mine")
    with pytest.raises(errors.Unserialisable, match="record 'k' of mine"):
        mine.put("k", {"a": object()})
    with pytest.raises(errors.PayloadTooLarge, match="record 'k' of mine"):
        mine.put("k", "x" * (1 << 20))
    for version in (-1, True, "1"):
        with pytest.raises(errors.InvalidOption):
            mine.put("k", 1, version=version)  # type: ignore[arg-type]  # wrong on purpose
    for limit in (0, 1_001, True):
        with pytest.raises(errors.InvalidOption):
            mine.find(limit=limit)
    assert mine.find() == []


async def test_every_verb_can_be_awaited(app: Tidemill) -> None:
    mine = app.records("mine")
    await mine.aput("k", 1)
    assert (await mine.achange("k", lambda value: value + 1)).version == 2
    kept = await mine.aget("k")
    assert kept is not None
    assert kept.value == 2
    assert len(await mine.afind()) == 1
    assert await mine.adelete("k")


hooks = Module("hooks")


@hooks.task
def subscribe(name: str) -> str:
    return f"{hooks.records('subscriptions').put(name, {'on': True}).version}"


@hooks.task
async def listed() -> list[str]:
    return [each.key for each in await hooks.records("subscriptions").afind()]


other = Module("other")


@other.task
def reaches_over() -> None:
    hooks.records("subscriptions")


def test_a_job_of_a_module_has_the_modules_records_of_its_own_tenant() -> None:
    app = Tidemill("memory://", tenant="acme")
    app.include(hooks)
    with in_memory(app) as mill:
        app.enqueue(subscribe.bind("crm"))
        app.enqueue(subscribe.using(tenant="umbra").bind("erp"))
        mill.drain()
        job = app.enqueue(listed.bind())
        mill.drain()
        assert job.result(timeout=0) == ["crm"]
        assert [each.key for each in app.records("hooks.subscriptions").find()] == ["crm"]
        theirs = app.records("hooks.subscriptions", tenant="umbra")
        assert [each.key for each in theirs.find()] == ["erp"]


def test_records_of_a_module_are_for_its_own_running_jobs() -> None:
    app = Tidemill("memory://")
    app.include(hooks)
    app.include(other)
    with pytest.raises(errors.OutsideJob, match=r'app\.records\("hooks\.subscriptions"\)'):
        hooks.records("subscriptions")
    with in_memory(app) as mill:
        job = app.enqueue(reaches_over.using(attempts=1).bind())
        mill.drain()
        seen = job.snapshot()
        assert seen.error is not None
        assert seen.error.kind == "tidemill.errors.OutsideJob"


def test_it_says_what_it_is(app: Tidemill) -> None:
    assert repr(app.records("mine", tenant="acme")) == "<Records mine of acme>"


def test_what_somebody_changes_is_told_in_the_audit_log(app: Tidemill) -> None:
    actor = Actor(kind="host", name="ada", tenant="acme")
    theirs = Records(app.client.on_behalf("acme", Scribe(actor=actor)), "hooks")
    theirs.put("crm", 1)
    theirs.change("crm", lambda seen: seen + 1)
    theirs.delete("crm")
    Records(app.client, "hooks").put("crm", 1)
    lines = app.open().records.read(AUDIT).wait()
    told = [(line.source, line.topic, msgspec.json.decode(line.data)["target"]) for line in lines]
    assert told == [
        ("host:ada", f"records.{verb}", "hooks/crm") for verb in ("put", "put", "delete")
    ]
