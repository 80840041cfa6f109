"""`/metrics`, `/livez`, `/readyz`, `/health`."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI

from tests.api.conftest import Caller, People
from tidemill import Tidemill, current
from tidemill.api.app import create_api
from tidemill.testing.clock import ManualClock

LINE = re.compile(r'[a-z_]+(\{([a-z_]+="[^"]*",?)*\})? \S+')


async def scraped(caller: Caller, accepted: str = "text/plain") -> dict[str, float]:
    answer = await caller.http.get("/metrics", headers={"Accept": accepted})
    assert answer.status_code == 200, answer.text
    lines = [line for line in answer.text.splitlines() if line and not line.startswith("#")]
    assert [line for line in lines if not LINE.fullmatch(line)] == []
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines}


async def test_they_tell_how_jobs_fare(app: Tidemill, admin: Caller, clock: ManualClock) -> None:
    for number in range(3):
        app.enqueue("add", {"a": number})
    app.enqueue("broken", {"secret": "xyzzy"})
    await app.worker().run_until_idle()
    app.enqueue("add", {"a": 1}, delay="1h")
    app.enqueue("add", {"a": 1})
    clock.advance("30s")
    told = await scraped(admin)
    assert told['tidemill_jobs{queue="sums",state="waiting"}'] == 1
    assert told['tidemill_jobs{queue="sums",state="scheduled"}'] == 1
    assert told['tidemill_queue_oldest_seconds{queue="sums"}'] == 30
    assert told['tidemill_attempts_total{ending="completed",queue="sums",task="add"}'] == 3
    assert told['tidemill_failures_total{queue="default",reason="failed"}'] == 1
    assert told['tidemill_run_seconds_count{queue="sums"}'] == 3
    assert told['tidemill_run_seconds_bucket{le="+Inf",queue="sums"}'] == 3
    assert told["tidemill_workers"] == 0
    assert "xyzzy" not in str(told)


async def test_openmetrics_ends_as_it_has_to(admin: Caller) -> None:
    answer = await admin.http.get("/metrics", headers={"Accept": "application/openmetrics-text"})
    assert answer.headers["content-type"].startswith("application/openmetrics-text")
    assert answer.text.endswith("# EOF\n")


@pytest.mark.parametrize("store_url", ["memory"], indirect=True)
async def test_only_who_may_sees_them(people: People) -> None:
    assert (await people.nobody().http.get("/metrics")).status_code == 401
    assert (await people("admin", "acme").http.get("/metrics")).status_code == 403
    assert (await people("viewer").http.get("/metrics")).status_code == 200


@pytest.fixture
def aliased(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FastAPI]:
    monkeypatch.setenv("TIDEMILL_METRICS_ALIASES", "true")
    with Tidemill(f"sqlite:///{tmp_path}/jobs.db", clock=ManualClock()) as app:
        app.task(name="add", queue="sums")(lambda: 1)
        app.enqueue("add")
        yield create_api(app)


async def test_the_names_of_an_older_dashboard_are_told_where_they_are_wanted(
    aliased: FastAPI,
) -> None:
    told = await scraped(People(aliased.state.tidemill, aliased)())
    assert told['queue_jobs_total{queue="sums",status="waiting"}'] == 1


async def test_retries_and_how_long_jobs_took_are_told_by_older_names_as_well(
    aliased: FastAPI,
) -> None:
    app: Tidemill = aliased.state.tidemill

    @app.task(name="flaky", queue="sums")
    def flaky() -> None:
        if current().attempt < 3:
            raise ValueError

    app.enqueue("flaky")
    clock = app.store.clock
    assert isinstance(clock, ManualClock)
    for _ in range(3):
        await app.worker().run_until_idle()
        clock.advance("1m")
    admin = People(app, aliased)()
    told = await scraped(admin)
    assert told['queue_retries_total{queue="sums"}'] == 2
    assert told['queue_failures_total{queue="sums",reason="failed"}'] == 2
    assert told['queue_processing_duration_ms_count{queue="sums"}'] == 4
    assert told['queue_processing_duration_ms_bucket{le="1000.0",queue="sums"}'] == 4
    assert (await scraped(admin)) == told


class TestHealth:
    async def test_all_is_well(self, people: People, app: Tidemill, clock: ManualClock) -> None:
        stranger = people.nobody().http
        assert (await stranger.get("/livez")).json() == {"status": "ok"}
        assert (await stranger.get("/readyz")).json() == {"status": "ok"}
        told = (await stranger.get("/health")).json()
        assert (told["status"], told["store"], told["workers"]) == ("ok", "ok", 0)
        app.enqueue("add", {"a": 1})
        clock.advance("90s")
        told = (await stranger.get("/health")).json()
        assert (told["status"], told["oldest_wait"]) == ("degraded", 90)

    async def test_a_store_that_is_away_is_told(self, tmp_path: Path) -> None:
        app = Tidemill(f"sqlite:///{tmp_path}/none/at/all/jobs.db")
        stranger = Caller(create_api(app)).http
        assert (await stranger.get("/livez")).status_code == 200
        for path in ("/readyz", "/health"):
            answer = await stranger.get(path)
            assert answer.status_code == 503
            assert str(tmp_path) not in answer.text
