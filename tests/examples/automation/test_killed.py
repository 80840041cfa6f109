"""Workers are killed at random while events flow and executions run: nothing is lost or doubled."""

import asyncio
from pathlib import Path

import pytest

from examples.automation.shop import API_KEY
from tests.examples.automation.conftest import Site
from tests.examples.workforce import Workforce
from tests.journeys.crowd import until

CHANGES = 24
SYNCS = 4


@pytest.mark.slow
@pytest.mark.timeout(240)
@pytest.mark.parametrize("kills", [5])
@pytest.mark.parametrize("store_url", ["sqlite", "postgres"], indirect=True)
def test_workers_that_are_killed_at_random_come_to_the_same(
    idle: Site, workforce: Workforce, tmp_path: Path
) -> None:
    ada, site = idle.admin, idle
    with workforce.at_work(site.system.app, site.worker(tmp_path / "automation")):
        config = {"url": f"{site.shop_url}/api/stock", "key": API_KEY}
        for job in ("killed-sync", "killed-echo"):
            known = job == "killed-sync"
            ada.define(
                id=job,
                retries=20,
                moduleId="automation.sync" if known else "automation.odds",
                handler="stock" if known else "echo",
                config=config if known else {"word": "tide"},
            )
        ids = []
        for number in range(CHANGES):
            change = {"execution": f"k{number}", "sku": "HS-001", "cents": 90, "before": 100}
            ada.ok("POST", "/events", {"name": "price.risen", "payload": change})
            ids.append(ada.execute("killed-echo", config={"number": number}))
            if number % (CHANGES // SYNCS) == 0:
                ids.append(ada.execute("killed-sync"))
        echoed = [ada.done(id_) for id_ in ids]
        written = "select execution from automation_ledger"
        until(lambda: len(site.rows(written)) >= CHANGES, seconds=60, what="all is written down")
        # An execution is told once it has ended, by workers too.
        echoes = {id_ for id_, each in zip(ids, echoed, strict=True) if "config" in each}
        until(lambda: told(site) >= echoes, seconds=60, what="all that has ended is told")
        until(lambda: done(site), seconds=60, what="all is done")
    assert workforce.deaths > 0
    assert told(site) == echoes
    numbers = [each["config"]["number"] for each in echoed if "config" in each]
    assert numbers == list(range(CHANGES))
    assert [each for each in echoed if "goods" in each] == [{"goods": 20, "pages": 4}] * len(
        [each for each in echoed if "goods" in each]
    )
    ledger = [row[0] for row in site.rows(written)]
    assert sorted(ledger) == sorted(f"k{number}" for number in range(CHANGES))
    stock = {row[0]: row[1] for row in site.rows("select sku, quantity from automation_stock")}
    assert stock == {each["sku"]: each["left"] for each in site.shop.goods}


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_what_was_left_between_a_record_and_its_schedule_is_made_up_for(idle: Site) -> None:
    ada = idle.admin
    ada.define(id="left", schedule="0 0 1 1 *")
    ada.define(id="gone", schedule="0 0 1 1 *")
    records = idle.system.app.records("automation.jobs")
    # As whoever was killed there would have left it.
    records.change("left", lambda value: value | {"schedule": "0 0 2 1 *", "enabled": False})
    records.delete("gone")
    asyncio.run(idle.system.prepare())
    left = ada.ok("GET", "/jobs/left")
    assert (left["enabled"], left["nextRun"]) == (False, None)
    assert ada.ok("PUT", "/jobs/left/enable")["nextRun"][5:10] == "01-02"
    names = ada.http.get("/console/api/v1/schedules").json()["schedules"]
    assert not [each for each in names if each["name"].endswith("automation.job.gone")]


def done(site: Site) -> bool:
    """Whether nothing is left to be done."""
    return not site.system.app.jobs.counts()


def told(site: Site) -> set[str]:
    """The executions of one job that are said to have completed."""
    said = site.admin.ok("GET", "/events?name=execution.completed.killed-echo&limit=200")["events"]
    return {each["payload"]["id"] for each in said}
