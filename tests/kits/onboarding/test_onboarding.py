"""Onboarding: steps are done once, in order, or undone in reverse."""

import asyncio
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from tests.kits.onboarding.company import STEPS, Company, fail
from tidemill import State, Tidemill, current, errors
from tidemill.kits.onboarding import Case, Onboarding
from tidemill.testing import Harness, in_memory

ABOUT = {"company": "Acme"}


def wrapped_up(mill: Harness) -> dict[str, str]:
    """What wrapping up says of each step, in its order."""
    job = mill.assert_enqueued("onboarding.wrap_up")
    return {each.name: each.became for each in job.result(timeout=0).steps}


def test_steps_are_done_in_order_and_the_result_says_what_each_came_to() -> None:
    company = Company()
    with in_memory(company.app) as mill:
        job = company.app.enqueue(company.onboarding.run.bind(ABOUT))
        mill.drain()
        assert company.did == [*STEPS]
        steps = job.result(timeout=0).steps
        assert [(each.name, each.became, each.outcome) for each in steps] == [
            (name, "done", f"made {name}") for name in STEPS
        ]
        told = [(event.name, event.payload.get("step")) for event in mill.events("onboarding.*")]
        assert told == [
            *(("onboarding.step_done", name) for name in STEPS),
            ("onboarding.completed", None),
        ]
        after = mill.assert_enqueued("onboarding.wrap_up").result(timeout=0)
        assert (after.completed, after.steps) == (True, [])


def test_each_step_is_given_what_the_ones_before_it_have_returned() -> None:
    company = Company()
    with in_memory(company.app) as mill:
        job = company.app.enqueue(company.onboarding.run.bind(ABOUT))
        mill.drain()
        case = company.cases["station"]
        assert case.about == ABOUT
        assert case.done == {"organisation": "made organisation", "roles": "made roles"}
        assert case.key == f"{job.id}:station"
        assert case.outcome is None


def test_progress_goes_from_0_to_100_by_the_weights_and_names_the_step() -> None:
    onboarding = Onboarding(attempts=3)
    left = ["organisation", "welcome_mail"]

    def fail_first(name: str) -> None:
        if name in left:
            left.remove(name)
            raise OSError("the bank is closed")

    @onboarding.step("Creating the organisation", weight=3)
    async def organisation(_case: Case) -> None:
        fail_first("organisation")

    @onboarding.step()
    def welcome_mail(_case: Case) -> None:
        fail_first("welcome_mail")

    app = Tidemill("memory://")
    app.include(onboarding)
    with in_memory(app) as mill:
        job = app.enqueue(onboarding.run.bind({}))
        told = []
        for _ in range(3):
            mill.advance("1m")
            last = job.snapshot().progress
            assert last is not None
            told.append((last.percent, last.message, last.step, last.of))
    assert told == [
        (0, "Creating the organisation", 1, 2), (75, "Welcome mail", 2, 2), (100, "Done", 2, 2),
    ]  # fmt: skip


def test_a_step_that_is_done_is_not_done_again_at_the_next_attempt() -> None:
    company = Company()
    keys = []

    def fail_once(case: Case) -> None:
        keys.append(case.key)
        if len(keys) == 1:
            fail(case)

    company.before["station"] = fail_once
    with in_memory(company.app) as mill:
        job = company.app.enqueue(company.onboarding.run.bind(ABOUT))
        mill.drain()
        assert job.state is State.RETRYING
        mill.advance("1m")
        steps = job.result(timeout=0).steps
        assert company.did == [*STEPS]
        assert [each.attempt for each in steps] == [1, 1, 2, 2, 2, 2]
        assert len(set(keys)) == 1, "whom the step asks could not tell that it is the same step"


def test_what_was_begun_is_undone_in_reverse_when_a_step_fails_for_good() -> None:
    company = Company(attempts=2, without_undo=("roles",))
    company.before["admin"] = fail
    with in_memory(company.app) as mill:
        job = company.app.enqueue(company.onboarding.run.bind(ABOUT))
        mill.drain()
        assert company.did == ["organisation", "roles", "station"], "undone before its last attempt"
        mill.advance("1m")
        assert job.state is State.FAILED
        assert company.did[3:] == ["un-admin", "un-station", "un-organisation"]
        assert wrapped_up(mill) == {
            "admin": "undone", "station": "undone", "roles": "kept", "organisation": "undone",
        }  # fmt: skip
        assert company.cases["un-station"].outcome == "made station"
        assert company.cases["un-admin"].outcome is None, "it was not seen to end"
        assert company.cases["un-admin"].key == f"{job.id}:admin"
        (undone,) = mill.events("onboarding.undone")
        assert undone.payload == {"job": job.id, "steps": ["admin", "station", "organisation"]}


def test_an_error_that_is_not_worth_another_attempt_has_all_undone_at_once() -> None:
    company = Company(give_up_on=(OSError,))
    company.before["roles"] = fail
    with in_memory(company.app) as mill:
        job = company.app.enqueue(company.onboarding.run.bind(ABOUT))
        mill.drain()
        assert (job.state, job.snapshot().attempt) == (State.FAILED, 1)
        assert company.did == ["organisation", "un-roles", "un-organisation"]


def test_an_onboarding_that_is_cancelled_between_two_attempts_is_undone() -> None:
    company = Company()
    company.before["station"] = fail
    with in_memory(company.app) as mill:
        job = company.app.enqueue(company.onboarding.run.bind(ABOUT))
        mill.drain()
        job.cancel("they went elsewhere")
        mill.drain()
        assert job.state is State.CANCELLED
        assert company.did[2:] == ["un-station", "un-roles", "un-organisation"]


def test_an_onboarding_that_is_cancelled_while_it_runs_is_undone() -> None:
    company = Company()

    async def wait(_case: Case) -> None:
        await company.app.jobs.acancel(current().id)
        await asyncio.Event().wait()

    company.before["station"] = wait
    with in_memory(company.app) as mill:
        job = company.app.enqueue(company.onboarding.run.bind(ABOUT))
        mill.drain()
        assert job.state is State.CANCELLED
        assert company.did == [
            "organisation", "roles", "un-station", "un-roles", "un-organisation",
        ]  # fmt: skip


def test_blocking_code_that_is_cancelled_ends_before_it_is_undone() -> None:
    did: list[str] = []
    onboarding = Onboarding()
    app = Tidemill("memory://")
    cancelled = threading.Event()

    @onboarding.step()
    def slow(_case: Case) -> None:
        app.jobs.cancel(current().id)
        job = current()
        deadline = time.monotonic() + 10
        while not job.cancelled and time.monotonic() < deadline:
            cancelled.wait(0.01)
        enough = time.monotonic() + 0.3  # for an undo that would not wait
        while not did and time.monotonic() < enough:
            cancelled.wait(0.01)
        did.append("done")

    @slow.undo
    def undo(_case: Case) -> None:
        did.append("undone")

    app.include(onboarding)
    with in_memory(app) as mill:
        job = app.enqueue(onboarding.run.bind({}))
        mill.drain()
        assert job.state is State.CANCELLED
        assert did == ["done", "undone"]


def test_an_undo_that_fails_is_tried_again_and_what_is_undone_stays_so() -> None:
    company = Company(attempts=1)
    company.before["station"] = fail
    tries = []

    def fail_once(case: Case) -> None:
        tries.append(case.key)
        if len(tries) == 1:
            fail(case)

    company.before["un-organisation"] = fail_once
    with in_memory(company.app) as mill:
        company.app.enqueue(company.onboarding.run.bind(ABOUT))
        mill.drain()
        assert company.did[2:] == ["un-station", "un-roles"]
        mill.advance("1m")
        assert company.did[2:] == ["un-station", "un-roles", "un-organisation"]
        assert set(wrapped_up(mill).values()) == {"undone"}


def test_one_that_is_started_again_after_it_was_undone_does_all_of_it_anew() -> None:
    company = Company(attempts=1)
    company.before["roles"] = fail
    with in_memory(company.app) as mill:
        job = company.app.enqueue(company.onboarding.run.bind(ABOUT))
        mill.drain()
        company.did.clear()
        del company.before["roles"]
        job.retry()
        mill.drain()
        assert company.did == [*STEPS]
        assert job.state is State.COMPLETED


def test_one_that_is_started_again_while_it_is_undone_is_refused() -> None:
    company = Company(attempts=1)
    company.before |= {"roles": fail, "un-organisation": fail}
    with in_memory(company.app) as mill:
        job = company.app.enqueue(company.onboarding.run.bind(ABOUT))
        mill.drain()
        job.retry()
        mill.drain()
        error = job.snapshot().error
        assert error is not None
        assert "kit.onboarding.being_undone" in error.message
        assert company.did == ["organisation", "un-roles"]


def test_wrapping_up_waits_for_one_that_a_person_has_started_again() -> None:
    company = Company(attempts=1)
    company.before["roles"] = fail
    onboarding, app = company.onboarding, company.app
    with in_memory(app) as mill:
        job = app.enqueue(onboarding.run.bind(ABOUT))
        app.queues.pause_task("onboarding.wrap_up")
        mill.drain()
        del company.before["roles"]
        app.queues.pause_task("onboarding.run")
        job.retry()
        app.queues.resume_task("onboarding.wrap_up")
        mill.drain()
        assert company.did == ["organisation"], "undone, though it is to go on"
        app.queues.resume_task("onboarding.run")
        mill.drain()
        mill.advance("10s")
        assert job.state is State.COMPLETED
        assert company.did == [*STEPS]
        assert mill.assert_enqueued("onboarding.wrap_up").result(timeout=0).completed


def test_a_step_that_is_gone_from_the_code_stops_its_undoing_and_says_so() -> None:
    company = Company(attempts=1)
    company.before["roles"] = fail
    with in_memory(company.app) as mill:
        company.app.enqueue(company.onboarding.run.bind(ABOUT))
        company.app.queues.pause_task("onboarding.wrap_up")
        mill.drain()
        del company.onboarding.steps["organisation"]
        company.app.queues.resume_task("onboarding.wrap_up")
        mill.drain()
        error = mill.assert_enqueued("onboarding.wrap_up").snapshot().error
        assert error is not None
        assert "no step 'organisation'" in error.message


def test_two_kits_in_one_store_have_tasks_and_stories_of_their_own() -> None:
    first, second = Company(), Company(name="hse-onboarding", queue="tenant-onboarding")
    assert second.onboarding.run.name == "hse-onboarding.run"
    assert second.onboarding.run.options.queue == "tenant-onboarding"
    app = first.app
    app.include(second.onboarding)
    with in_memory(app) as mill:
        app.enqueue(first.onboarding.run.bind(ABOUT))
        app.enqueue(second.onboarding.run.bind(ABOUT))
        mill.drain()
        assert first.did == second.did == [*STEPS]
        assert len(mill.events("hse-onboarding.*")) == 7


def test_what_makes_no_sense_is_refused_where_it_is_written() -> None:
    onboarding = Onboarding()
    step = onboarding.step()(Named("roles"))
    step.undo(Named("undo"))
    with pytest.raises(errors.InvalidOption, match="two steps 'roles'"):
        onboarding.step()(Named("roles"))
    with pytest.raises(errors.InvalidOption, match="undone in two ways"):
        step.undo(Named("undo"))
    with pytest.raises(errors.InvalidOption, match="weight of 0"):
        onboarding.step(weight=0)(Named("admin"))


def test_a_step_that_is_no_function_of_a_case_is_refused_where_it_is_written() -> None:
    onboarding = Onboarding()
    without_parentheses: Any = onboarding.step
    with pytest.raises(errors.InvalidOption, match="'Named' is not what progress shows"):
        without_parentheses(Named)
    for act in (lambda: None, lambda _case, _other: None, 5):
        declare: Any = onboarding.step(name="roles")
        with pytest.raises(errors.InvalidOption, match="step roles is no function of a case"):
            declare(act)
    step = onboarding.step()(Named("roles"))
    undo: Any = step.undo
    with pytest.raises(errors.InvalidOption, match="undo of step roles"):
        undo(lambda: None)


def test_a_step_that_returns_what_cannot_be_kept_is_undone_at_once() -> None:
    company = Company()
    onboarding = company.onboarding
    onboarding.step(name="odd")(lambda _case: object())
    with in_memory(company.app) as mill:
        job = company.app.enqueue(onboarding.run.bind(ABOUT))
        mill.drain()
        seen = job.snapshot()
        assert (seen.state, seen.attempt) == (State.FAILED, 1)
        assert company.did[-1] == "un-organisation"


def test_an_onboarding_without_steps_fails_at_once_and_says_what_to_write() -> None:
    onboarding = Onboarding()
    app = Tidemill("memory://")
    app.include(onboarding)
    with in_memory(app) as mill:
        job = app.enqueue(onboarding.run.bind({}))
        mill.drain()
        seen = job.snapshot()
        assert (seen.state, seen.attempt) == (State.FAILED, 1)
        assert seen.error is not None
        assert "has no steps" in seen.error.message


def test_six_steps_on_a_durable_store_take_less_than_a_second(tmp_path: Path) -> None:
    company = Company()
    onboarding = company.onboarding
    with Tidemill(f"sqlite:///{tmp_path}/jobs.db") as app:
        app.include(onboarding)
        took = []
        # Its own time, from when a worker has begun it, and the best of a few: whatever else runs
        # on this machine makes one of them late, and says nothing of the kit.
        for _ in range(3):
            job = app.enqueue(onboarding.run.bind(ABOUT))
            asyncio.run(app.worker().run_until_idle())
            seen = job.snapshot()
            assert (seen.state, seen.attempt) == (State.COMPLETED, 1)
            took.append((seen.finished_at or 0) - (seen.started_at or 0))
        assert 0 < min(took) < 1_000, took
    assert company.did == [*STEPS] * 3


class Named:
    """Does nothing."""

    def __init__(self, name: str) -> None:
        self.__name__ = name

    def __call__(self, case: Case) -> None:
        """Do nothing."""
