"""A handler that completes its job in a transaction of its own: both count, or neither does."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
import psycopg
import pytest

from tests.worker.conftest import snapshots
from tests.worker.process_tasks import completes_itself
from tidemill import Retry, Snooze, State, Tidemill, current
from tidemill.client.bound import Bound
from tidemill.core.errors import AttemptOver, LeaseLost, Unserialisable, WrongTransaction
from tidemill.core.job import Snapshot
from tidemill.core.outcome import Interrupted
from tidemill.core.record import job_log
from tidemill.core.signal import Signal
from tidemill.core.verdict import judge
from tidemill.worker.context import JobContext
from tidemill.worker.run import running

Work = Callable[[Bound[Any]], Any]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file that holds the jobs, and beside them what they bring about."""
    path = tmp_path / "jobs.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE effect (job TEXT)")
    return path


@pytest.fixture
async def app(path: Path) -> AsyncIterator[Tidemill]:
    async with Tidemill(f"sqlite:///{path}") as app:
        yield app


@pytest.fixture
def work(app: Tidemill) -> Work:
    """Run one call and all that comes of it at once, and tell how its job stands then."""

    async def work(call: Bound[Any]) -> Snapshot:
        job = await app.aenqueue(call)
        assert (await app.worker().run_until_idle()).clean
        (found,) = await snapshots(app.open(), [job.id])
        return found

    return work


def bring_about(path: Path, result: object = 7, *, commits: bool = True) -> None:
    """Write one effect, and complete the job with it."""
    job = current()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("INSERT INTO effect VALUES (?)", (job.id,))
        job.complete(result, tx=connection)
        if commits:
            connection.commit()


def effects(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        ((count,),) = connection.execute("SELECT count(*) FROM effect").fetchall()
        return int(count)


async def test_what_it_was_completed_with_is_its_result(
    app: Tidemill, work: Work, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    @app.task
    def pays() -> str:
        bring_about(path, {"sum": 7})
        return "something else"

    job = await work(pays.bind())
    assert (job.state, job.result, job.attempt) == (State.COMPLETED, b'{"sum":7}', 1)
    assert [each.ending for each in job.attempts] == ["completed"]
    assert effects(path) == 1
    assert caplog.messages == []


async def test_what_was_rolled_back_is_settled_as_ever(
    app: Tidemill, work: Work, path: Path
) -> None:
    @app.task
    def pays() -> str:
        bring_about(path, commits=False)
        return "something else"

    job = await work(pays.bind())
    assert (job.state, job.result) == (State.COMPLETED, b'"something else"')
    assert effects(path) == 0


async def test_one_that_fails_and_is_rolled_back_is_tried_again(
    app: Tidemill, work: Work, path: Path
) -> None:
    @app.task(retry=Retry.fixed(attempts=3, base=0))
    def pays() -> None:
        last = current().attempt == 3
        bring_about(path, commits=last)
        if not last:
            raise ValueError

    job = await work(pays.bind())
    assert (job.state, job.attempt, effects(path)) == (State.COMPLETED, 3, 1)


@pytest.mark.parametrize("after", [ValueError("too late"), Snooze("1h"), SystemExit(3)], ids=repr)
async def test_what_comes_after_the_commit_changes_nothing_and_is_told(
    app: Tidemill,
    work: Work,
    path: Path,
    caplog: pytest.LogCaptureFixture,
    after: BaseException,
) -> None:
    @app.task
    def pays() -> None:
        bring_about(path)
        raise after

    job = await work(pays.bind())
    assert (job.state, job.result, job.error) == (State.COMPLETED, b"7", None)
    assert effects(path) == 1
    (message,) = caplog.messages
    assert f"job {job.id} (" in message
    assert "stays completed, as its handler has committed; afterwards it was" in message


async def test_a_job_is_completed_once(app: Tidemill, work: Work, path: Path) -> None:
    refused: list[str] = []

    @app.task
    def pays() -> None:
        bring_about(path)
        with pytest.raises(AttemptOver) as error:
            bring_about(path, 8)
        refused.append(error.value.code)

    job = await work(pays.bind())
    assert (job.state, job.result, effects(path)) == (State.COMPLETED, b"7", 1)
    assert refused == ["state.attempt_over"]


async def test_who_has_lost_the_job_is_told_and_rolls_back(
    app: Tidemill, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The store gives the job to others while the first attempt runs."""
    raised: list[BaseException] = []

    @app.task
    def pays() -> None:
        claim = running.get().claim
        if claim.fence == fences[0]:
            # As a rescuer would, who takes this worker for dead; then the job is claimed anew.
            engine = app.open()
            engine.jobs.settle([judge(claim, Interrupted(), claim.started_at, dice=0)]).wait()
            until_taken.wait(20)
        try:
            bring_about(path)
        except LeaseLost as error:
            raised.append(error)
            raise

    until_taken = threading.Event()
    fences: list[int] = []

    class First:
        async def __call__(self, job: JobContext, call_next: Any) -> Any:
            if fences:
                until_taken.set()
            fences.append(job.fence)
            return await call_next()

    job = await app.aenqueue(pays.bind())
    await app.worker(middleware=[First()]).run_until_idle()
    (found,) = await snapshots(app.open(), [job.id])
    assert (found.state, found.fence, effects(path)) == (State.COMPLETED, fences[1], 1)
    assert [type(error) for error in raised] == [LeaseLost]
    assert "stale completion" in caplog.text


async def test_a_result_without_a_json_form_leaves_the_transaction_as_it_was(
    app: Tidemill, work: Work, path: Path
) -> None:
    @app.task
    def pays() -> None:
        job = current()
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("INSERT INTO effect VALUES ('kept')")
            with pytest.raises(Unserialisable):
                job.complete(object(), tx=connection)
            job.complete("instead", tx=connection)
            connection.commit()

    job = await work(pays.bind())
    assert (job.result, effects(path)) == (b'"instead"', 1)


@pytest.mark.parametrize("commits", [True, False])
async def test_what_it_noted_before_is_kept_either_way(
    app: Tidemill, work: Work, path: Path, *, commits: bool
) -> None:
    @app.task
    def pays() -> None:
        job = current()
        job.progress(100)
        job.log("paid")
        bring_about(path, commits=commits)

    job = await work(pays.bind())
    assert job.progress is not None
    assert job.progress.percent == 100
    lines = await app.open().records.read(job_log(job.id))
    assert [msgspec.json.decode(line.data) for line in lines] == [{"message": "paid"}]


async def test_no_transaction_is_refused(app: Tidemill, work: Work) -> None:
    @app.task
    def pays() -> None:
        current().complete(7, tx=None)

    job = await work(pays.bind())
    assert job.error is not None
    assert "return the result" in job.error.message


async def test_memory_refuses_by_name() -> None:
    async with Tidemill("memory://") as app:

        @app.task(retry=Retry.never())
        def pays() -> None:
            with closing(sqlite3.connect(":memory:")) as connection:
                current().complete(7, tx=connection)

        job = await app.aenqueue(pays.bind())
        await app.worker().run_until_idle()
        (found,) = await snapshots(app.open(), [job.id])
    assert found.error is not None
    assert "the memory engine cannot take part in Connection" in found.error.message


async def test_a_child_process_refuses_by_name(tmp_path: Path) -> None:
    async with Tidemill(f"sqlite:///{tmp_path}/jobs.db") as app:
        app.registry.add(completes_itself.declaration)
        job = await app.aenqueue(completes_itself.name, {"path": str(tmp_path / "other.db")})
        await app.worker().run_until_idle()
        (found,) = await snapshots(app.open(), [job.id])
    assert found.error is not None
    assert found.error.kind == WrongTransaction.__module__ + ".WrongTransaction"
    assert 'declare it with executor="thread"' in found.error.message


@pytest.mark.parametrize("commits", [True, False])
async def test_on_the_event_loop(postgres_url: str, *, commits: bool) -> None:
    url = f"{postgres_url}?schema=completing_{commits}".lower()
    async with Tidemill(url) as app:

        @app.task
        async def pays() -> str:
            connection = await asyncpg.connect(postgres_url)
            transaction = connection.transaction()
            await transaction.start()
            await current().acomplete("paid", tx=connection)
            await (transaction.commit() if commits else transaction.rollback())
            await connection.close()
            return "returned"

        job = await app.aenqueue(pays.bind())
        assert (await app.worker().run_until_idle()).clean
        assert await job.aresult(timeout="1s") == ("paid" if commits else "returned")


async def test_a_wait_for_the_end_hears_of_it_though_the_driver_says_nothing(
    postgres_url: str,
) -> None:
    async with Tidemill(f"{postgres_url}?schema=completing_heard") as app:

        @app.task
        def pays() -> None:
            with psycopg.connect(postgres_url) as connection:
                current().complete("paid", tx=connection)

        heard = asyncio.Event()
        loop = asyncio.get_running_loop()

        def listen(signal: Signal) -> None:
            if signal.kind == "event":
                loop.call_soon_threadsafe(heard.set)

        engine = await app.aopen()
        await app.aenqueue(pays.bind())
        worker = app.worker()
        engine.signals.listen(listen)
        assert (await worker.run_until_idle()).clean
        await asyncio.wait_for(heard.wait(), 10)
