"""What a module's code may do is what its permissions say, at its inclusion and in its jobs."""

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidemill import Event, Module, Tidemill, current, errors
from tidemill.core.event import matches
from tidemill.tasks.charter import covers
from tidemill.testing import in_memory
from tidemill.worker.context import JobContext
from tidemill.worker.middleware import Handler

MAY = {
    "queues": ["mail"],
    "events": {"emit": ["invoice.*"], "hear": ["order.**"]},
    "services": ["http", "bank"],
}


def told(does: Any, *, services: dict[str, Any] | None = None, **more: Any) -> Any:
    """What a job of a module comes to that does this: its answer, or the error it is refused by."""
    module = Module("billing", **{"permissions": MAY, **more})

    @module.task
    def probe() -> Any:
        return does(app)

    @module.task(queue="mail")
    def post() -> None:
        """Be enqueued."""

    app = Tidemill("memory://")
    app.include(module)

    @app.task(name="slow", queue="slow")
    def slow() -> None:
        """Be enqueued."""

    with in_memory(app, services=services) as mill:
        job = app.enqueue(probe.bind())
        mill.drain()
        seen = job.snapshot()
        if seen.error is not None:
            return f"{seen.error.kind}: {seen.error.message}"
        return job.result(timeout=0)


@pytest.mark.parametrize(
    ("does", "said"),
    [
        (lambda app: app.enqueue("slow"), "permissions.queues"),
        (lambda app: app.enqueue_many([app.client.bound("slow", {}, {})]), "permissions.queues"),
        (lambda app: app.enqueue("billing.post", {}, queue="slow"), "permissions.queues"),
        (lambda app: asyncio.run(app.aenqueue("slow")), "permissions.queues"),
        (lambda app: app.batch(app.client.bound("slow", {}, {}), []), "permissions.queues"),
        (lambda app: app.events.emit("order.made"), "permissions.events.emit"),
        (lambda app: asyncio.run(app.events.aemit("invoice.a.b")), "permissions.events.emit"),
        (lambda _: current().services["database"], "permissions.services"),
        (lambda _: current().services.get("database"), "permissions.services"),
    ],
)
def test_what_a_module_has_no_permission_for_is_refused_with_what_to_add(
    does: Any, said: str
) -> None:
    answer = told(does, services={"http": 1, "database": 2})
    assert answer.startswith("tidemill.errors.NotPermitted")
    assert f"{said} of Module" in answer


def test_what_a_module_has_permission_for_it_may() -> None:
    def does(app: Tidemill) -> Any:
        app.enqueue("billing.post")
        app.enqueue("billing.post", {}, queue="billing")
        app.events.emit("invoice.paid")
        return dict(current().services)

    assert told(does, services={"http": 1, "database": 2}) == {"http": 1}


def test_without_permissions_it_may_what_the_application_may_but_not_use_any_service() -> None:
    def does(app: Tidemill) -> Any:
        app.enqueue("slow")
        app.events.emit("order.made")
        return current().services["database"]

    assert told(does, permissions=None, needs=["database"], services={"database": 2}) == 2
    assert "NotPermitted" in told(does, permissions=None, services={"database": 2})


def test_a_service_that_the_worker_is_not_given_is_told_so_and_is_not_there() -> None:
    wants: dict[str, Any] = {"permissions": None, "needs": ["shelf"]}
    said = told(lambda _: current().services["shelf"], **wants)
    assert "which this worker is not given" in said
    assert told(lambda _: "shelf" in current().services or len(current().services), **wants) == 0


def test_a_task_in_a_queue_without_permission_keeps_the_module_out() -> None:
    module = Module("billing", permissions={})

    @module.task(queue="mail")
    def post() -> None:
        """Go elsewhere."""

    app = Tidemill("memory://")
    with pytest.raises(errors.NotPermitted, match=r"add 'mail' to permissions\.queues"):
        app.include(module)
    assert len(app.registry) == 0


def test_a_handler_of_events_without_permission_keeps_the_module_out() -> None:
    module = Module("billing", permissions=MAY)

    @module.on("**")
    def all_of_them(event: Event) -> None:
        """Hear everything."""

    with pytest.raises(errors.NotPermitted, match=r"permissions\.events\.hear"):
        Tidemill("memory://").include(module)


def test_layers_and_jobs_of_the_application_are_not_held_to_it() -> None:
    seen: list[Any] = []

    async def layer(job: JobContext, call_next: Handler) -> Any:
        seen.append(job.services["database"])
        answer = await call_next()
        await app.aenqueue("mine")
        return answer

    module = Module("billing", permissions={})

    @module.task
    async def probe() -> None:
        """Do nothing."""

    app = Tidemill("memory://")
    app.include(module)

    @app.task(name="mine", queue="slow")
    def mine() -> Any:
        return current().services["database"]

    with in_memory(app) as mill:
        app.enqueue(probe.bind())
        worker = app.worker(queues=["billing"], services={"database": 2}, middleware=[layer])
        asyncio.run(worker.run_until_idle())
        worker = app.worker(services={"database": 2})
        asyncio.run(worker.run_until_idle())
        assert seen == [2]
        assert mill.assert_enqueued("mine").result(timeout=0) == 2


@st.composite
def pairs(draw: st.DrawFn) -> tuple[str, str, str]:
    """A pattern, one that is like it but for wildcards, and a name that the second one means."""
    narrow = draw(st.lists(st.sampled_from(["a", "b", "*", "**"]), min_size=1, max_size=4))
    wide = [draw(st.sampled_from([word, word, "*", "**"])) for word in narrow]
    lengths = {"*": st.just(1), "**": st.integers(0, 4)}
    name = [
        draw(st.sampled_from(["a", "b", "c"])) if word in lengths else word
        for word in narrow
        for _ in range(draw(lengths.get(word, st.just(1))))
    ]
    return ".".join(wide), ".".join(narrow), ".".join(name)


@given(pairs())
def test_a_pattern_covers_another_one_only_if_it_means_all_that_the_other_means(
    pair: tuple[str, str, str],
) -> None:
    wide, narrow, name = pair
    if name and covers(wide, narrow):
        assert matches(narrow, name)
        assert matches(wide, name)


@pytest.mark.parametrize(
    ("wide", "narrow"),
    [("**", "*"), ("invoice.**", "invoice.a.*"), ("*.paid", "invoice.paid"), ("**.a", "b.**.a")],
)
def test_a_pattern_covers_what_it_plainly_means(wide: str, narrow: str) -> None:
    assert covers(wide, narrow)


@pytest.mark.parametrize(
    ("wide", "narrow"),
    [("*", "**"), ("invoice.*", "invoice.**"), ("invoice.paid", "invoice.*"), ("a.*", "a.**.b")],
)
def test_a_pattern_does_not_cover_what_it_means_in_part(wide: str, narrow: str) -> None:
    assert not covers(wide, narrow)
