"""A tenant is deleted while something is made for it: one of the two comes first, whichever."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.access.conftest import Ask
from tidemill import Tidemill, errors
from tidemill.access.identity import KEY, USER, Grant, Quota
from tidemill.access.keys import Keys
from tidemill.access.role import Role
from tidemill.access.tenants import MENTIONED, Tenants
from tidemill.access.users import Users
from tidemill.alerts import channel, rule
from tidemill.alerts.rule import AlertRule
from tidemill.alerts.store import AlertRules, Channels
from tidemill.client.steps import Steps
from tidemill.core.record import Put
from tidemill.core.rules import TenantRules
from tidemill.schedules import schedule
from tidemill.schedules.store import Schedules

OF_ACME = (Grant(Role.OPERATOR, "acme"),)

Making = Callable[[], Steps[Any]]


def steps_of(verb: Any) -> Callable[..., Steps[Any]]:
    """What a verb does, to be taken one call at a time."""
    steps: Callable[..., Steps[Any]] = vars(verb)["__wrapped__"]
    return steps


def makings(app: Tidemill, ask: Ask) -> dict[str, Making]:
    """All that can come to belong to acme."""
    ours = ask("acme")
    keys, users, schedules = Keys(ask(), "zoe"), Users(ask()), Schedules(ours)
    channels = Channels(ours, app.works.delivery)
    call = ours.bound("add", {"a": 1}, {})
    users.create("bo", "", [Grant(Role.VIEWER)])
    alert = AlertRule(name="late", when="queue_depth", above=3)
    return {
        "key": lambda: steps_of(Keys.create)(keys, "ci", role="viewer", tenant="acme"),
        "user": lambda: steps_of(Users.create)(users, "cy", "", OF_ACME),
        "grant": lambda: steps_of(Users.change)(users, "bo", grants=OF_ACME),
        "schedule": lambda: steps_of(Schedules.create)(schedules, "nightly", call, every="1h"),
        "alert rule": lambda: steps_of(AlertRules.create)(AlertRules(ours), alert),
        "channel": lambda: steps_of(Channels.create)(channels, "ops", "mail", to=("a@b.org",)),
    }


MADE = ("key", "user", "grant", "schedule", "alert rule", "channel")


def calls_of(steps: Steps[Any]) -> Iterator[None]:
    """Take steps one by one, with a rest before each."""
    try:
        call = next(steps)
        while True:
            yield
            try:
                answer = call.wait()
            except errors.TidemillError as error:
                call = steps.throw(error)
            else:
                call = steps.send(answer)
    except StopIteration:
        return


@pytest.mark.parametrize("made", MADE)
def test_what_is_made_for_a_tenant_that_has_just_been_deleted_is_refused(
    app: Tidemill, ask: Ask, made: str
) -> None:
    make = makings(app, ask)[made]
    tenants = Tenants(ask())
    tenants.create("acme")
    count = rehearsed(app, make)
    calls = calls_of(make())
    for _ in range(count):
        next(calls)
    tenants.delete("acme")
    with pytest.raises(errors.NotFound, match="tenant 'acme' has just been removed"):
        next(calls)
    assert not left(app)


@pytest.mark.parametrize("made", MADE)
def test_a_tenant_for_which_something_has_just_been_made_stays(
    app: Tidemill, ask: Ask, made: str
) -> None:
    make = makings(app, ask)[made]
    tenants = Tenants(ask())
    tenants.create("acme", quota=Quota(running=2))
    calls = calls_of(steps_of(Tenants.delete)(tenants, "acme"))
    next(calls)  # it is about to be looked up
    next(calls)  # and to be deleted
    for _ in calls_of(make()):
        pass
    with pytest.raises(errors.StateError, match=r"tenant 'acme' is named by others: \w+ \(1\)"):
        next(calls)
    assert tenants.get("acme").value.quota.running == 2
    assert len(left(app)) == 1


def rehearsed(app: Tidemill, make: Making) -> int:
    """How many calls it takes; what was made by them is undone."""
    records = app.open().records
    before = {each.key: each for kind, _ in MENTIONED for each in records.find(kind).wait()}
    count = sum(1 for _ in calls_of(make()))
    for kind, _ in MENTIONED:
        for each in records.find(kind).wait():
            if each.key in before:
                records.put(Put(kind, each.key, before[each.key].doc)).wait()
            else:
                records.delete(kind, each.key).wait()
    return count


def left(app: Tidemill) -> list[str]:
    """What names acme."""
    records = app.open().records
    return [
        each.key
        for kind, _ in MENTIONED
        for each in records.find(kind).wait()
        if b'"acme"' in each.doc
    ]


def test_all_that_belongs_to_tenants_is_looked_for() -> None:
    assert {kind for kind, _ in MENTIONED} == {
        USER, KEY, schedule.KIND, rule.KIND, channel.KIND
    }  # fmt: skip


def test_a_limit_that_is_changed_while_its_tenant_is_deleted_is_gone(
    app: Tidemill, ask: Ask
) -> None:
    tenants = Tenants(ask())
    tenants.create("acme")
    change = calls_of(steps_of(Tenants.change)(tenants, "acme", quota=Quota(running=3)))
    while tenants.get("acme").value.quota.running is None:
        next(change)
    next(change)  # it has read what the limit is to be
    tenants.delete("acme")
    for _ in change:
        pass
    rules = [each for each in app.open().reader.rules().wait() if isinstance(each, TenantRules)]
    assert [each.most for each in rules] == [None]
