"""A module in code: what it brings, to any application that includes it."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
from msgspec import Struct

from tidemill import Concurrency, Event, Job, Module, RateLimit, Tidemill, current, errors
from tidemill.testing import in_memory


def billing(**more: Any) -> Module:
    """A module of one task, one schedule and one handler."""
    module = Module("billing", version="1.2.0", **more)

    @module.schedule("0 2 * * *", tz="Australia/Sydney")
    @module.task(timeout="30s")
    def charge(invoice: int = 0) -> str:
        return f"charged {invoice}"

    @module.on("invoice.paid")
    async def thank(event: Event) -> Any:
        return event.payload

    return module


def test_tasks_are_functions_still_and_named_after_the_module_and_go_to_its_queue() -> None:
    module = Module("billing")

    @module.task
    def charge(invoice: int) -> str:
        return f"charged {invoice}"

    @module.task(name="invoices.send", queue="mail")
    async def send() -> str:
        return "sent"

    assert charge(7) == "charged 7"
    assert (charge.name, charge.options.queue) == ("billing.charge", "billing")
    assert (send.name, send.options.queue) == ("invoices.send", "mail")
    assert asyncio.run(send()) == "sent"


def test_what_a_module_brings_is_run_scheduled_and_told_of_events() -> None:
    app = Tidemill("memory://")
    app.include(billing())
    with in_memory(app) as mill:
        app.events.emit("invoice.paid", {"id": 7})
        job = app.enqueue("billing.charge", {"invoice": 7})
        mill.drain()
        assert job.result(timeout=0) == "charged 7"
        assert mill.assert_enqueued("billing.thank").result(timeout=0) == {"id": 7}
        (schedule,) = app.schedules.find()
        assert (schedule.name, schedule.zone) == ("billing.charge", "Australia/Sydney")
        mill.advance("1d")
        assert len(mill.jobs("billing.charge")) == 2


def test_two_applications_include_one_module_and_each_has_jobs_and_settings_of_its_own() -> None:
    module = Module("prices", settings={"currency": "AUD"})

    @module.task
    def currency() -> Any:
        return current().settings["currency"]

    one, other = Tidemill("memory://"), Tidemill("memory://")
    one.include(module)
    other.include(module, settings={"currency": "EUR"})
    for app, told in ((one, "AUD"), (other, "EUR")):
        with in_memory(app) as mill:
            job: Job[Any] = app.enqueue(currency.bind())
            mill.drain()
            assert job.result(timeout=0) == told
            assert len(mill.jobs()) == 1


def test_settings_may_be_a_struct_which_is_checked_and_given_whole() -> None:
    class Settings(Struct, frozen=True):
        currency: str = "AUD"
        days: int = 30

    module = Module("prices", settings=Settings())
    told: list[Any] = []

    @module.task
    def look() -> None:
        told.append(current().settings)

    app = Tidemill("memory://")
    app.include(module, settings={"days": 14})
    with in_memory(app) as mill:
        app.enqueue(look.bind())
        mill.drain()
    assert [(each.currency, each.days) for each in told] == [("AUD", 14)]


@pytest.mark.parametrize(
    ("given", "said"),
    [({"colour": "red"}, "no setting 'colour'"), ({"days": "many"}, "Expected `int`")],
)
def test_a_setting_that_a_module_has_not_or_not_so_is_refused(
    given: Mapping[str, Any], said: str
) -> None:
    app = Tidemill("memory://")
    with pytest.raises(errors.InvalidOption, match=said):
        app.include(Module("prices", settings={"days": 30}), settings=given)


def test_in_a_running_job_a_task_of_the_module_is_enqueued_where_the_job_is() -> None:
    module = Module("chain")

    @module.task
    def first() -> None:
        second.enqueue("plain")
        second.using(delay="10m").enqueue("later")

    @module.task
    async def third() -> None:
        await second.aenqueue("async")
        await module.aemit("chain.done", {"of": current().module})

    @module.task
    def second(word: str) -> str:
        return word

    app = Tidemill("memory://")
    app.include(module)
    with in_memory(app) as mill:
        app.enqueue(first.bind())
        app.enqueue(third.bind())
        mill.drain()
        mill.advance("10m")
        answers = {job.result(timeout=0) for job in mill.jobs("chain.second")}
        assert answers == {"plain", "later", "async"}
        (event,) = mill.events("chain.*")
        assert (event.payload, event.source) == ({"of": "chain"}, "module:chain")


def test_outside_of_a_job_a_task_of_a_module_asks_for_its_application() -> None:
    module = Module("chain")

    @module.task
    def first() -> None:
        """Do nothing."""

    with pytest.raises(errors.OutsideJob, match=r"app\.enqueue"):
        first.enqueue()
    with pytest.raises(errors.OutsideJob):
        module.emit("chain.done")


def test_a_call_of_a_module_that_an_application_does_not_include_is_refused() -> None:
    module = Module("chain")

    @module.task
    def first() -> None:
        """Do nothing."""

    with in_memory(Tidemill("memory://")) as mill, pytest.raises(errors.UnknownTask):
        mill.app.enqueue(first.bind())


def test_a_module_is_included_whole_or_not_at_all() -> None:
    app = Tidemill("memory://")

    @app.task(name="billing.thank")
    def mine() -> None:
        """Have the name already."""

    with pytest.raises(errors.DuplicateTask, match=r"billing\.thank"):
        app.include(billing())
    assert "billing.charge" not in app.registry
    assert not app.schedules.declares("billing.charge")


def test_a_schedule_of_a_name_that_is_taken_keeps_the_module_out() -> None:
    app = Tidemill("memory://")

    @app.schedule(every="1h", name="billing.charge")
    @app.task(name="mine")
    def mine() -> None:
        """Recur."""

    with pytest.raises(errors.InvalidOption, match=r"schedule 'billing\.charge'"):
        app.include(billing())
    assert "billing.charge" not in app.registry


def test_two_modules_of_one_name_are_both_named() -> None:
    app = Tidemill("memory://")
    app.include(billing())
    with pytest.raises(errors.InvalidOption, match="two modules are called 'billing'"):
        app.include(Module("billing"))


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("with space", errors.InvalidName),
        ("tidemill", errors.InvalidName),
        ("", errors.InvalidName),
    ],
)
def test_a_name_that_is_none_or_the_platforms_is_refused(name: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        Module(name)


def test_a_task_with_a_rate_of_its_own_and_an_hourly_quota_do_not_go_together() -> None:
    module = Module("billing", quotas={"per_hour": 10})
    with pytest.raises(errors.InvalidOption, match="a rate of its own"):
        module.task(name="x", rate=RateLimit(1, "1m"))(lambda: None)


def test_a_task_keeps_a_concurrency_of_its_own_beside_that_of_the_module() -> None:
    module = Module("billing", quotas={"concurrency": 5, "per_hour": 10})

    @module.task(concurrency=Concurrency(1))
    def charge() -> None:
        """Do nothing."""

    assert charge.options.concurrency == Concurrency(1)
    assert charge.options.rate is not None
    assert charge.options.rate.key == "module:billing"


def test_a_queue_where_the_quotas_do_not_hold_is_refused() -> None:
    module = Module("billing", quotas={"concurrency": 5})
    with pytest.raises(errors.InvalidOption, match="do not hold"):
        module.task(name="x", queue="mail")(lambda: None)


def test_declarations_that_make_no_sense_are_refused_where_they_are_written() -> None:
    module, other = billing(), Module("other")

    @other.task
    def foreign(event: Event) -> None:
        """Be another one's."""

    def wrong(payload: str) -> None:
        """Take no event."""

    with pytest.raises(errors.InvalidOption, match="is no task of module billing"):
        module.schedule("0 2 * * *")(foreign)
    with pytest.raises(errors.InvalidOption, match="is no task of module billing"):
        module.on("a.b")(foreign)
    with pytest.raises(errors.InvalidOption):
        module.schedule("every day", name="x")(module.tasks["billing.charge"])
    with pytest.raises(errors.InvalidOption, match="is no pattern"):
        module.schedule(module.tasks["billing.charge"])  # type: ignore[arg-type]  # wanted here
    with pytest.raises(errors.DuplicateTask, match="two tasks"):
        module.task(name="billing.charge")(lambda: None)
    with pytest.raises(errors.InvalidOption, match="cannot handle events"):
        module.on("a.b")(wrong)  # type: ignore[arg-type]  # wanted here
    with pytest.raises(errors.InvalidOption, match="is no module"):
        Tidemill("memory://").include(7)  # type: ignore[arg-type]  # wanted here
