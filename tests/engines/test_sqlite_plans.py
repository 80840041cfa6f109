"""A page of a long history is met along an index or the table itself, and nothing is sorted."""

import sqlite3
from pathlib import Path

import pytest

from tidemill.core.query import JobFilter
from tidemill.core.state import FINISHED, State
from tidemill.engines import open_engine
from tidemill.engines.relational.filters import condition, finished_parts, way
from tidemill.engines.relational.records import of_tenant
from tidemill.engines.sqlite.statements import DIALECT, sql

SHAPES = {
    "everything": JobFilter(),
    "completed": JobFilter(states=(State.COMPLETED,)),
    "completed or failed": JobFilter(states=(State.COMPLETED, State.FAILED)),
    "failed": JobFilter(states=(State.FAILED,)),
    "failed or cancelled": JobFilter(states=(State.FAILED, State.CANCELLED)),
    "a queue": JobFilter(queues=("q",)),
    "completed in a queue": JobFilter(states=(State.COMPLETED,), queues=("q",)),
    "failed in a queue": JobFilter(states=(State.FAILED,), queues=("q",)),
    "a task": JobFilter(tasks=("t",)),
    "a tenant": JobFilter(tenant="acme"),
    "completed of a tenant": JobFilter(states=(State.COMPLETED,), tenant="acme"),
    "a key": JobFilter(unique_key="k"),
    "a batch": JobFilter(batch="b"),
}


@pytest.fixture
def connection(tmp_path: Path) -> sqlite3.Connection:
    engine = open_engine(f"sqlite:///{tmp_path / 'jobs.db'}")
    engine.open().wait()
    engine.close().wait()
    return sqlite3.connect(tmp_path / "jobs.db")


@pytest.mark.parametrize("below", [None, 1_000])
@pytest.mark.parametrize("shape", SHAPES)
def test_no_page_of_history_is_sorted(
    connection: sqlite3.Connection, shape: str, below: int | None
) -> None:
    for part in finished_parts(SHAPES[shape]):
        where, values = condition(DIALECT, part, FINISHED, below, None)
        source = way(DIALECT, "done", None)
        statement = sql("snapshot_done").format(**source, where=where, limit="26")
        steps = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", values)]
        assert not [step for step in steps if "TEMP B-TREE" in step], steps
    connection.close()


@pytest.mark.parametrize("tenant", [None, "acme"])
def test_no_count_reads_the_table_from_end_to_end(
    connection: sqlite3.Connection, tenant: str | None
) -> None:
    values, condition = of_tenant(tenant, "AND")
    statement = sql("counts").format(of_tenant=condition)
    plan = connection.execute(f"EXPLAIN QUERY PLAN {statement}", values * 4)
    steps = [row[3] for row in plan if "job" in row[3]]
    assert len(steps) == 4
    assert all("USING" in step for step in steps), steps
    connection.close()


@pytest.mark.parametrize("tenant", [None, "acme"])
def test_a_look_ahead_reads_the_soonest_and_sorts_nothing_else(
    connection: sqlite3.Connection, tenant: str | None
) -> None:
    values, condition = of_tenant(tenant, "AND")
    statement = sql("coming").format(of_tenant=condition)
    plan = connection.execute(f"EXPLAIN QUERY PLAN {statement}", (0, *values, 10))
    steps = [row[3] for row in plan]
    assert "SEARCH job USING INDEX job_due (ready_at<?)" in steps, steps


def test_what_waits_is_counted_without_a_look_at_the_table(connection: sqlite3.Connection) -> None:
    """Older releases open it, and say no word of a covering index, but read no column there."""
    waiting = sql("counts").format(of_tenant="").partition("UNION ALL")[0]
    (table,) = connection.execute(
        "SELECT rootpage FROM sqlite_schema WHERE name = 'job'"
    ).fetchone()
    program = connection.execute(f"EXPLAIN {waiting}").fetchall()
    cursors = {first for _, does, first, root, *_ in program if (does, root) == ("OpenRead", table)}
    read = {first for _, does, first, *_ in program if does == "Column"}
    assert read
    assert not read & cursors, program
    connection.close()
