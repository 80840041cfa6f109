"""Jobs to which no index leads are looked for stretch by stretch: all are found, each once."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from tidemill.core.change import FROM, Cancel, Change, Changed, Delete, Retry, Which
from tidemill.core.job import Snapshot
from tidemill.core.outcome import Done
from tidemill.core.query import JobFilter, Page
from tidemill.core.state import FINISHED, LIVE, State
from tidemill.core.verdict import judge
from tidemill.engines import open_engine
from tidemill.engines.postgres.ground import PostgresGround
from tidemill.engines.postgres.server import Server, read_address
from tidemill.engines.protocol import Engine
from tidemill.engines.relational import changing, finding
from tidemill.engines.relational.ground import Ground
from tidemill.engines.relational.searching import Effort
from tidemill.engines.sqlite.driver import Driver, StandardDriver
from tidemill.engines.sqlite.file import StoreFile
from tidemill.engines.sqlite.ground import Ground as SQLiteGround
from tidemill.testing.clock import START, ManualClock
from tidemill.testing.conformance.steps import (
    GIVE_UP,
    HOUR,
    change,
    claim,
    ids,
    insert,
    settle,
    start_worker,
)
from tidemill.testing.sample import a_job

JOBS: Final = 240
LOT: Final = 20
"""Jobs that are stored in the same second."""
NO_PATIENCE: Final = Effort(rows=7, patience=0)
"""One stretch for each answer."""
GAP: Final = range(100, 160)
"""Jobs of which none is left."""

WALKS: Final = [
    (1, NO_PATIENCE),
    (7, NO_PATIENCE),
    (JOBS, NO_PATIENCE),
    (3, Effort(rows=1, patience=0)),
    (JOBS, Effort(rows=1, patience=60)),
]
"""Pages that are smaller and larger than a stretch."""


@pytest.fixture(params=["sqlite", "postgres"])
def url(tmp_path: Path, request: pytest.FixtureRequest) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'jobs.db'}"
    return str(request.getfixturevalue("schema_url"))


@pytest.fixture
def engine(url: str, clock: ManualClock) -> Iterator[Engine]:
    engine = open_engine(url, clock=clock)
    engine.open().wait()
    yield engine
    engine.close().wait()


@pytest.fixture
def ground(engine: Engine, url: str, clock: ManualClock) -> Iterator[Ground]:
    """Where the engine's own functions can be called, with what they are given otherwise."""
    assert engine.traits.name in url
    if url.startswith("sqlite"):
        path = Path(url.removeprefix("sqlite:///"))
        with sqlite_ground(path, StandardDriver(), clock) as ground:
            yield ground
    else:
        server = Server(read_address(url))
        server.open()
        on_server = PostgresGround(server, clock, lambda _: None)
        yield on_server
        on_server.close()
        server.close()


@contextmanager
def sqlite_ground(path: Path, driver: Driver, clock: ManualClock) -> Iterator[SQLiteGround]:
    file = StoreFile(path, 10, driver)
    file.open()
    ground = SQLiteGround(file, clock, lambda _: None)
    ground.writer.open()
    ground.readers.open()
    yield ground
    ground.readers.close()
    ground.writer.close()
    file.close()


@pytest.fixture
def jobs(engine: Engine, clock: ManualClock) -> list[Snapshot]:
    """All that are left of many jobs, newest first: of all kinds, with gaps between them."""
    made = [
        a_job(
            task=f"task-{n % 3}", queue=f"queue-{n % 4}" if n % 37 else "rare",
            tenant=("", "acme", "beta")[n % 3],
            source="schedule/x" if n % 7 < 2 else "", args=b'{"to": "customer-%03d"}' % n,
            due_at=clock.now() + HOUR if n % 5 == 0 else None,
        )
        for n in range(JOBS)
    ]  # fmt: skip
    for start in range(0, JOBS, LOT):
        clock.advance("1s")
        insert(engine, *made[start : start + LOT])
    change(engine, Cancel(), *ids(made[3::5]))
    failing = frozenset(ids(made[2::5]))
    claimed = claim(engine, start_worker(engine), JOBS)
    ends = [GIVE_UP if each.id in failing else Done() for each in claimed]
    engine.jobs.settle(
        [judge(each, end, clock.now(), 0.5) for each, end in zip(claimed, ends, strict=True)]
    ).wait()
    change(engine, Delete(), *{*ids(made[4::5]), *ids(made[GAP.start : GAP.stop])})
    page = engine.reader.find(JobFilter(), limit=JOBS).wait()
    assert page.cursor is None
    assert 100 < len(page.jobs) < JOBS - len(GAP)
    return list(page.jobs)


CASES: Final[dict[str, tuple[JobFilter, Callable[[Snapshot], bool]]]] = {
    "source": (JobFilter(source="schedule/x"), lambda job: job.source == "schedule/x"),
    "text": (JobFilter(text="CUSTOMER-1"), lambda job: b"customer-1" in job.args),
    "one text": (JobFilter(text="customer-031"), lambda job: b"customer-031" in job.args),
    "no text": (JobFilter(text="absent"), lambda _: False),
    "text of failed ones": (
        JobFilter(text="customer-0", states=(State.FAILED,)),
        lambda job: b"customer-0" in job.args and job.state is State.FAILED,
    ),
    "source of those that did not complete": (
        JobFilter(source="schedule/x", states=(State.SCHEDULED, State.FAILED, State.CANCELLED)),
        lambda job: job.source == "schedule/x" and job.state is not State.COMPLETED,
    ),
    "source of live ones": (
        JobFilter(source="schedule/x", states=tuple(LIVE)),
        lambda job: job.source == "schedule/x" and not job.state.finished,
    ),
    "time": (
        JobFilter(created_from=START + 4_000, created_before=START + 7_000),
        lambda job: START + 4_000 <= job.created_at < START + 7_000,
    ),
    "two queues": (
        JobFilter(queues=("queue-1", "queue-2", "queue-1")),
        lambda job: job.queue in {"queue-1", "queue-2"},
    ),
    "a rare queue and another": (
        JobFilter(queues=("rare", "queue-1"), states=tuple(FINISHED)),
        lambda job: job.queue in {"rare", "queue-1"} and job.state.finished,
    ),
    "a task in a queue": (
        JobFilter(tasks=("task-1",), queues=("queue-1",)),
        lambda job: job.task == "task-1" and job.queue == "queue-1",
    ),
    "two tasks of a tenant in two queues": (
        JobFilter(tasks=("task-1", "task-2"), queues=("queue-1", "queue-3"), tenant="acme"),
        lambda job: job.task == "task-1" and job.queue in {"queue-1", "queue-3"},
    ),
    "of no tenant": (JobFilter(tenant=""), lambda job: not job.tenant),
    "failed ones of a tenant": (
        JobFilter(tenant="beta", states=(State.FAILED,)),
        lambda job: job.tenant == "beta" and job.state is State.FAILED,
    ),
    "completed ones of two queues but for a task": (
        JobFilter(states=(State.COMPLETED,), queues=("queue-1", "queue-2"), without="task-1"),
        lambda job: (
            job.state is State.COMPLETED
            and job.queue in {"queue-1", "queue-2"}
            and job.task != "task-1"
        ),
    ),
}


def find(ground: Ground, which: JobFilter, cursor: str | None, limit: int, effort: Effort) -> Page:
    return ground.read(lambda tx: finding.find(tx.link, which, cursor, limit, effort)).wait()


def pages(ground: Ground, which: JobFilter, limit: int, effort: Effort) -> list[Page]:
    """All pages of a walk."""
    walk = [find(ground, which, None, limit, effort)]
    while (cursor := walk[-1].cursor) is not None:
        walk.append(find(ground, which, cursor, limit, effort))
        assert walk[-1].cursor is None or int(walk[-1].cursor) < int(cursor)
    return walk


def found(walk: list[Page]) -> list[str]:
    return [job.id for page in walk for job in page.jobs]


@pytest.mark.parametrize("case", CASES)
def test_a_walk_finds_every_job_that_is_meant_once(
    ground: Ground, jobs: list[Snapshot], case: str
) -> None:
    which, means = CASES[case]
    wanted = [job.id for job in jobs if means(job)]
    assert wanted or case == "no text"
    for limit, effort in WALKS:
        walk = pages(ground, which, limit, effort)
        assert found(walk) == wanted, (limit, effort)
        assert all(len(page.jobs) <= limit for page in walk)


@pytest.mark.parametrize("case", CASES)
def test_the_pages_are_those_of_one_statement_where_there_are_few_jobs(
    engine: Engine, jobs: list[Snapshot], case: str
) -> None:
    which, means = CASES[case]
    page = engine.reader.find(which, limit=JOBS).wait()
    assert page.cursor is None
    assert ids(page.jobs) == [job.id for job in jobs if means(job)]


@pytest.mark.usefixtures("jobs")
def test_a_page_is_short_or_empty_and_goes_on_where_it_stopped_looking(ground: Ground) -> None:
    walk = pages(ground, JobFilter(text="customer-031"), 10, NO_PATIENCE)
    assert len(walk) > 10
    assert [len(page.jobs) for page in walk].count(1) == 1
    assert sum(len(page.jobs) for page in walk) == 1


def test_a_full_page_ends_behind_its_last_job(ground: Ground, jobs: list[Snapshot]) -> None:
    """Nothing between it and the end of the stretch is passed over."""
    wide = Effort(rows=JOBS, patience=0)
    wanted = [job.id for job in jobs if b"customer" in job.args]
    assert found(pages(ground, JobFilter(text="customer"), 4, wide)) == wanted
    assert len(find(ground, JobFilter(text="customer"), None, 4, wide).jobs) == 4


@pytest.mark.usefixtures("jobs")
def test_patience_makes_stretches_longer_and_pages_fuller(ground: Ground) -> None:
    (page,) = pages(ground, JobFilter(text="absent"), 10, Effort(rows=1, patience=60))
    assert page == Page((), None)


@pytest.mark.usefixtures("jobs")
def test_a_page_of_nothing_has_no_next_one(ground: Ground) -> None:
    assert find(ground, JobFilter(text="customer"), None, 0, NO_PATIENCE) == Page((), None)


def test_a_gap_in_history_costs_no_stretches(engine: Engine, ground: Ground) -> None:
    first, gone, last = ([a_job(source="x") for _ in range(n)] for n in (10, 1_000, 10))
    for lot in (first, gone, last):
        insert(engine, *lot)
    change(engine, Cancel(), *ids([*first, *gone, *last]))
    for start in range(0, len(gone), 500):
        change(engine, Delete(), *ids(gone[start : start + 500]))
    walk = pages(ground, JobFilter(source="x"), 100, Effort(rows=5, patience=0))
    assert found(walk) == ids([*first, *last])[::-1]
    assert len(walk) == 5  # four stretches, and the look that there is no fifth


def test_jobs_that_end_between_two_pages_are_found_once(
    engine: Engine, ground: Ground, clock: ManualClock
) -> None:
    jobs = [a_job(source="x") for _ in range(20)]
    insert(engine, *jobs)
    which = JobFilter(source="x")
    seen = []
    cursor = None
    worker = start_worker(engine)
    while True:
        page = find(ground, which, cursor, 100, Effort(rows=3, patience=0))
        seen += ids(page.jobs)
        for claimed in claim(engine, worker, 2):
            settle(engine, clock, claimed)
        if (cursor := page.cursor) is None:
            break
    assert seen == ids(jobs)[::-1]


def a_slice(
    ground: Ground, which: JobFilter, wish: Change, cursor: str | None, limit: int, effort: Effort
) -> Changed:
    meant = Which(filter=which)
    return ground.write(lambda tx: changing.change(tx, meant, wish, cursor, limit, effort)).wait()


def slices(
    ground: Ground, which: JobFilter, wish: Change, limit: int, effort: Effort
) -> list[Changed]:
    """All slices of a change."""
    done = [a_slice(ground, which, wish, None, limit, effort)]
    while (cursor := done[-1].cursor) is not None:
        done.append(a_slice(ground, which, wish, cursor, limit, effort))
    return done


@pytest.mark.parametrize("wish", [Delete(), Retry(), Cancel("unwanted")], ids=str)
@pytest.mark.parametrize(("case", "limit"), [("text", 3), ("source", JOBS), ("time", 1)])
def test_a_change_by_filter_reaches_every_job_once(
    engine: Engine,
    ground: Ground,
    jobs: list[Snapshot],
    wish: Change,
    case: str,
    limit: int,
) -> None:
    which, means = CASES[case]
    allowed = FROM[type(wish)]
    wanted = [job.id for job in jobs if means(job) and job.state in allowed]
    done = slices(ground, which, wish, limit, NO_PATIENCE)
    assert wanted
    assert [each for part in done for each in part.ids] == wanted
    assert all(len(part.ids) <= limit for part in done)
    left = engine.reader.find(which, limit=JOBS).wait().jobs
    changed = [job.id for job in left if job.id in wanted]
    assert changed == ([] if isinstance(wish, Delete) else wanted)
    kept = [job.id for job in left if job.id not in wanted]
    assert kept == [job.id for job in jobs if means(job) and job.id not in wanted]


@pytest.mark.usefixtures("jobs")
def test_a_slice_without_a_job_is_not_the_last_one(ground: Ground) -> None:
    done = slices(ground, JobFilter(text="customer-002"), Retry(), JOBS, NO_PATIENCE)
    assert len(done) > 2
    assert [len(part.ids) for part in done] == [0] * (len(done) - 1) + [1]
