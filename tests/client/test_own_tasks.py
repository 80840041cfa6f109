"""The platform's own tasks: run for the application, and for nobody who asks it for something."""

from collections.abc import Callable, Iterator

import pytest

from tidemill import Tidemill
from tidemill.access.actor import Actor
from tidemill.access.audit import Scribe
from tidemill.client.client import Client
from tidemill.core.errors import InvalidName, UnknownTask
from tidemill.operations.sweep import SWEEP
from tidemill.schedules.store import Schedules

CHANNEL = {"message": {}, "channel": "hook"}
REST = {"verb": "jobs.cancel", "change": {}, "which": {"ids": ["a"]}, "cursor": "", "changed": 0}
SCRIBE = Scribe(actor=Actor(kind="user", name="zoe"))

pytestmark = pytest.mark.parametrize("store_url", ["memory"], indirect=True)


@pytest.fixture
def app(store_url: str) -> Iterator[Tidemill]:
    with Tidemill(store_url) as app:

        @app.task(name="add")
        def add(a: int) -> int:
            return a

        app.worker()  # which makes the platform's own tasks known
        yield app


@pytest.mark.parametrize("tenant", [None, "acme"])
@pytest.mark.parametrize(
    "enqueue",
    [
        lambda client, _: client.bound(SWEEP, {"rest": REST}, {}),
        lambda client, _: client.bound("tidemill-tell", CHANNEL, {}),
        lambda client, bound: client.enqueue(bound),
        lambda client, bound: client.enqueue_many([bound]),
        lambda client, bound: client.batch(bound, []),
    ],
)
def test_they_are_not_enqueued_for_whoever_asks(
    app: Tidemill, tenant: str | None, enqueue: Callable[[Client, object], object]
) -> None:
    bound = app.client.bound(SWEEP, {"rest": REST}, {})
    with pytest.raises(UnknownTask):
        enqueue(app.client.on_behalf(tenant, SCRIBE), bound)
    assert list(app.jobs.find()) == []


def test_nor_by_a_schedule(app: Tidemill) -> None:
    asker = app.client.on_behalf("acme", SCRIBE)
    with pytest.raises(UnknownTask):
        Schedules(asker).create("s", asker.bound(SWEEP, {"rest": REST}, {}), every="1m")
    assert Schedules(asker).find() == ()


def test_they_are_for_the_application_itself(app: Tidemill) -> None:
    assert app.enqueue(SWEEP, {"rest": REST}).task == SWEEP


def test_other_tasks_are_for_everybody(app: Tidemill) -> None:
    asker = app.client.on_behalf("acme", SCRIBE)
    assert asker.enqueue(asker.bound("add", {"a": 1}, {})).created


def test_a_module_of_the_platform_may_hold_tasks_of_an_application(app: Tidemill) -> None:
    app.task(name="tidemill.demo.app.measure")(lambda: None)
    asker = app.client.on_behalf("acme", SCRIBE)
    assert asker.enqueue(asker.bound("tidemill.demo.app.measure", {}, {})).created


def test_nobody_else_takes_such_a_name(app: Tidemill) -> None:
    with pytest.raises(InvalidName, match="as the platform's own"):
        app.task(name=SWEEP)(lambda: None)


def test_nobody_is_shown_one_that_is_called_alike(app: Tidemill) -> None:
    with pytest.raises(UnknownTask) as refused:
        app.client.bound(SWEEP.replace("sw", "s"), {}, {})
    assert SWEEP not in str(refused.value)
