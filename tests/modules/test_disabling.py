"""A module is disabled and enabled at run time, for all nodes and exactly."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.modules.conftest import beside, billing, tell_nodes, tick, work
from tidemill import Tidemill, errors
from tidemill.access.actor import Actor
from tidemill.access.audit import AuditLog, Scribe, Search
from tidemill.client.queues import Queues, R
from tidemill.client.steps import Steps
from tidemill.core.state import State
from tidemill.modules.record import ModuleRecord
from tidemill.modules.store import Modules
from tidemill.testing.clock import ManualClock

NOTE = "module billing is disabled: too dear"


def paused(app: Tidemill) -> dict[str, str]:
    """The tasks that are paused, each with its note."""
    return {rules.task: rules.note for rules in app.queues.paused_tasks()}


def test_a_disabled_module_starts_no_job_and_what_waits_is_run_when_it_is_enabled(
    app: Tidemill,
) -> None:
    job = app.enqueue("billing.refund")
    assert app.modules.disable("billing", "too dear").disabled
    app.events.emit("invoice.paid")
    later = app.enqueue("billing.charge")
    work(app)
    assert {job.snapshot().state, later.snapshot().state} <= {State.WAITING, State.BLOCKED}
    assert not app.modules.enable("billing").disabled
    work(app)
    assert (job.result(timeout=0), later.result(timeout=0)) == ("refunded", "charged")


def test_a_disabled_module_recurs_no_more_until_it_is_enabled(
    app: Tidemill, clock: ManualClock
) -> None:
    app.modules.disable("billing", "too dear")
    assert app.schedules.get("billing.charge").note == NOTE
    tick(app, clock)
    assert list(app.jobs.find(tasks=["billing.charge"])) == []
    app.modules.enable("billing")
    tick(app, clock)
    assert len(list(app.jobs.find(tasks=["billing.charge"]))) == 1


def test_pauses_say_why_and_the_record_says_who_and_when(app: Tidemill, clock: ManualClock) -> None:
    zoe = app.client.on_behalf(None, Scribe(actor=Actor(kind="user", name="zoe")))
    Modules(zoe).disable("billing", "too dear")
    names = ("billing.charge", "billing.refund", "billing.thank")
    assert paused(app) == dict.fromkeys(names, NOTE)
    record = app.modules.get("billing")
    assert (record.note, record.changed_by, record.changed_at) == (
        "too dear",
        "user:zoe",
        clock.now(),
    )


def test_enabling_undoes_exactly_what_disabling_did(app: Tidemill) -> None:
    app.queues.pause_task("billing.refund", "mine, from before")
    app.queues.pause_task("others", "of no module")
    app.modules.disable("billing", "too dear")
    app.queues.pause_task("billing.thank", "mine, from meanwhile")
    app.schedules.pause("billing.charge", note="mine, too")
    app.modules.enable("billing")
    assert paused(app) == {
        "billing.refund": "mine, from before",
        "billing.thank": "mine, from meanwhile",
        "others": "of no module",
    }
    assert app.schedules.get("billing.charge").paused


def test_a_schedule_that_a_person_has_paused_before_stays_paused(app: Tidemill) -> None:
    app.schedules.pause("billing.charge", note="mine")
    app.modules.disable("billing")
    app.modules.enable("billing")
    assert app.schedules.get("billing.charge").note == "mine"


def test_a_pause_whose_note_begins_alike_is_left_alone(app: Tidemill) -> None:
    notes = {
        "x": "module billing-eu is disabled",
        "y": "module billing is disabled by hand, and mine",
    }
    for task, note in notes.items():
        app.queues.pause_task(task, note)
    app.modules.disable("billing")
    app.modules.enable("billing")
    assert paused(app) == notes


def test_disabling_twice_keeps_the_first_note_and_one_enabling_undoes_it(app: Tidemill) -> None:
    app.modules.disable("billing", "too dear")
    app.modules.disable("billing", "again")
    assert app.modules.get("billing").note == "too dear"
    app.modules.enable("billing")
    assert paused(app) == {}


def test_a_node_that_starts_later_with_more_in_the_module_obeys(app: Tidemill) -> None:
    app.modules.disable("billing", "too dear")
    later = beside(app, billing(newer=True))
    tell_nodes(later)
    record = later.modules.get("billing")
    assert (record.version, record.disabled, record.note) == ("2", True, "too dear")
    assert paused(later)["billing.remind"] == NOTE
    assert later.schedules.get("billing.remind").note == NOTE
    app.modules.enable("billing")
    assert paused(later) == {}


def test_what_only_nodes_of_another_version_have_is_disabled_as_well(app: Tidemill) -> None:
    newer = beside(app, billing(newer=True))
    tell_nodes(newer)
    tell_nodes(app)
    record = app.modules.get("billing")
    assert (record.former_tasks, record.former_schedules) == (("billing.remind",),) * 2
    app.modules.disable("billing", "too dear")
    assert paused(app)["billing.remind"] == NOTE
    assert app.schedules.get("billing.remind").note == NOTE
    tell_nodes(newer)
    assert app.modules.get("billing").former_tasks == ()
    app.modules.enable("billing")
    assert paused(app) == {}


def test_what_is_missing_of_a_disabling_that_was_cut_off_is_made_up_by_the_next_node(
    app: Tidemill,
) -> None:
    app.modules.disable("billing", "too dear")
    app.queues.resume_task("billing.refund")
    tell_nodes(app)
    assert "billing.refund" in paused(app)


class Overtaken(Queues):
    """Pauses tasks, and is overtaken by somebody who does something else first."""

    def __init__(self, app: Tidemill, meanwhile: Callable[[], object]) -> None:
        super().__init__(app.client)
        self._meanwhile = [meanwhile]

    def _set(self, action: str, plain: R, version: int | None, **changes: Any) -> Steps[None]:
        if self._meanwhile:
            self._meanwhile.pop()()
        return super()._set(action, plain, version, **changes)


def overtaken(app: Tidemill, meanwhile: Callable[[], object]) -> Modules:
    """Modules whose first pause or resumption comes behind something else."""
    return Modules(app.client, Overtaken(app, meanwhile))


def test_who_disables_while_somebody_enables_leaves_it_as_the_last_word_was(app: Tidemill) -> None:
    modules = overtaken(app, lambda: app.modules.enable("billing"))
    assert not modules.disable("billing", "too dear").disabled
    assert paused(app) == {}
    modules = overtaken(app, lambda: app.modules.disable("billing", "again"))
    app.modules.disable("billing", "too dear")
    assert modules.enable("billing").disabled
    assert len(paused(app)) == 3


def test_a_person_who_pauses_a_task_in_between_is_not_undone(app: Tidemill) -> None:
    tasks = app.modules.get("billing").tasks

    def mine() -> None:
        for task in tasks:
            app.queues.pause_task(task, "mine")

    overtaken(app, mine).disable("billing", "too dear")
    app.modules.enable("billing")
    assert paused(app) == dict.fromkeys(tasks, "mine")


def test_a_person_who_pauses_a_task_while_it_is_being_enabled_is_not_undone(app: Tidemill) -> None:
    tasks = app.modules.get("billing").tasks

    def mine() -> None:
        for task in tasks:
            app.queues.pause_task(task, "mine")

    app.modules.disable("billing", "too dear")
    overtaken(app, mine).enable("billing")
    assert paused(app) == dict.fromkeys(tasks, "mine")


def test_what_is_done_is_told_in_the_audit_log(app: Tidemill) -> None:
    zoe = app.client.on_behalf(None, Scribe(actor=Actor(kind="user", name="zoe")))
    Modules(zoe).disable("billing", "too dear")
    Modules(zoe).enable("billing")
    lines = AuditLog(app.client).page(Search(), cursor=None, limit=100).lines
    deeds = [line.action for line in lines]
    assert deeds.count("modules.disable") == deeds.count("modules.enable") == 1
    assert deeds.count("tasks.pause") == deeds.count("tasks.resume") == 3
    assert deeds.count("schedules.pause") == deeds.count("schedules.resume") == 1


def test_a_module_that_no_node_has_told_of_is_not_there(app: Tidemill) -> None:
    for verb in (app.modules.get, app.modules.enable, app.modules.disable):
        with pytest.raises(errors.NotFound, match="no module 'news'"):
            verb("news")


def test_a_module_that_is_broken_now_keeps_what_was_known_and_is_mended_by_the_next_telling(
    app: Tidemill,
) -> None:
    app.modules.publish([], [ModuleRecord(name="billing", place="elsewhere", error="no such file")])
    record = app.modules.get("billing")
    assert (record.error, record.tasks[0]) == ("no such file", "billing.charge")
    tell_nodes(app)
    assert app.modules.get("billing").error == ""


def test_telling_again_what_is_known_writes_nothing(app: Tidemill) -> None:
    before = app.open().records.get("module", "billing").wait()
    tell_nodes(app)
    after = app.open().records.get("module", "billing").wait()
    assert before is not None
    assert before == after
