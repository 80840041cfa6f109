"""What the doctor finds, with whom to ask and how grave it is."""

import json
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from tests.cli.conftest import Refused, Type
from tidemill import State, Tidemill
from tidemill.cli.doctor import Look, findings_of
from tidemill.client.worker_info import WorkerInfo
from tidemill.core.job import NewJob
from tidemill.core.query import QueueCounts
from tidemill.core.rules import QueueRules, TaskRules
from tidemill.schedules.schedule import Schedule

NOW = 10_000_000
LONG_AGO = NOW - 3_600_000
PLAIN = Look(now=NOW, counts=(), rules=(), workers=(), schedules=(), abandoned=0, failed=0)


def worker(**info: Any) -> WorkerInfo:
    told = {"queues": None, "tasks": ["welcome"], "version": "1.0", "progress_at": NOW, **info}
    return WorkerInfo(name="one", session=1, until=NOW + 30_000, info=told)


def count(
    state: State = State.WAITING,
    *,
    queue: str = "mail",
    task: str = "welcome",
    oldest_at: int = NOW,
) -> QueueCounts:
    return QueueCounts(queue, task, state, 3, oldest_at)


def found(**seen: Any) -> list[tuple[bool, str]]:
    return [
        (finding.grave, finding.what)
        for finding in findings_of(msgspec.structs.replace(PLAIN, **seen))
        if finding.remedy
    ]


def test_a_store_at_rest_is_well() -> None:
    assert found() == []
    assert found(workers=[worker()], counts=(count(), count(State.RUNNING))) == []


def test_a_worker_that_knows_more_tasks_than_it_names_may_know_any() -> None:
    many = worker(tasks=[f"task-{number}" for number in range(500)])
    assert found(workers=[many], counts=[count()]) == []


@pytest.mark.parametrize(
    ("counts", "grave"),
    [
        ([count()], False),
        ([count(oldest_at=LONG_AGO)], True),
        ([count(State.SCHEDULED, oldest_at=LONG_AGO)], True),
        ([count(State.RETRYING, oldest_at=LONG_AGO)], True),
    ],
)
def test_jobs_that_could_run_and_no_worker(counts: Sequence[QueueCounts], *, grave: bool) -> None:
    assert found(counts=tuple(counts)) == [(grave, "3 jobs could run, and no worker is there")]


def test_jobs_that_are_due_later_need_no_worker_yet() -> None:
    later = (count(State.SCHEDULED, oldest_at=NOW + 1), count(State.BLOCKED, oldest_at=LONG_AGO))
    assert found(counts=later) == []


def test_jobs_of_a_worker_that_is_gone() -> None:
    ((grave, what),) = found(abandoned=1)
    assert grave
    assert what.startswith("1 job ran on a worker that is gone")
    assert found(abandoned=1, workers=[worker()]) == []


def test_a_queue_from_which_no_worker_takes() -> None:
    some = [worker(queues=["import"])]
    assert found(workers=some, counts=(count(),)) == [
        (False, "3 jobs of welcome could run, and no worker takes from the queue mail")
    ]
    assert found(workers=[*some, worker()], counts=(count(),)) == []
    assert found(workers=[worker(queues=["mail"])], counts=(count(),)) == []


def test_a_queue_that_is_behind() -> None:
    assert found(workers=[worker()], counts=(count(oldest_at=LONG_AGO),)) == [
        (False, "3 jobs of welcome could run, the first one for 1h")
    ]


def test_a_task_that_no_worker_knows() -> None:
    assert found(workers=[worker()], counts=(count(task="gone"),)) == [
        (True, "no worker knows the task gone, which has 3 jobs")
    ]


def test_a_worker_that_does_not_move() -> None:
    ((grave, what),) = found(workers=[worker(progress_at=LONG_AGO, name="box:17")])
    assert grave
    assert what == "the event loop of box:17 has not moved for 1h"


def test_workers_of_several_releases() -> None:
    assert found(workers=[worker(), worker(version="1.1")]) == [
        (False, "workers of several releases are at work: 1.0, 1.1")
    ]


@pytest.mark.parametrize(
    ("rules", "what"),
    [
        (
            QueueRules(queue="mail", paused=True, note="lunch"),
            "the queue mail is paused (lunch); 3 jobs in it",
        ),
        (TaskRules(task="welcome", paused=True), "the task welcome is paused; 3 jobs in it"),
    ],
)
def test_a_pause_before_which_jobs_wait(rules: QueueRules | TaskRules, what: str) -> None:
    waiting = (count(oldest_at=LONG_AGO),)
    assert found(rules=(rules,), counts=waiting) == [(False, what)]
    assert found(rules=(rules,), counts=waiting, workers=[worker()]) == [(False, what)]
    assert found(rules=(rules,)) == []


def test_a_schedule_that_nobody_sees_to() -> None:
    late = Schedule(name="nightly", job=NewJob(id="", task="x"), next_at=LONG_AGO)
    assert found(schedules=(late,)) == [(True, "the schedule nightly was due 1h ago")]
    assert found(schedules=(late,), workers=[worker()])[0][0] is False
    paused = msgspec.structs.replace(late, next_at=None, paused=True)
    assert found(schedules=(paused,)) == []


def test_what_ended_badly_lately() -> None:
    assert found(failed=1) == [(False, "1 attempt ended badly in the last day")]


def test_it_looks_at_a_real_store(typed: Type) -> None:
    said = typed("doctor")
    assert "note: 1 job could run, and no worker is there" in said
    assert "  remedy: start one: tidemill worker --app MODULE:NAME" in said
    assert "note: 1 attempt ended badly in the last day" in said
    assert json.loads(typed("doctor", "--json"))["health"]["durability"] == "durable"


def test_what_is_grave_comes_first_and_is_told_by_the_exit_code(
    app: Tidemill, refused: Refused, capsys: pytest.CaptureFixture[str]
) -> None:
    engine = app.open()
    lease = engine.leases.take("worker/gone", "x", 60_000, b'{"tasks": []}').wait()
    assert lease is not None
    code, _ = refused("doctor", "--json")
    assert code == 1
    engine.leases.give_back(lease).wait()
    assert capsys.readouterr().out == ""
