"""What a handler says and asks of its own application: events and lines of logs."""

import logging
import subprocess
import sys
from functools import partial

import msgspec
import pytest

from tidemill import Event, Secret, Tidemill, current
from tidemill.core.errors import OutsideJob
from tidemill.core.record import job_log
from tidemill.services.job_events import JobEvents
from tidemill.services.job_logger import JobLogger
from tidemill.services.shelf import Shelf
from tidemill.worker.worker import Worker


def lines(app: Tidemill, job: str) -> list[tuple[str, dict[str, object]]]:
    """What a job's log holds."""
    entries = app.open().records.read(job_log(job)).wait()
    return [(entry.topic, msgspec.json.decode(entry.data)) for entry in entries]


class TestEvents:
    async def test_an_event_is_said_in_the_tenant_of_the_job(self, app: Tidemill) -> None:
        heard: list[list[Event]] = []

        @app.task
        async def say() -> None:
            events = current().services["events"]
            await events.emit("invoice.paid", {"id": 7})
            heard.append(await events.recent(pattern="invoice.*"))

        jobs = [say.using(tenant=tenant).enqueue() for tenant in ("acme", "other", "")]
        await app.worker(async_concurrency=1).run_until_idle()
        told = {
            (event.tenant, event.source, event.payload["id"])
            for event in app.events.recent(pattern="invoice.*")
        }
        tenants = ("acme", "other", "")
        assert told == {
            (tenant, f"job:{job.id}", 7) for tenant, job in zip(tenants, jobs, strict=True)
        }
        assert sorted([event.tenant for event in found] for found in heard) == [
            [""], ["acme"], ["other"],
        ]  # fmt: skip

    async def test_the_newest_are_found_however_far_back(self, app: Tidemill) -> None:
        found: list[int] = []

        @app.task
        async def ask() -> None:
            events = await current().services["events"].recent(3, pattern="mine.*")
            found.extend(event.payload for event in events)

        for number in range(4):
            app.events.emit("mine.one", number, tenant="acme")
        for _ in range(60):
            app.events.emit("others.one", tenant="acme")
        ask.using(tenant="acme").enqueue()
        await app.worker().run_until_idle()
        assert found == [3, 2, 1]

    async def test_outside_of_a_job_it_is_nobodys(self, app: Tidemill) -> None:
        with pytest.raises(OutsideJob):
            await JobEvents(app.events).emit("invoice.paid")


class TestLogger:
    async def test_a_line_is_in_the_log_of_the_job_once_and_in_pythons_with_its_fields(
        self, app: Tidemill, caplog: pytest.LogCaptureFixture
    ) -> None:
        @app.task
        async def pack() -> None:
            logger = current().services["logger"].bind(order=7)
            with caplog.at_level(logging.INFO, "tidemill.job"):
                logger.info("packed", parcels=2, message="a field", level="b")
                logger.debug("weighed")
            try:
                raise ValueError("torn")
            except ValueError:
                logger.exception("not sent")

        job = pack.using(tenant="acme").enqueue()
        await app.worker().run_until_idle()
        packed, weighed, failed = lines(app, job.id)
        assert packed == ("info", {"order": 7, "parcels": 2, "level": "b", "message": "packed"})
        assert weighed == ("debug", {"order": 7, "message": "weighed"})
        assert failed[0] == "error"
        assert "ValueError: torn" in str(failed[1]["traceback"])
        records = [record for record in caplog.records if record.name == "tidemill.job"]
        assert [record.message for record in records] == ["packed", "not sent"]
        seen = vars(records[0])
        assert (seen["job"], seen["tenant"], seen["attempt"]) == (job.id, "acme", 1)
        assert seen["fields"]["parcels"] == 2

    async def test_no_line_of_a_terminal_is_forged(
        self, app: Tidemill, caplog: pytest.LogCaptureFixture
    ) -> None:
        JobLogger().error("a\nERROR root:b\x1b[31m\u2028" + "x" * 100_000)
        (record,) = caplog.records
        assert record.message.startswith(r"a\nERROR root:b\x1b[31m\u2028x")
        assert len(record.message) == 8 << 10
        del app

    async def test_a_secret_is_masked_in_both(
        self, monkeypatch: pytest.MonkeyPatch, app: Tidemill, caplog: pytest.LogCaptureFixture
    ) -> None:
        monkeypatch.setenv("TIDEMILL_SECRETS_KEYS", f"k1:{'A' * 43}=")
        with Tidemill(app.url) as own:

            @own.task
            async def pay(card: Secret) -> None:
                logger = current().services["logger"]
                said = f"card {card.reveal()}"
                logger.warning(said, card=card.reveal(), of=[card.reveal()])

            job = pay.enqueue(Secret("4111-1111-1111"))
            await own.worker().run_until_idle()
            assert own.jobs.get(job).state == "completed"
            assert "4111" not in str(lines(own, job.id))
        (record,) = (each for each in caplog.records if each.name == "tidemill.job")
        assert "4111" not in str(vars(record))


class TestShelf:
    async def test_services_are_closed_newest_first_whatever_one_of_them_does(self) -> None:
        closed: list[str] = []

        class Service:
            def __init__(self, name: str) -> None:
                self.name = name

            async def aclose(self) -> None:
                closed.append(self.name)
                if self.name == "b":
                    raise ValueError("stuck")

        shelf = Shelf({name: partial(Service, name) for name in "abcd"}, {})
        assert [shelf[name].name for name in "abd"] == ["a", "b", "d"]
        await shelf.aclose()
        assert closed == ["d", "b", "a"]
        assert shelf["a"].name == "a"  # made anew

    async def test_they_are_closed_when_no_job_of_their_worker_runs_any_more(
        self, app: Tidemill
    ) -> None:
        told: list[str] = []

        class Service:
            async def aclose(self) -> None:
                told.append("closed")

        @app.task
        async def use() -> None:
            current().services["a"]
            told.append("used")

        for _ in range(3):
            use.enqueue()
        shelf = Shelf({"a": Service}, {})
        worker = Worker(await app.aopen(), app.registry, app.store.clock, services=shelf)
        await worker.run_until_idle()
        assert told == ["used", "used", "used", "closed"]

    async def test_what_an_application_gives_goes_before_and_stays_its_own(
        self, app: Tidemill
    ) -> None:
        closed: list[str] = []

        class Own:
            async def aclose(self) -> None:
                closed.append("own")

        own, seen = Own(), []

        @app.task
        async def look() -> None:
            services = current().services
            seen.extend([services["http"], services["shelf"], sorted(services), len(services)])

        look.enqueue()
        await app.worker(services={"http": own, "shelf": [1]}).run_until_idle()
        assert seen[:2] == [own, [1]]
        assert seen[3] == len(seen[2])
        assert closed == []


def test_a_worker_whose_handlers_ask_for_no_service_loads_none() -> None:
    program = (
        "import asyncio, sys\n"
        "from tidemill import Tidemill\n"
        "app = Tidemill('memory://')\n"
        "@app.task\n"
        "def quick() -> None: ...\n"
        "quick.enqueue()\n"
        "asyncio.run(app.worker().run_until_idle())\n"
        "print(*sys.modules)\n"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    loaded = set(answer.stdout.split())
    assert "tidemill.worker.worker" in loaded
    heavy = {"httpx", "httpcore", "sqlalchemy", "aiosmtplib", "apprise", "playwright", "ssl"}
    assert not loaded & (heavy - {"ssl"})
    made = ("http_calls", "database", "notifications", "browser", "job_files")
    assert not loaded & {f"tidemill.services.{each}" for each in made}
