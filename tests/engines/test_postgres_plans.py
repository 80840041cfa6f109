"""Hot statements stay cheap in a full store: a million jobs, whatever the planner knows of them."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tests.engines.plans import ExplainingLink, Plan
from tidemill.core.error_info import ErrorInfo
from tidemill.core.identity import new_id
from tidemill.core.job import Claim, NewJob
from tidemill.core.lease import WORKER, Lease
from tidemill.core.limits import KeyLimit
from tidemill.core.outcome import Done, Failed, Outcome
from tidemill.core.query import JobFilter
from tidemill.core.retention import Keep
from tidemill.core.state import FINISHED, State
from tidemill.core.unique import UniqueClaim
from tidemill.core.verdict import Settlement, judge
from tidemill.core.want import Want
from tidemill.engines import open_engine
from tidemill.engines.postgres.ground import PostgresGround
from tidemill.engines.postgres.link import PostgresLink
from tidemill.engines.postgres.server import Server, read_address
from tidemill.engines.relational import claiming, finding, inserting, leases, settling, tending
from tidemill.engines.relational.ground import Transaction
from tidemill.engines.relational.link import Row, Values
from tidemill.engines.relational.rows import claim_of
from tidemill.engines.relational.searching import Effort

pytestmark = pytest.mark.timeout(600)

LOT = 100
NOW = 1_767_225_600_000
LONG = 3_600_000
SCHEMA = "plans"
WORKERS = 20

MOST_ROWS = 100 * LOT
"""That one step of a statement may meet; a step that reads a table meets far more."""

MOST_BLOCKS = 120 * LOT

JOBS = """
INSERT INTO plans.job (
    id, task, queue, tenant, state, rank, ready_at, created_at, fence, worker, attempt,
    max_attempts, started_at, expires_at, gate, limit_key, limit_most, unique_key, unique_until,
    policy, args
)
SELECT
    'job-' || n, 'task-' || n % 10, CASE WHEN n % 5 = 0 THEN 'fair' ELSE 'default' END,
    CASE WHEN n % 5 = 0 AND n % 7 > 0 THEN 'tenant-' || n % 7 ELSE '' END, state, 0,
    CASE state WHEN 'waiting' THEN {now} - 1000000 + n
        WHEN 'scheduled' THEN {now} + 60000 + n * 100 ELSE {now} END,
    {now} - 2000000 + n, CASE state WHEN 'running' THEN 1000 + n % {workers} ELSE 0 END,
    CASE state WHEN 'running' THEN 1 + n % {workers} END,
    CASE state WHEN 'running' THEN 1 ELSE 0 END, 3,
    CASE state WHEN 'running' THEN {now} END,
    CASE WHEN state = 'scheduled' AND n % 50 = 3 THEN {now} + 90000000 + n END,
    CASE state WHEN 'blocked' THEN 'key:account' ELSE '' END,
    CASE WHEN state = 'blocked' OR (state = 'running' AND n % 2000 = 0) THEN 'account' END,
    CASE state WHEN 'blocked' THEN 10 END, CASE WHEN n % 100 = 1 THEN 'key-' || n END,
    CASE WHEN n % 100 = 1 THEN 'finished' END, '{{}}', '{{"a": 1}}'
FROM (
    SELECT n, CASE WHEN n <= 20000 THEN 'running' WHEN n <= 120000 THEN 'blocked'
        WHEN n <= 560000 THEN 'scheduled' ELSE 'waiting' END AS state
    FROM generate_series(1::bigint, 1000000) AS n
) AS numbered
"""

HISTORY = """
INSERT INTO plans.done (
    seq, id, task, queue, tenant, state, rank, ready_at, created_at, fence, worker, attempt,
    max_attempts, crashes, started_at, finished_at, ending, reason, source, policy, args
)
SELECT
    n, 'done-' || n, 'task-' || n % 10, 'queue-' || n % 10,
    CASE WHEN n % 11 = 0 THEN '' ELSE 'tenant-' || n % 11 END,
    CASE WHEN n % 97 = 0 THEN 'failed' WHEN n % 301 = 1 THEN 'cancelled' ELSE 'completed' END,
    0, {now}, {now}, n, 1, 1, 3, 0, {now}, {now} - 9000000000 + n * 20000, 'completed', '', '',
    '{{}}', '{{"a": 1}}'
FROM generate_series(1::bigint, 400000) AS n
"""

REST = """
SELECT setval('plans.job_seq_seq', 2000000), setval('plans.fence', 5000);
INSERT INTO plans.queue (name, rules) VALUES
    ('default', '{{"kind": "queue", "queue": "default"}}'),
    ('fair', '{{"kind": "queue", "queue": "fair", "fair": true}}');
INSERT INTO plans.lease (name, holder, fence, since, until, info)
SELECT 'worker/' || n, 'w' || n, n, {now}, CASE n WHEN 20 THEN {now} - 1 ELSE {now} + 999999999 END,
    '{{}}'
FROM generate_series(1, {workers}) AS n;
"""


@pytest.fixture(scope="module")
def full(postgres_url: str) -> Iterator[psycopg.Connection[Any]]:
    """A full store, of which the planner knows nothing yet."""
    url = f"{postgres_url}?schema={SCHEMA}"
    engine = open_engine(url)
    engine.open().wait()
    engine.close().wait()
    with psycopg.connect(read_address(url).conninfo, autocommit=True) as connection:
        connection.execute("SET synchronous_commit = off")
        for table in ("job", "done"):
            connection.execute(f"ALTER TABLE plans.{table} SET (autovacuum_enabled = off)".encode())
        for text in (JOBS, HISTORY, REST):
            connection.execute(text.format(now=NOW, workers=WORKERS).encode())
        connection.execute("ANALYZE plans.done")  # history is never filled in one go
        yield connection
        connection.execute("DROP SCHEMA plans CASCADE")


@pytest.fixture(scope="module", params=["nothing is known", "all is known"])
def planner(full: psycopg.Connection[Any], request: pytest.FixtureRequest) -> str:
    """What the planner knows of the tables."""
    if request.param == "all is known":
        full.execute("VACUUM ANALYZE plans.job")
    return str(request.param)


@pytest.fixture(params=["force_generic_plan", "force_custom_plan"])
def link(
    full: psycopg.Connection[Any], planner: str, request: pytest.FixtureRequest
) -> Iterator[ExplainingLink]:
    """Has each statement explained, in a transaction that is taken back."""
    full.execute(f"SET plan_cache_mode = {request.param}".encode())
    full.execute("BEGIN")
    link = ExplainingLink(full, SCHEMA)
    yield link
    full.execute("ROLLBACK")
    worst: dict[str, Plan] = {}
    for plan in link.plans:
        if plan.name not in worst or plan.blocks > worst[plan.name].blocks:
            worst[plan.name] = plan
    for name, plan in sorted(worst.items()):
        print(f"{planner}, {request.param}: {name}: {plan.blocks} blocks, {plan.rows} rows")  # noqa: T201 - for the report


@pytest.fixture
def tx(link: ExplainingLink) -> Transaction:
    """A transaction in which every statement is explained."""
    return Transaction(link, NOW, NOW, {"default", "fair"})


def a_job(**fields: object) -> NewJob:
    return NewJob(id=new_id(), task="task-1", **fields)  # type: ignore[arg-type]  # a test's own fields


def lease(number: int = 1) -> Lease:
    return Lease(f"{WORKER}{number}", f"w{number}", number, NOW + LONG)


def held(link: ExplainingLink) -> tuple[Claim, ...]:
    """What the second worker holds."""
    return tuple([claim_of(row[:-3], *row[-3:]) for row in link.rows("held", (2,))][:LOT])


def settlements(claims: tuple[Claim, ...], outcome: Outcome) -> list[Settlement]:
    return [judge(claim, outcome, NOW + 5, 0.5) for claim in claims]


def cheap(plans: list[Plan], *names: str) -> None:
    """Each of these statements was run, and every statement that was run was cheap."""
    assert set(names) <= {plan.name for plan in plans}
    for plan in plans:
        told = f"{plan.name}: {plan.blocks} blocks, {plan.rows} rows\n{plan.steps}"
        assert not plan.scanned & {"job", "done"}, told
        assert plan.rows <= MOST_ROWS, told
        assert plan.blocks <= MOST_BLOCKS, told


def test_claims_that_nothing_holds_back(link: ExplainingLink) -> None:
    values: Values = (f"{WORKER}1", 1, NOW, NOW, ["default"], LOT, False, [], [], [], -1)
    assert len(link.rows("claim_plain", values)) == LOT
    cheap(link.plans, "claim_plain")


def test_claims_from_all_queues(link: ExplainingLink, tx: Transaction) -> None:
    assert len(claiming.claim(tx, Want(lease(), LOT)).jobs) == LOT
    cheap(link.plans, "line", "line_of_tenant", "take", "next_due", "tenants_waiting")


def test_claims_that_leave_tasks_out(link: ExplainingLink, tx: Transaction) -> None:
    want = Want(lease(), LOT, queues=("default",), without=("task-6",))
    assert len(claiming.claim(tx, want).jobs) == LOT
    cheap(link.plans, "line_of_task", "tasks_waiting", "take")


def test_a_look_ahead(link: ExplainingLink) -> None:
    values = (1 << 60, LOT)
    assert link.rows("coming", values, of_tenant="")
    cheap(link.plans, "coming")


def test_claims_of_what_is_due(link: ExplainingLink, tx: Transaction) -> None:
    tx.now = NOW + 60_000 + 120_000 * 100 + LOT * 100
    claiming.claim(tx, Want(lease(), LOT, queues=("default",)))
    cheap(link.plans, "find_due", "make_ready")


def test_settling_plainly(link: ExplainingLink) -> None:
    claims = held(link)
    ends = [f"task-{n}" for n in range(2)]
    numbers = [1, 1]
    counts = ["[1]", "[1]"]
    values = (
        [claim.ref for claim in claims], [claim.fence for claim in claims],
        [NOW for _ in claims], [b"1" for _ in claims],
        [NOW, NOW], ["default"] * 2, ends, ["", ""], ["completed"] * 2, numbers, numbers, numbers,
        counts, counts, 2, NOW, ["jobs.completed"], [""], [b"{}"],
    )  # fmt: skip
    assert link.rows("settle_plain", values) == [(LOT,)]
    cheap(link.plans, "settle_plain", "held")


def test_settling_the_long_way(link: ExplainingLink, tx: Transaction) -> None:
    settling.settle(tx, settlements(held(link), Done(b"1")))
    cheap(link.plans, "finish_jobs", "delete_jobs")


def test_settling_failures(link: ExplainingLink, tx: Transaction) -> None:
    failed = Failed(ErrorInfo("ValueError", "no"))
    settling.settle(tx, settlements(held(link)[: LOT // 10], failed))
    cheap(link.plans, "move_on", "find_facts", "insert_attempt")


def test_settling_what_was_settled(link: ExplainingLink) -> None:
    link.rows("find_done_fences", (str(list(range(1, LOT))),))
    cheap(link.plans, "find_done_fences")


def test_storing_plain_jobs(link: ExplainingLink) -> None:
    for size in (1, LOT):
        alike = [a_job(queue="default") for _ in range(size)]
        assert all(link.store_plain(alike, NOW, fresh_ids=True))
    different = [a_job(queue="default", args=b"%d" % n, priority=n % 2) for n in range(LOT)]
    assert all(link.store_plain(different, NOW, fresh_ids=True))
    assert link.store_plain([NewJob(id="done-7", task="a"), NewJob(id="job-7", task="a")], NOW) == [
        False,
        False,
    ]
    cheap(link.plans, "insert_one", "insert_alike", "insert_fresh", "insert_plain")


def test_storing_other_jobs(link: ExplainingLink, tx: Transaction) -> None:
    jobs = [
        a_job(queue="default", unique=UniqueClaim("key-1")),
        a_job(queue="default", unique=UniqueClaim("new")),
        a_job(queue="default", limit=KeyLimit("account", 10)),
        a_job(queue="default", tags=("red",)),
    ]
    inserting.insert(tx, inserting.Lot(jobs), None)
    cheap(link.plans, "insert_job", "find_id", "find_holder", "gate_is_occupied")


def test_promoting(link: ExplainingLink, tx: Transaction) -> None:
    tx.now = NOW + 60_000 + 120_000 * 100 + LOT * 100
    link.run("look_at_gate", ("key:account", NOW))
    tending.promote(tx, LOT)
    cheap(link.plans, "find_due", "next_due", "find_parked", "find_expired_resting")


def test_renewing(link: ExplainingLink, tx: Transaction) -> None:
    leases.renew(tx, lease(), LONG, b"{}")
    cheap(link.plans, "extend_lease", "find_cancelled")


def test_looking_for_the_dead(link: ExplainingLink) -> None:
    assert len(link.rows("expired", (NOW, LOT))) == LOT
    cheap(link.plans, "expired")
    assert link.plans[-1].rows <= 2_000


def test_counting_what_runs_under_a_key(link: ExplainingLink) -> None:
    ((key, running, *_),) = link.rows("keys", ('["account"]',))
    assert (key, running) == ("account", 10)
    cheap(link.plans, "keys")


@pytest.mark.parametrize(
    "which",
    [
        JobFilter(),
        JobFilter(queues=("queue-3",), states=tuple(sorted(FINISHED))),
        JobFilter(queues=("default",)),
        JobFilter(tasks=("task-1",)),
        JobFilter(states=(State.FAILED,)),
        JobFilter(states=(State.FAILED,), queues=("queue-0",)),
        JobFilter(states=(State.COMPLETED,), queues=("queue-3",)),
        JobFilter(tenant="tenant-2"),
        JobFilter(tenant="tenant-3", queues=("queue-3",), states=tuple(sorted(FINISHED))),
        JobFilter(unique_key="key-101"),
        JobFilter(batch="none"),
    ],
    ids=str,
)
def test_pages(full: psycopg.Connection[Any], link: ExplainingLink, which: JobFilter) -> None:
    """Live jobs have no index for pages: one of a name that few of them bear looks at all."""
    full.execute("SET LOCAL plan_cache_mode = force_custom_plan")  # as for every question
    page = finding.find(link, which, None, 25)
    if page.cursor is not None:
        finding.find(link, which, page.cursor, 25)
    cheap(link.plans)


@pytest.mark.parametrize(
    "which",
    [
        JobFilter(text="absent"),
        JobFilter(source="absent"),
        JobFilter(created_before=1),
        JobFilter(text="absent", states=(State.FAILED,)),
        JobFilter(text="absent", states=(State.WAITING,)),
        JobFilter(text="absent", queues=("queue-3",)),
        JobFilter(text="absent", tasks=("task-1",), tenant="tenant-2"),
        JobFilter(tasks=("task-1",), queues=("queue-7",), states=(State.COMPLETED,)),
        JobFilter(queues=("queue-3", "queue-4"), states=(State.FAILED, State.CANCELLED)),
        JobFilter(tags=("none", "nil"), text="absent"),
        JobFilter(tenant=""),
    ],
    ids=str,
)
def test_searches(full: psycopg.Connection[Any], link: ExplainingLink, which: JobFilter) -> None:
    """No stretch meets more rows than it is long."""
    full.execute("SET LOCAL plan_cache_mode = force_custom_plan")  # as for every question
    page = finding.find(link, which, None, 25, Effort(patience=0))
    for _ in range(3):
        if page.cursor is not None:
            page = finding.find(link, which, page.cursor, 25, Effort(patience=0))
    cheap(link.plans)


def test_every_question_is_planned_for_its_values(schema_url: str) -> None:
    engine = open_engine(schema_url)
    engine.open().wait()
    server = Server(read_address(schema_url))
    server.open()
    ground = PostgresGround(server, None, lambda _: None)

    def mode(tx: Transaction) -> list[Row]:
        assert isinstance(tx.link, PostgresLink)
        return tx.link._session.rows("SHOW plan_cache_mode", ())

    assert ground.read(mode).wait() == [("force_custom_plan",)]
    ground.close()
    server.close()
    engine.close().wait()


def test_jobs_by_their_ids(link: ExplainingLink) -> None:
    ids = [f"done-{n}" for n in range(1, LOT // 2)] + [f"job-{n}" for n in range(1, LOT // 2)]
    assert all(finding.get(link, ids))
    assert all(finding.get(link, ["done-1"]))
    cheap(link.plans, "snapshot_job", "snapshot_done", "attempts")


def test_pruning(link: ExplainingLink, tx: Transaction) -> None:
    assert tending.prune(tx, Keep(), LOT).jobs == LOT
    cheap(link.plans, "find_prunable", "delete_done", "delete_attempts", "delete_logs")
