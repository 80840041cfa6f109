"""An application is as its settings say where its program says nothing."""

import asyncio
import os
from pathlib import Path

import pytest

from tests.settings.writing import put
from tidemill import Tidemill
from tidemill.core.errors import InvalidOption, JobNotFound
from tidemill.settings import PROGRAM


class TestAnApplication:
    @pytest.fixture(autouse=True)
    def set_in_a_file(self, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        for variable in [name for name in os.environ if name.startswith("TIDEMILL_")]:
            monkeypatch.delenv(variable)
        monkeypatch.chdir(project)
        put(
            project,
            'url = "memory://"\ntenant = "acme"\npayload_limit = 10\n'
            '[worker]\nconcurrency = 3\nlease = "60s"\nprocesses = 4\nnice = 3\n',
        )

    def test_is_as_the_settings_say_where_its_program_says_nothing(self) -> None:
        app = Tidemill()
        assert app.url == "memory://"
        assert app.settings.get("tenant", "") == "acme"

        @app.task(name="long")
        def long(text: str) -> None: ...

        with app, pytest.raises(Exception, match="10"):
            long.enqueue("more than ten bytes")

    def test_is_as_its_program_says_else(self) -> None:
        app = Tidemill("sqlite:///other.db", tenant="", payload_limit=1_000)
        assert app.url == "sqlite:///other.db"
        assert app.jobs.filter({}).tenant is None
        assert Tidemill().jobs.filter({}).tenant == "acme"

    def test_is_given_settings_that_go_before_the_file(self) -> None:
        given = {"tenant": "umbra", "worker.concurrency": 8, "services.allow": ["127.0.0.1:80"]}
        app = Tidemill(settings=given)
        assert app.settings.get("tenant", "") == "umbra"
        assert app.settings.origin("tenant") == PROGRAM
        assert app.settings.worker() == {"concurrency": 8, "lease": "60s"}
        assert app.settings.table("services") == {"allow": ("127.0.0.1:80",)}
        assert Tidemill().settings.get("tenant", "") == "acme"

    def test_refuses_settings_that_are_none_or_make_no_sense(self) -> None:
        with pytest.raises(InvalidOption, match=r"the program sets worker\.conc, which"):
            Tidemill(settings={"worker.conc": 8})
        with pytest.raises(InvalidOption, match=r"the program sets worker\.concurrency to 0"):
            Tidemill(settings={"worker.concurrency": 0})

    def test_gives_its_workers_what_is_set_and_no_more(self) -> None:
        with Tidemill() as app:
            plain = app.worker()._options
            other = app.worker(concurrency=9, lease=None)._options
        assert (plain.concurrency, plain.lease, plain.grace) == (3, 60_000, 15_000)
        assert (other.concurrency, other.lease, other.grace) == (9, 60_000, 15_000)

    def test_keeps_what_has_finished_as_long_as_is_set(
        self, project: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("TIDEMILL_KEEP_COMPLETED", "0s")

        async def nothing() -> None: ...

        with Tidemill(f"sqlite:///{project}/jobs.db") as app:
            job = app.task(name="nothing")(nothing).enqueue()
            asyncio.run(app.worker().run_until_idle())
            asyncio.run(_prune(app))
            assert list(app.jobs.find()) == []
            with pytest.raises(JobNotFound):
                job.snapshot()


async def _prune(app: Tidemill) -> None:
    """Let every duty of the application have its turn once."""
    for turn in app.works.roster(app.open())._turns:
        await turn.run_once()
