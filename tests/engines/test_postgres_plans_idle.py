"""Statements that were planned while hardly any job waited stay cheap when many have passed."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tidemill.core.identity import new_id
from tidemill.core.job import NewJob
from tidemill.engines import open_engine
from tidemill.engines.postgres.server import read_address
from tidemill.engines.postgres.statements import statement
from tidemill.engines.protocol import Engine
from tidemill.testing.clock import START, ManualClock

LOT = 100
LATER = 86_400_000
TYPES = "text, bigint, bigint, bigint, text[], bigint, boolean, text[], bigint[], bigint[], bigint"


@pytest.fixture
def store(schema_url: str, clock: ManualClock) -> Iterator[Engine]:
    """A store in which many jobs are due later and none waits; the planner knows that."""
    engine = open_engine(schema_url, clock=clock)
    engine.open().wait()
    for _ in range(10):
        later = [NewJob(id=new_id(), task="a", due_at=START + LATER) for _ in range(1_000)]
        engine.jobs.insert(later, fresh_ids=True).wait()
    yield engine
    engine.close().wait()


def steps(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A plan and all that it is made of."""
    yield plan
    for part in plan.get("Plans", ()):
        yield from steps(part)


def test_a_claim_looks_jobs_up_by_their_numbers(store: Engine, schema_url: str) -> None:
    lease = store.leases.take("worker/1", "me", LATER).wait()
    assert lease is not None
    address = read_address(schema_url)
    with psycopg.connect(address.conninfo, autocommit=True) as connection:
        connection.execute(f'VACUUM ANALYZE "{address.schema}".job'.encode())
        connection.execute("SET plan_cache_mode = force_generic_plan")
        text = statement("claim_plain", address.schema)
        connection.execute(f"PREPARE claim ({TYPES}) AS {text}".encode())
        call = (
            f"EXECUTE claim ('{lease.name}', {lease.fence}, {START}, 0, NULL, {LOT}, false, "
            "'{}', '{}', '{}', -1)"
        )
        explained = f"EXPLAIN (FORMAT JSON) {call}".encode()
        ((plan,),) = connection.execute(explained).fetchall()
    by_number = [
        step["Index Name"]
        for step in steps(plan[0]["Plan"])
        if "seq = heads" in step.get("Index Cond", "")
    ]
    assert by_number == ["job_pkey"]
