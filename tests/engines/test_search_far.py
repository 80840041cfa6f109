"""However long history is, an answer looks at one stretch, along the index that leads farthest."""

import sqlite3
from pathlib import Path
from typing import Final

import pytest

from tests.engines.test_search import a_slice, find, pages, sqlite_ground
from tests.engines.test_work import CountingDriver
from tidemill.core.change import Delete
from tidemill.core.query import JobFilter, Page
from tidemill.core.state import State
from tidemill.engines import open_engine
from tidemill.engines.relational.searching import Effort
from tidemill.engines.sqlite.driver import StandardDriver
from tidemill.testing.clock import ManualClock

HISTORY: Final = """
INSERT INTO done (
    seq, id, task, queue, tenant, state, rank, ready_at, created_at, fence, attempt, max_attempts,
    crashes, finished_at, reason, source, policy, args
)
WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?)
SELECT n, 'done-' || n, 'task-' || (n % 2),
    CASE n % 3000 WHEN 0 THEN 'rare' ELSE 'queue-' || (n % 2) END, 'tenant', 'failed', 0, 0, n,
    n, 1, 3, 0, n, '', '', '{}', CAST('{"to": ' || n || '}' AS BLOB)
FROM numbers
"""

ABSENT: Final = {
    "text": JobFilter(text="absent"),
    "source": JobFilter(source="absent"),
    "time": JobFilter(created_before=0),
    "text of failed ones": JobFilter(text="absent", states=(State.FAILED,)),
    "a task in another's queue": JobFilter(tasks=("task-1",), queues=("queue-0",)),
    "cancelled ones of a tenant": JobFilter(tenant="tenant", states=(State.CANCELLED,), text="x"),
    "failed ones of another tenant": JobFilter(tenant="another", states=(State.FAILED,)),
    "cancelled ones of a tenant that failed": JobFilter(tenant="tenant", states=(State.CANCELLED,)),
    "a rare queue and another": JobFilter(queues=("rare", "queue-0"), text="absent"),
    "two queues": JobFilter(queues=("queue-0", "queue-1"), text="absent"),
    "a tag that very many have": JobFilter(tags=("common",), text="absent"),
}


@pytest.fixture(scope="module")
def histories(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    """A history that is not short, and a long one."""
    made = {}
    for length in (30_000, 90_000):
        made[length] = tmp_path_factory.mktemp("history") / "jobs.db"
        engine = open_engine(f"sqlite:///{made[length]}")
        engine.open().wait()
        engine.close().wait()
        with sqlite3.connect(made[length]) as connection:
            connection.execute(HISTORY, (length,))
            connection.execute("UPDATE done SET tags = '[\"common\"]'")
            connection.execute("INSERT INTO tagged SELECT 'common', seq FROM done")
        connection.close()
    return made


@pytest.mark.parametrize(
    "which",
    [
        JobFilter(text="x", tasks=("absent",), queues=("queue-1",)),
        JobFilter(text="x", tasks=("absent", "unknown")),
        JobFilter(text="x", queues=("absent",), states=(State.FAILED,)),
        JobFilter(text="x", tenant="tenant", queues=("absent", "unknown")),
        JobFilter(text="x", batch="absent", tasks=("task-1",)),
        JobFilter(source="x", states=(State.CANCELLED,)),
    ],
    ids=str,
)
def test_whichever_index_leads_farthest_is_followed(
    histories: dict[int, Path], clock: ManualClock, which: JobFilter
) -> None:
    """Nothing on one of the ways: all is looked at with one look."""
    for path in histories.values():
        with sqlite_ground(path, StandardDriver(), clock) as ground:
            page = find(ground, which, None, 25, Effort(rows=10, patience=0))
            assert page == Page((), None)


def test_few_on_one_of_the_ways_are_passed_with_few_looks(
    histories: dict[int, Path], clock: ManualClock
) -> None:
    which = JobFilter(text="absent", queues=("rare",), tasks=("task-0",), tenant="tenant")
    for length, path in histories.items():
        with sqlite_ground(path, StandardDriver(), clock) as ground:
            walk = pages(ground, which, 25, Effort(rows=10, patience=0))
        assert len(walk) == length // 3_000 // 10 + 1


@pytest.mark.parametrize("what", ["page", "change"])
@pytest.mark.parametrize("case", ABSENT)
def test_an_answer_looks_at_one_stretch_however_long_history_is(
    histories: dict[int, Path], clock: ManualClock, what: str, case: str
) -> None:
    effort = Effort(rows=1_000, patience=0)
    costs: list[int] = []
    for path in histories.values():
        driver = CountingDriver()
        with sqlite_ground(path, driver, clock) as ground:
            before = driver.steps
            if what == "page":
                assert find(ground, ABSENT[case], None, 25, effort).jobs == ()
            else:
                done = a_slice(ground, ABSENT[case], Delete(), None, 500, effort)
                assert done.ids == ()
            costs.append(driver.steps - before)
    assert costs[1] <= costs[0] * 1.5, costs
