"""The one table of permissions."""

import pytest

from tidemill import errors
from tidemill.access.actor import NOBODY, actor_of_key, actor_of_user
from tidemill.access.identity import ApiKey, Grant, User
from tidemill.access.role import (
    GRADES,
    Permission,
    Role,
    covers,
    includes,
    permissions,
    read_role,
    read_scopes,
)


def test_every_permission_has_its_grade() -> None:
    assert set(GRADES) == set(Permission)


@pytest.mark.parametrize("instance", [True, False])
def test_each_role_may_do_what_those_before_it_may(*, instance: bool) -> None:
    viewer, operator, admin = (permissions(role, instance=instance) for role in Role)
    assert viewer < operator < admin


def test_a_role_for_a_tenant_does_nothing_to_the_instance() -> None:
    of_tenant = permissions(Role.ADMIN, instance=False)
    assert not {each for each in of_tenant if GRADES[each].instance}
    assert permissions(Role.ADMIN, instance=True) == set(Permission)


def test_a_viewer_sees_no_payloads_and_changes_nothing() -> None:
    viewer = permissions(Role.VIEWER, instance=True)
    assert {each.partition(".")[2] for each in viewer} == {"read"}
    assert Permission.PAYLOADS_READ not in viewer
    assert Permission.AUDIT_READ not in viewer


@pytest.mark.parametrize("written", ["god", "", None, 7, "Admin"])
def test_what_is_no_role_is_refused(written: object) -> None:
    with pytest.raises(errors.InvalidOption):
        read_role(written)


@pytest.mark.parametrize("written", [[], "jobs.*", ["jobs"], ["*.read"], None, [7]])
def test_what_is_no_scope_is_refused(written: object) -> None:
    with pytest.raises(errors.InvalidOption):
        read_scopes(written)


def test_scopes_hold_what_they_name() -> None:
    assert covers(("*",), Permission.AUDIT_READ)
    assert covers(("jobs.read",), Permission.JOBS_READ)
    assert not covers(("jobs.read",), Permission.JOBS_CHANGE)


def test_the_role_for_the_instance_counts_everywhere() -> None:
    user = User(name="zoe", grants=(Grant(Role.VIEWER), Grant(Role.ADMIN, "acme")))
    assert user.role_in("acme") is Role.ADMIN
    assert user.role_in("umbra") is Role.VIEWER
    assert user.role_in(None) is Role.VIEWER
    assert actor_of_user(user, "umbra").role is Role.VIEWER


def test_a_stranger_may_do_nothing() -> None:
    assert actor_of_user(User(name="zoe"), "acme").may == frozenset()
    with pytest.raises(errors.NotAllowed, match=r"jobs\.read"):
        NOBODY.check(Permission.JOBS_READ)


def test_payloads_can_be_kept_from_an_admin() -> None:
    user = User(name="zoe", grants=(Grant(Role.ADMIN),), payloads=False)
    assert Permission.PAYLOADS_READ not in actor_of_user(user, None).may


def test_a_key_may_do_what_both_its_role_and_its_scopes_hold() -> None:
    key = ApiKey(
        id="k",
        title="",
        beginning="",
        role=Role.VIEWER,
        scopes=("jobs.*",),
        tenant="acme",
        owner="zoe",
        created_at=0,
    )
    assert actor_of_key(key).may == {Permission.JOBS_READ}
    assert includes(Role.ADMIN, key.role)
