"""Users, tenants and keys: made, changed, removed; by whoever may, and no further."""

import pytest

from tests.access.conftest import Ask
from tests.access.test_behalf import lines
from tidemill import Tidemill, errors
from tidemill.access import tokens
from tidemill.access.actor import actor_of_user
from tidemill.access.identity import Grant, Quota
from tidemill.access.keys import Keys
from tidemill.access.role import Role
from tidemill.access.tenants import Tenants
from tidemill.access.users import Users
from tidemill.core.record import Put
from tidemill.testing.clock import ManualClock

PASSWORD = "a sound horse in may"  # noqa: S105 - of nobody
ADMIN = (Grant(Role.ADMIN),)
OF_ACME = (Grant(Role.OPERATOR, "acme"),)


class TestUsers:
    def test_a_user_is_made_and_found(self, ask: Ask) -> None:
        users = Users(ask())
        made = users.create("Zoe@Example.org", PASSWORD, ADMIN, full_name="Zoë")
        assert made.name == "zoe@example.org"
        assert users.get("ZOE@example.org").value == made
        assert [each.value.name for each in users.find()] == ["zoe@example.org"]

    def test_a_password_is_kept_as_a_hash(self, app: Tidemill, ask: Ask) -> None:
        Users(ask()).create("zoe", PASSWORD, ADMIN)
        record = app.open().records.get("user", "zoe").wait()
        assert record
        assert PASSWORD.encode() not in record.doc
        assert b"$argon2id$v=19$m=19456,t=2,p=1$" in record.doc
        entries = app.open().records.read("audit").wait()
        assert not [entry for entry in entries if b"argon2id" in entry.data]

    def test_a_name_is_taken_once(self, ask: Ask) -> None:
        Users(ask()).create("zoe", PASSWORD, ADMIN)
        with pytest.raises(errors.VersionConflict, match="already"):
            Users(ask()).create("Zoe", PASSWORD, ADMIN)

    @pytest.mark.parametrize("name", ["", "a b", "é", "-x", "a" * 129, "a\n", 7])
    def test_a_name_that_is_none_is_refused(self, ask: Ask, name: str) -> None:
        with pytest.raises(errors.InvalidName):
            Users(ask()).create(name, PASSWORD, ADMIN)

    def test_the_last_who_decides_stays(self, ask: Ask) -> None:
        users = Users(ask())
        users.create("zoe", PASSWORD, ADMIN)
        users.create("bo", PASSWORD, OF_ACME)
        for call in (
            lambda: users.delete("zoe"),
            lambda: users.change("zoe", disabled=True),
            lambda: users.change("zoe", grants=OF_ACME),
        ):
            with pytest.raises(errors.InvalidOption, match="the last one"):
                call()
        users.create("cy", PASSWORD, ADMIN)
        users.delete("zoe")
        assert [each.value.name for each in users.find()] == ["bo", "cy"]

    def test_one_who_cannot_log_in_decides_nothing(self, ask: Ask) -> None:
        users = Users(ask())
        users.create("zoe", PASSWORD, ADMIN)
        users.create("bo", "", ADMIN)
        with pytest.raises(errors.InvalidOption, match="the last one"):
            users.delete("zoe")

    def test_what_was_seen_can_be_asked_for(self, ask: Ask) -> None:
        users = Users(ask())
        users.create("zoe", PASSWORD, ADMIN)
        seen = users.get("zoe")
        users.change("zoe", full_name="Zoë", expected=seen.version)
        with pytest.raises(errors.VersionConflict):
            users.change("zoe", full_name="Z", expected=seen.version)
        users.create("bo", PASSWORD, ADMIN)
        with pytest.raises(errors.VersionConflict):
            users.delete("zoe", expected=seen.version)

    @pytest.mark.parametrize(
        "grants", [(), (*ADMIN, *ADMIN), (*OF_ACME, Grant(Role.ADMIN, "acme"))]
    )
    def test_roles_that_make_no_sense_are_refused(
        self, ask: Ask, grants: tuple[Grant, ...]
    ) -> None:
        with pytest.raises(errors.InvalidOption):
            Users(ask()).create("zoe", PASSWORD, grants)

    def test_an_admin_of_a_tenant_sees_no_others(self, ask: Ask) -> None:
        Users(ask()).create("root", PASSWORD, ADMIN)
        Users(ask()).create("both", PASSWORD, (*OF_ACME, Grant(Role.VIEWER, "umbra")))
        users = Users(ask("acme"))
        users.create("zoe", PASSWORD, OF_ACME)
        assert [each.value.name for each in users.find()] == ["zoe"]
        for name in ("root", "both", "nobody"):
            with pytest.raises(errors.NotFound):
                users.get(name)
            with pytest.raises(errors.NotFound):
                users.delete(name)
            with pytest.raises(errors.NotFound):
                users.set_password(name, PASSWORD)
            with pytest.raises(errors.NotFound):
                users.change(name, disabled=True)

    @pytest.mark.parametrize("grants", [ADMIN, (Grant(Role.VIEWER, "umbra"),)])
    def test_an_admin_of_a_tenant_gives_no_other_role(
        self, ask: Ask, grants: tuple[Grant, ...]
    ) -> None:
        users = Users(ask("acme"))
        with pytest.raises(errors.NotAllowed):
            users.create("zoe", PASSWORD, grants)
        users.create("zoe", PASSWORD, OF_ACME)
        with pytest.raises(errors.NotAllowed):
            users.change("zoe", grants=grants)

    @pytest.mark.parametrize(
        "grants",
        [(Grant(Role.OPERATOR),), (Grant(Role.VIEWER), Grant(Role.ADMIN, "umbra"))],
    )
    def test_nobody_raises_their_own_rights(self, ask: Ask, grants: tuple[Grant, ...]) -> None:
        users = Users(ask())
        zoe = users.create("zoe", PASSWORD, (Grant(Role.VIEWER), *OF_ACME))
        bo = users.create("bo", PASSWORD, ADMIN)
        with pytest.raises(errors.NotAllowed, match="raise their own rights"):
            users.change("zoe", grants=grants, by=actor_of_user(zoe, None))
        assert users.get("zoe").value == zoe
        users.change("zoe", grants=(Grant(Role.VIEWER, "umbra"),), by=actor_of_user(zoe, None))
        users.change("zoe", grants=grants, by=actor_of_user(bo, None))


class TestTenants:
    def test_a_tenant_is_made_changed_and_forgotten(self, app: Tidemill, ask: Ask) -> None:
        tenants = Tenants(ask())
        tenants.create("acme", title="Acme", quota=Quota(waiting=10))
        assert tenants.get("acme").value.quota == Quota(waiting=10)
        tenants.change("acme", disabled=True)
        kept = tenants.get("acme")
        assert (kept.value.title, kept.value.disabled, kept.version) == ("Acme", True, 2)
        tenants.delete("acme")
        assert tenants.find() == []
        assert [line.action for line in lines(app)] == [
            "tenants.create", "tenants.change", "tenants.delete",
        ]  # fmt: skip

    @pytest.mark.parametrize("quota", [Quota(waiting=-1), Quota(per_minute=True)])
    def test_a_quota_that_makes_no_sense_is_refused(self, ask: Ask, quota: Quota) -> None:
        with pytest.raises(errors.InvalidOption):
            Tenants(ask()).create("acme", quota=quota)


class TestKeys:
    def test_a_key_is_shown_once_and_kept_nowhere(self, app: Tidemill, ask: Ask) -> None:
        keys = Keys(ask(), "zoe")
        made = keys.create("CI", role="operator", scopes=["jobs.*"])
        assert made.secret.startswith("tm_")
        assert keys.recognise(made.secret) == made.key == keys.get(made.key.id)
        (record,) = app.open().records.find("key").wait()
        assert record.key == tokens.digest(made.secret) != made.secret
        entries = app.open().records.read("audit").wait()
        assert made.secret.encode() not in record.doc + b"".join(each.data for each in entries)

    @pytest.mark.parametrize("secret", ["", "tm_", "tm_x", "\ud800", "é"])
    def test_what_is_no_key_opens_nothing(self, ask: Ask, secret: str) -> None:
        Keys(ask(), "zoe").create("CI", role="viewer")
        assert Keys(ask(), "zoe").recognise(secret) is None

    def test_a_key_expires(self, ask: Ask, clock: ManualClock) -> None:
        keys = Keys(ask(), "zoe")
        made = keys.create("CI", role="viewer", expires="1h")
        clock.advance(3_599)
        assert keys.recognise(made.secret)
        clock.advance(1)
        assert keys.recognise(made.secret) is None

    @pytest.mark.parametrize("said", [b"", b',"of_user":null'])
    def test_one_that_does_not_say_whose_it_is_opens_nothing(
        self, app: Tidemill, ask: Ask, said: bytes
    ) -> None:
        keys = Keys(ask(), "zoe")
        made = keys.create("CI", role="admin")
        (record,) = app.open().records.find("key").wait()
        assert b',"of_user":false' in record.doc
        doc = record.doc.replace(b',"of_user":false', said)
        app.open().records.put(Put("key", record.key, doc)).wait()
        assert keys.admit(made.secret) is None
        keys.revoke(made.key.id)

    def test_a_key_is_made_void(self, ask: Ask) -> None:
        keys = Keys(ask(), "zoe")
        made = keys.create("CI", role="viewer")
        keys.revoke(made.key.id)
        assert keys.recognise(made.secret) is None
        with pytest.raises(errors.NotFound):
            keys.revoke(made.key.id)

    def test_a_tenant_has_its_own(self, ask: Ask) -> None:
        others = Keys(ask(), "root").create("all", role="admin")
        keys = Keys(ask("acme"), "zoe")
        mine = keys.create("mine", role="admin")
        assert mine.key.tenant == "acme"
        assert [key.title for key in keys.find()] == ["mine"]
        with pytest.raises(errors.NotFound):
            keys.revoke(others.key.id)
        with pytest.raises(errors.NotAllowed):
            keys.create("theirs", role="viewer", tenant="umbra")

    @pytest.mark.parametrize(
        ("option", "value"),
        [
            ("role", "god"),
            ("scopes", []),
            ("scopes", ["jobs.fly"]),
            ("expires", 0),
        ],
    )
    def test_a_key_that_makes_no_sense_is_refused(
        self, ask: Ask, option: str, value: object
    ) -> None:
        given = {"role": "viewer", option: value}
        with pytest.raises(errors.InvalidOption):
            Keys(ask(), "zoe").create("CI", **given)  # type: ignore[arg-type]  # some make no sense
