"""Files in running jobs: by the service of that name, from async code and from code that blocks."""

from collections.abc import Iterator

import pytest

from tidemill import File, Module, Retry, Tidemill, current, errors
from tidemill.testing import in_memory
from tidemill.testing.harness import Harness

pytestmark = pytest.mark.usefixtures("folder")

reports = Module("reports", needs=["files", "events"])


@reports.task
async def awaited(text: str) -> File:
    async with current().services["files"].create("report.txt") as out:
        await out.write(text.encode())
    kept: File = out.file
    return kept


@reports.task
def blocking(text: str) -> tuple[File, str]:
    job = current()
    files = job.services["files"]
    with files.create("report.txt") as out:
        out.write(text.encode())
    job.wait(job.services["events"].emit("report.built", {"id": out.file.id}))
    return out.file, job.wait(files.link(out.file))


@reports.task
def read_again(file: str) -> str:
    with current().services["files"].open(file) as kept:
        text: str = kept.read().decode()
        return text


@pytest.fixture
def mill() -> Iterator[Harness]:
    app = Tidemill("memory://")
    app.include(reports)
    with in_memory(app) as mill:
        yield mill


def test_a_job_makes_a_file_that_the_application_reads(mill: Harness) -> None:
    job = mill.app.enqueue(awaited.bind("good"))
    mill.drain()
    file = job.result(timeout=0)
    with mill.app.files.open(file) as kept:
        assert kept.read() == b"good"


def test_code_that_blocks_makes_one_links_it_and_uses_what_is_awaited(mill: Harness) -> None:
    job = mill.app.enqueue(blocking.bind("plain"))
    mill.drain()
    file, url = job.result(timeout=0)
    with mill.app.files.linked(url.removeprefix("/files/")) as kept:
        assert kept.read() == b"plain"
    (event,) = mill.events("report.*")
    assert event.payload == {"id": file.id}
    assert event.source == f"job:{job.id}"


def test_a_job_makes_and_sees_files_of_its_own_tenant_alone(mill: Harness) -> None:
    app = mill.app
    job = app.enqueue(awaited.using(tenant="acme").bind("theirs"))
    mill.drain()
    file = job.result(timeout=0)
    assert app.files.find() == []
    assert app.files.of("acme").find() == [file]
    mine = app.enqueue(read_again.using(attempts=1).bind(file.id))
    theirs = app.enqueue(read_again.using(tenant="acme").bind(file.id))
    mill.drain()
    assert theirs.result(timeout=0) == "theirs"
    seen = mine.snapshot()
    assert seen.error is not None
    assert seen.error.kind == "tidemill.errors.NotFound"


def test_a_module_has_to_say_that_it_needs_files() -> None:
    careless = Module("careless")

    @careless.task(retry=Retry.never())
    async def asks() -> None:
        _ = current().services["files"]

    app = Tidemill("memory://")
    app.include(careless)
    with in_memory(app) as mill:
        job = app.enqueue(asks.bind())
        mill.drain()
        seen = job.snapshot()
        assert seen.error is not None
        assert seen.error.kind == "tidemill.errors.NotPermitted"


async def test_outside_of_a_job_the_service_is_not_to_be_had() -> None:
    app = Tidemill("memory://")
    files = app.works.of_a_worker(app.open(), {})["services"]["files"]
    with pytest.raises(errors.OutsideJob):
        await files.find()
