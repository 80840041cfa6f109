"""The modules at work on real parts: a browser, a third party with moods, a database, a chat."""

import pytest
from standardwebhooks import Webhook

from examples.automation.shop import API_KEY
from tests.examples.automation.conftest import Site
from tests.examples.workforce import SEED, until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(180),
    pytest.mark.filterwarnings("ignore:'imghdr' is deprecated"),  # apprise loads all that it knows
]


@pytest.mark.parametrize("store_url", ["sqlite", "postgres"], indirect=True)
def test_prices_are_read_in_a_browser_compared_written_down_and_told(site: Site) -> None:
    ada = site.admin
    ada.ok("PUT", "/jobs/automation.scraper.scrape", {"config": {"url": f"{site.shop_url}/"}})
    first = ada.done(ada.execute("automation.scraper.scrape"))
    assert (first["pages"], first["goods"], first["changed"]) == (4, 20, [])
    changed = site.shop.turn(goods=3)
    id_ = ada.execute("automation.scraper.scrape")
    second = ada.done(id_)
    assert [each["sku"] for each in second["changed"]] == sorted(changed)
    shown = {each["sku"]: each["cents"] for each in site.shop.goods}
    known = {row[0]: row[1] for row in site.rows("select sku, cents from automation_price")}
    assert known == shown
    written = f"select sku, event, cents from automation_ledger where execution = '{id_}'"  # noqa: S608 - an id of ours
    until(lambda: len(site.rows(written)) == 3, seconds=40, what="each change is written down")
    drops = {each["sku"] for each in second["changed"] if each["cents"] < each["before"]}
    assert {row[0] for row in site.rows(written) if row[1] == "price.dropped"} == drops
    until(lambda: len(site.told) == len(drops), seconds=40, what="buyers are told of drops")
    assert {each.body["title"].split()[0] for each in site.told} == drops
    events = ada.ok("GET", "/events?name=page.scraped")["events"]
    assert events[0]["source"] == f"job:{id_}"
    lines = ada.execution(id_)["logs"]
    read = [line["fields"]["goods"] for line in lines if line["message"] == "page read"]
    assert read[-4:] == [5, 10, 15, 20]
    # Attempts that were cut off have said something, too, and of each it is said.
    assert SEED is not None or len(lines) == 4


@pytest.mark.parametrize("store_url", ["sqlite", "postgres"], indirect=True)
def test_stock_is_taken_over_whatever_moods_the_supplier_has(site: Site) -> None:
    ada = site.admin
    site.shop.throttles, site.shop.breaks = 3, 4
    config = {"url": f"{site.shop_url}/api/stock", "key": API_KEY}
    ada.ok("PUT", "/jobs/automation.sync.stock", {"config": config})
    result = ada.done(ada.execute("automation.sync.stock"))
    assert result == {"goods": 20, "pages": 4}
    assert site.shop.asked > 4
    stock = {row[0]: row[1] for row in site.rows("select sku, quantity from automation_stock")}
    assert stock == {each["sku"]: each["left"] for each in site.shop.goods}
    synced = ada.ok("GET", "/events?name=stock.synced")["events"]
    assert synced[0]["payload"] == result
    scarce = [each for each in site.shop.goods if int(str(each["left"])) < 5]
    assert ada.done(ada.execute("automation.notifier.digest")) == len(scarce)
    (told,) = site.told
    assert told.body["title"] == f"{len(scarce)} goods run out"


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_a_key_that_opens_nothing_fails_and_says_so(site: Site) -> None:
    ada = site.admin
    ada.define(
        id="wrong-key",
        moduleId="automation.sync",
        handler="stock",
        retries=3,
        config={"url": f"{site.shop_url}/api/stock", "key": "wrong"},
    )
    lost = ada.ended(ada.execute("wrong-key"))
    assert (lost["status"], lost["attempt"], lost["maxAttempts"]) == ("FAILED", 1, 4)
    assert "401" in lost["error"]["message"]


@pytest.mark.parametrize("store_url", ["sqlite", "postgres"], indirect=True)
def test_results_are_posted_signed_to_whoever_has_asked_for_them(site: Site) -> None:
    ada = site.admin
    ada.define(id="posted", config={"word": "tide"})
    ada.define(id="unposted")
    ada.define(id="failing", handler="fail", retries=0)
    hook = f"{site.shop_url}/hooks"
    made = ada.ok("POST", "/jobs/posted/webhooks", {"url": f"{hook}/all"})
    ada.ok("POST", "/jobs/failing/webhooks", {"url": f"{hook}/good", "on": ["completed"]})
    bad = ada.ok("POST", "/jobs/failing/webhooks", {"url": f"{hook}/bad", "on": ["failed"]})
    ids = {job: ada.execute(job) for job in ("posted", "unposted", "failing")}
    for each in ids.values():
        ada.ended(each)

    def posted() -> list[str]:
        return sorted(each.path for each in site.told)

    until(lambda: len(posted()) >= 2, seconds=40, what="results are posted")
    assert posted() == ["/hooks/all", "/hooks/bad"]
    for path, secret, status, job in (
        ("/hooks/all", made["secret"], "COMPLETED", "posted"),
        ("/hooks/bad", bad["secret"], "FAILED", "failing"),
    ):
        (message,) = [each for each in site.told if each.path == path]
        signed = Webhook(secret).verify(message.raw, message.headers)
        assert signed["type"] == f"execution.{status.lower()}.{job}"
        assert signed["data"]["status"] == status
        assert signed["data"]["id"] == ids[job]
    listed = ada.ok("GET", "/jobs/posted/webhooks")["webhooks"]
    assert [(each["id"], "secret" in each, each["on"]) for each in listed] == [
        (made["id"], False, ["*"])
    ]
    path = f"/jobs/posted/webhooks/{made['id']}"
    until(
        lambda: ada.ok("GET", f"{path}/deliveries")["deliveries"][0]["state"] == "completed",
        seconds=20,
        what="the delivery is done",
    )
    assert ada("GET", f"/jobs/unposted/webhooks/{made['id']}/deliveries").status_code == 404
    ada.ok("DELETE", path)
    assert ada.ok("GET", "/jobs/posted/webhooks")["webhooks"] == []
    inner = ada("POST", "/jobs/posted/webhooks", {"url": "http://127.0.0.2:1/x"})
    assert inner.json()["code"] == "misuse.address"
