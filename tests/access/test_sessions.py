"""Logging in, being known, and being known no more."""

import sys
from collections import Counter
from types import FrameType

import pytest

from tests.access.conftest import Ask
from tests.access.test_users import ADMIN, OF_ACME, PASSWORD
from tidemill import Tidemill, errors
from tidemill.access import throttle
from tidemill.access.identity import Grant
from tidemill.access.role import Permission, Role
from tidemill.access.sessions import Login, Sessions
from tidemill.access.users import Users
from tidemill.client.steps import Walk
from tidemill.testing.clock import ManualClock


@pytest.fixture
def users(ask: Ask) -> Users:
    users = Users(ask())
    users.create("root", PASSWORD, ADMIN)
    users.create("zoe", PASSWORD, (*OF_ACME, Grant(Role.VIEWER, "umbra")))
    return users


@pytest.fixture
def sessions(app: Tidemill, users: Users) -> Sessions:
    del users
    return Sessions(app.client)


def begin(
    sessions: Sessions, name: str = "zoe", password: str = PASSWORD, address: str = "10.0.0.1"
) -> Login:
    """Log in."""
    return sessions.begin(name, password, address=address)


class TestLogin:
    def test_who_logs_in_is_known(self, sessions: Sessions) -> None:
        login = begin(sessions)
        found = sessions.look(login.token)
        assert found
        assert (found.actor.name, found.actor.tenant, found.actor.role) == (
            "zoe", "acme", Role.OPERATOR,
        )  # fmt: skip
        assert begin(sessions, "root").actor.tenant is None

    def test_a_name_is_written_in_any_case(self, sessions: Sessions) -> None:
        assert begin(sessions, "ZOE").user.name == "zoe"

    @pytest.mark.parametrize("name", ["zoe", "nobody", "", "\ud800", "a b"])
    def test_what_is_wrong_is_not_told(self, sessions: Sessions, name: str) -> None:
        with pytest.raises(errors.NotAuthenticated) as failed:
            begin(sessions, name, "another password")
        assert failed.value.message == "the name or the password is wrong"

    def test_what_is_wrong_is_as_much_work(self, sessions: Sessions, users: Users) -> None:
        """Counted, for a clock would tell more of the machine; the first time included."""
        users.create("bo", "", OF_ACME)
        users.create("off", PASSWORD, OF_ACME)
        users.change("off", disabled=True)
        done = {
            name: _work_of(sessions, name) for name in ("nobody", "zoe", "bo", "off", "a b", "")
        }
        assert done["zoe"]["verify_secret"] == 1
        assert done["zoe"]["get"] >= 3
        assert len({str(sorted(work.items())) for work in done.values()}) == 1, done

    def test_one_without_a_password_cannot_log_in(self, sessions: Sessions, users: Users) -> None:
        users.create("bo", "", OF_ACME)
        with pytest.raises(errors.NotAuthenticated):
            begin(sessions, "bo", "")

    def test_a_token_is_kept_nowhere(self, app: Tidemill, sessions: Sessions) -> None:
        login = begin(sessions)
        (record,) = app.open().records.find("session").wait()
        assert login.token not in record.key + record.doc.decode()
        assert login.csrf not in record.key + record.doc.decode()

    def test_two_logins_are_two_sessions(self, sessions: Sessions) -> None:
        one, other = begin(sessions), begin(sessions)
        sessions.end(one)
        assert sessions.look(one.token) is None
        assert sessions.look(other.token)

    @pytest.mark.parametrize("token", ["", "x", "\ud800"])
    def test_what_is_no_token_is_nobodys(self, sessions: Sessions, token: str) -> None:
        assert sessions.look(token) is None

    def test_a_page_of_ours_can_tell(self, sessions: Sessions) -> None:
        login = begin(sessions)
        assert login.is_ours(login.csrf)
        assert not login.is_ours("")
        assert not login.is_ours(begin(sessions).csrf)


def _work_of(sessions: Sessions, name: str) -> Counter[str]:
    """What a wrong password sets going: hashes, and what is asked of the store."""
    work: Counter[str] = Counter()

    def see(frame: FrameType, event: str, argument: object) -> None:
        del argument
        room, _, verb = frame.f_code.co_qualname.rpartition(".")
        if event == "call" and (
            room.endswith("Records") or frame.f_globals.get("__name__") == "argon2.low_level"
        ):
            work[verb] += 1

    sys.setprofile(see)
    try:
        with pytest.raises(errors.NotAuthenticated):
            begin(sessions, name, "wrong", "10.0.0.9")
    finally:
        sys.setprofile(None)
    return work


class TestEnds:
    def test_it_ends_when_it_is_not_used(self, sessions: Sessions, clock: ManualClock) -> None:
        login = begin(sessions)
        for _ in range(5):
            clock.advance("29m")
            assert sessions.look(login.token)
        clock.advance("30m")
        assert sessions.look(login.token) is None

    def test_it_ends_after_half_a_day(self, sessions: Sessions, clock: ManualClock) -> None:
        login = begin(sessions)
        for _ in range(47):
            clock.advance("15m")
            assert sessions.look(login.token)
        clock.advance("15m")
        assert sessions.look(login.token) is None

    @pytest.mark.parametrize("what", ["password", "role", "disabled", "deleted", "payloads"])
    def test_it_ends_with_what_it_stood_on(
        self, sessions: Sessions, users: Users, what: str
    ) -> None:
        login = begin(sessions)
        match what:
            case "password":
                users.set_password("zoe", "quite another password")
            case "role":
                users.change("zoe", grants=OF_ACME)
            case "disabled":
                users.change("zoe", disabled=True)
            case "payloads":
                users.change("zoe", payloads=False)
            case _:
                users.delete("zoe")
        assert sessions.look(login.token) is None

    def test_another_name_ends_nothing(self, sessions: Sessions, users: Users) -> None:
        login = begin(sessions)
        users.change("zoe", full_name="Zoë")
        assert sessions.look(login.token)

    def test_what_has_ended_is_swept_away(
        self, app: Tidemill, sessions: Sessions, clock: ManualClock
    ) -> None:
        begin(sessions)
        with pytest.raises(errors.NotAuthenticated):
            begin(sessions, password="wrong")  # noqa: S106 - of nobody
        clock.advance("20m")
        late = begin(sessions)
        clock.advance("20m")
        assert sessions.sweep() == 3
        assert sessions.look(late.token)
        assert app.open().records.find(throttle.KIND).wait() == ()


class TestTenants:
    def test_one_looks_at_one_tenant_at_a_time(self, sessions: Sessions) -> None:
        login = sessions.switch(begin(sessions), "umbra")
        found = sessions.look(login.token)
        assert found
        assert (found.actor.tenant, found.actor.role) == ("umbra", Role.VIEWER)

    @pytest.mark.parametrize("tenant", ["other", None])
    def test_one_looks_at_nobody_elses(self, sessions: Sessions, tenant: str | None) -> None:
        with pytest.raises(errors.NotFound):
            sessions.switch(begin(sessions), tenant)

    def test_who_may_see_all_may_see_one(self, sessions: Sessions) -> None:
        login = sessions.switch(begin(sessions, "root"), "umbra")
        assert (login.actor.tenant, login.actor.role) == ("umbra", Role.ADMIN)
        assert Permission.QUEUES_CHANGE not in login.actor.may


class TestThrottle:
    def wrong(self, sessions: Sessions, name: str, address: str = "10.0.0.1") -> int:
        """Try a wrong password; how long to wait, 0 if it was tried."""
        try:
            begin(sessions, name, "wrong", address)
        except errors.TooManyRequests as error:
            return error.wait
        except errors.NotAuthenticated:
            return 0
        raise AssertionError

    def test_an_account_is_held_up_and_never_locked(
        self, sessions: Sessions, clock: ManualClock
    ) -> None:
        assert [self.wrong(sessions, "zoe", f"10.0.0.{n}") for n in range(10)] == [0] * 10
        assert 0 < self.wrong(sessions, "zoe", "10.0.0.99") <= 60
        with pytest.raises(errors.TooManyRequests):
            begin(sessions, "zoe")
        assert begin(sessions, "root").user.name == "root"
        clock.advance("6s")
        assert begin(sessions, "zoe").user.name == "zoe"

    def test_one_that_is_not_there_is_held_up_alike(self, sessions: Sessions) -> None:
        assert [bool(self.wrong(sessions, "nobody")) for _ in range(11)] == [False] * 10 + [True]

    def test_an_address_that_tries_many_accounts_is_held_up(
        self, app: Tidemill, sessions: Sessions
    ) -> None:
        engine, now = app.open(), app.store.clock.now()
        for number in range(100):
            Walk(throttle.note_wrong(engine, throttle.doors(f"u{number}", "10.0.0.1"), now)).wait()
        assert self.wrong(sessions, "zoe")
        assert not self.wrong(sessions, "zoe", "10.0.0.2")

    def test_whoever_has_many_addresses_has_one_door(
        self, app: Tidemill, sessions: Sessions
    ) -> None:
        engine, now = app.open(), app.store.clock.now()
        for number in range(100):
            door = throttle.doors(f"u{number}", f"2001:db8:0:1::{number:x}")
            Walk(throttle.note_wrong(engine, door, now)).wait()
        assert self.wrong(sessions, "zoe", "2001:db8:0:1:ffff::1")
        assert not self.wrong(sessions, "zoe", "2001:db8:0:2::1")

    def test_an_address_is_the_same_however_it_is_written(self) -> None:
        alike = ("10.0.0.1", "::ffff:10.0.0.1", "::ffff:a00:1")
        assert len({throttle.doors("zoe", address)[1].key for address in alike}) == 1

    def test_a_right_password_is_not_counted(self, sessions: Sessions) -> None:
        for _ in range(15):
            begin(sessions)
