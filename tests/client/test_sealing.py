"""Secrets in records: nobody reads them in the store, and they are good in their place alone."""

from typing import Any

import msgspec
import pytest
from msgspec import Struct

from tidemill import Secret, Tidemill, errors
from tidemill.core.record import Put
from tidemill.tasks.secret import new_key

CANARY = "hunter2-Zoë"
KIND = "app:crm.logins"


def application(*keys: str) -> Tidemill:
    """One whose secrets are kept under these keys."""
    return Tidemill("memory://", settings={"secrets.keys": ",".join(keys)} if keys else {})


def raw(app: Tidemill, key: str) -> bytes:
    """What the store keeps of a record."""
    found = app.open().records.get(KIND, f"/{key}").wait()
    assert found is not None
    return found.doc


class Login(Struct, omit_defaults=True):
    """What an application keeps."""

    user: str
    password: Secret
    others: list[Secret] = []
    odd: dict[str, Any] = {}


def test_a_secret_is_sealed_in_the_store_and_a_secret_again_when_it_is_read() -> None:
    app = application(new_key("k1"))
    logins = app.records("crm.logins")
    odd = {"a/b~c": {"": Secret(CANARY)}, "number": 1.5, "nothing": None}
    logins.put("zoe", Login("zoe", Secret(CANARY), [Secret("one"), Secret("two")], odd))
    assert CANARY.encode() not in raw(app, "zoe")
    for kept in (logins.get("zoe"), *logins.find()):
        assert kept is not None
        assert CANARY not in repr(kept)
        value = kept.value
        assert value["password"] == Secret(CANARY)
        assert [each.reveal() for each in value["others"]] == ["one", "two"]
        assert value["odd"] == {"a/b~c": {"": Secret(CANARY)}, "number": 1.5, "nothing": None}
    changed = logins.change("zoe", lambda seen: seen | {"user": "zoë"}).value
    assert (changed["user"], changed["password"].reveal()) == ("zoë", CANARY)


def test_without_a_key_no_secret_is_kept() -> None:
    logins = application().records("crm.logins")
    assert not logins.seals
    with pytest.raises(errors.InvalidOption, match=r"record 'zoe' of crm\.logins/password") as no:
        logins.put("zoe", {"password": Secret(CANARY)})
    assert "secrets.keys" in no.value.hint
    assert logins.get("zoe") is None


@pytest.mark.parametrize("value", [{"$secret": "k1.AAAA"}, {"$secret": 7}, [{"$secret": ""}]])
def test_what_would_be_taken_for_a_secret_is_refused(value: Any) -> None:
    with pytest.raises(errors.Unserialisable, match="stands for a secret"):
        application(new_key("k1")).records("crm.logins").put("zoe", value)


def moved_to_another_place(doc: dict[str, Any]) -> tuple[str, Any]:
    return "/zoe", {"value": {"user": doc["value"]["password"]}}


def moved_to_another_record(doc: dict[str, Any]) -> tuple[str, Any]:
    return "/eve", doc


def moved_to_another_tenant(doc: dict[str, Any]) -> tuple[str, Any]:
    return "acme/zoe", doc


def altered(doc: dict[str, Any]) -> tuple[str, Any]:
    sealed = doc["value"]["password"]["$secret"]
    other = "B" if sealed[-5] == "A" else "A"
    return "/zoe", {"value": {"password": {"$secret": f"{sealed[:-5]}{other}{sealed[-4:]}"}}}


def no_base64(_: dict[str, Any]) -> tuple[str, Any]:
    return "/zoe", {"value": {"password": {"$secret": "k1.*"}}}


@pytest.mark.parametrize(
    "turn",
    [
        moved_to_another_place, moved_to_another_record, moved_to_another_tenant, altered,
        no_base64,
    ],
)  # fmt: skip
def test_a_secret_that_was_moved_or_altered_is_told_when_it_is_opened(turn: Any) -> None:
    app = application(new_key("k1"))
    app.records("crm.logins").put("zoe", {"password": Secret(CANARY)})
    key, doc = turn(msgspec.json.decode(raw(app, "zoe")))
    app.open().records.put(Put(KIND, key, msgspec.json.encode(doc))).wait()
    tenant, _, name = key.partition("/")
    kept = app.records("crm.logins", tenant=tenant).get(name)
    assert kept is not None
    (secret,) = kept.value.values()
    with pytest.raises(errors.InvalidOption, match="is no secret of this record"):
        secret.reveal()


def test_a_key_can_be_changed_and_one_that_is_missing_is_named_when_it_is_needed() -> None:
    old, new = new_key("k1"), new_key("k2")
    before, meanwhile, after = application(old), application(new, old), application(new)
    before.records("crm.logins").put("zoe", {"password": Secret(CANARY), "user": "zoe"})

    def copied(one: Tidemill, other: Tidemill) -> Any:
        other.open().records.put(Put(KIND, "/zoe", raw(one, "zoe"))).wait()
        kept = other.records("crm.logins").get("zoe")
        assert kept is not None
        return kept.value

    lost = copied(before, after)
    assert lost["user"] == "zoe"
    with pytest.raises(errors.InvalidOption, match="under a key that is not set"):
        lost["password"].reveal()
    assert copied(before, meanwhile)["password"].reveal() == CANARY
    meanwhile.records("crm.logins").change("zoe", lambda seen: seen)
    assert copied(meanwhile, after)["password"].reveal() == CANARY
