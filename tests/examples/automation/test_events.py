"""The event bus over HTTP: said, heard, listed, counted, checked, cleaned up."""

from pathlib import Path

import pytest

from tests.examples.automation.conftest import Person, Site, wound_at
from tests.examples.workforce import until


@pytest.fixture
def ada(shared: Site) -> Person:
    return shared.admin


def test_an_event_is_said_and_looked_at(ada: Person) -> None:
    said = ada.ok("POST", "/events", {"name": "stock.counted", "payload": {"sku": "A", "left": 7}})
    assert (said["name"], said["payload"]) == ("stock.counted", {"sku": "A", "left": 7})
    assert said["source"].startswith("key:")
    assert said["createdAt"].endswith("Z")
    assert ada.ok("GET", f"/events/{said['id']}") == said
    assert said in ada.ok("GET", "/events/recent")["events"]
    assert ada("GET", "/events/987654321").status_code == 404


def test_events_are_listed_by_name_pattern_and_source_page_by_page(ada: Person) -> None:
    for number in range(5):
        ada.ok("POST", "/events", {
            "name": "listed.even" if number % 2 == 0 else "listed.odd.one",
            "payload": number,
            "source": "here" if number < 3 else "there",
        })  # fmt: skip
    first = ada.ok("GET", "/events?name=listed.**&limit=3")
    rest = ada.ok("GET", f"/events?name=listed.**&limit=3&cursor={first['cursor']}")
    assert [each["payload"] for each in first["events"] + rest["events"]] == [4, 3, 2, 1, 0]
    even = ada.ok("GET", "/events?name=listed.*")["events"]
    assert [each["payload"] for each in even] == [4, 2, 0]
    exact = ada.ok("GET", "/events?name=listed.odd.one&source=there")["events"]
    assert [each["payload"] for each in exact] == [3]


def test_events_are_counted_by_name_source_and_minute(ada: Person) -> None:
    before = ada.ok("GET", "/events/stats/summary?hours=1")
    for source in ("a", "a", "b"):
        ada.ok("POST", "/events", {"name": "counted.once", "source": f"counting-{source}"})
    after = ada.ok("GET", "/events/stats/summary?hours=1")
    assert after["total"] >= before["total"] + 3
    assert {"name": "counted.once", "count": 3} in after["topEvents"]
    assert {"source": "counting-a", "count": 2} in after["topSources"]
    assert sum(each["count"] for each in after["minutes"]) == after["total"]
    assert after["perMinute"] == round(after["total"] / 60, 3)
    assert after["retentionDays"] == 30


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ({"name": "page.scraped", "payload": {"url": "x"}}, "carry PageScraped"),
        ({"name": "price.dropped", "payload": {"sku": 1}}, "carry PriceChanged"),
        ({"name": "stock.synced", "payload": None}, "carry StockSynced"),
        ({"name": "jobs.completed", "payload": {}}, "is the platform's"),
        ({"name": "two  words"}, "is not allowed"),
        ({"name": "big.one", "payload": "x" * 1_100_000}, "more than"),
    ],
)
def test_what_does_not_fit_is_refused_and_has_not_happened(
    ada: Person, event: dict[str, object], said: str
) -> None:
    answer = ada("POST", "/events", event)
    assert answer.status_code in (413, 422)
    assert said in answer.text
    assert not [
        each for each in ada.ok("GET", "/events/recent")["events"] if each["name"] == event["name"]
    ]


def test_schemas_of_modules_are_told(ada: Person) -> None:
    schemas = ada.ok("GET", "/events/schemas")["schemas"]
    assert set(schemas) == {"page.scraped", "price.*", "stock.synced"}
    assert "PriceChanged" in str(schemas["price.*"])


@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated")  # apprise loads all that it knows
def test_handlers_of_a_name_and_of_a_pattern_hear_what_they_should(shared: Site) -> None:
    ada = shared.admin
    change = {"execution": "e1", "sku": "HS-1", "cents": 90, "before": 100}
    for name in ("price.dropped", "price.risen", "prices.odd"):
        ada.ok("POST", "/events", {"name": name, "payload": change | {"sku": name}})

    def told(job: str) -> set[str]:
        found = ada.ok("GET", f"/executions?jobId={job}&status=COMPLETED")["executions"]
        return {each["trigger"] for each in found}

    # `price.*` is heard by the ledger, and `price.dropped` alone by the notifier.
    until(lambda: len(told("automation.ledger.record")) == 2, seconds=30, what="all is heard")
    until(lambda: len(told("automation.notifier.tell")) == 1, seconds=30, what="people are told")
    rows = shared.rows("select event from automation_ledger where execution = 'e1'")
    assert sorted(row[0] for row in rows) == ["price.dropped", "price.risen"]
    told_of = [each.body for each in shared.shop.told if each.path.startswith("/chat")]
    assert [each["title"] for each in told_of] == ["price.dropped has become cheaper"]


def test_another_tenants_events_are_neither_seen_nor_heard(shared: Site) -> None:
    change = {"execution": "e2", "sku": "HS-2", "cents": 90, "before": 100}
    theirs = shared.system.app.events.emit("price.dropped", change, tenant="umbra")
    mine = shared.admin.ok("POST", "/events", {"name": "fence.post"})["id"]
    assert mine > theirs
    assert shared.admin("GET", f"/events/{theirs}").status_code == 404
    seen = shared.admin.ok("GET", "/events?limit=200")["events"]
    assert theirs not in {each["id"] for each in seen}
    found = shared.admin.ok("GET", "/executions?jobId=automation.ledger.record")["executions"]
    assert f"event:{theirs}" not in {each["trigger"] for each in found}


def test_a_viewer_sees_that_something_happened_and_not_what(shared: Site) -> None:
    said = shared.admin.ok("POST", "/events", {"name": "secret.told", "payload": "pa55word"})
    vic = shared.person("viewer", "automation")
    assert vic.ok("GET", f"/events/{said['id']}")["payload"] is None


def test_how_long_they_are_kept_is_told_and_goes_for_cleaning_up(tmp_path: Path) -> None:
    with wound_at(tmp_path, event_days=9) as (site, mill):
        ada = site.admin
        ada.ok("POST", "/events", {"name": "long.ago"})
        mill.clock.advance("10d")
        assert ada.ok("GET", "/events/stats/summary")["retentionDays"] == 9
        assert ada.ok("DELETE", "/events/cleanup")["deleted"] >= 1


def test_events_are_kept_for_thirty_days_and_cleaned_up_sooner_when_asked(tmp_path: Path) -> None:
    with wound_at(tmp_path) as (site, mill):
        ada = site.admin
        old = ada.ok("POST", "/events", {"name": "long.ago"})["id"]
        mill.clock.advance("8d")
        new = ada.ok("POST", "/events", {"name": "just.now"})["id"]
        assert ada("DELETE", "/events/cleanup?days=0").status_code == 422
        assert ada.ok("DELETE", "/events/cleanup")["deleted"] == 0
        assert ada.ok("DELETE", "/events/cleanup?days=7")["deleted"] >= 1
        assert ada("GET", f"/events/{old}").status_code == 404
        assert ada.ok("GET", f"/events/{new}")["name"] == "just.now"
        assert site.system.app.settings.keep().entries == 30 * 86_400_000
        # It empties the store for all who use it, so nobody of a tenant alone may.
        own = site.person("admin", "automation")
        assert own("DELETE", "/events/cleanup").status_code == 403


def test_floods_of_events_are_found(tmp_path: Path) -> None:
    with wound_at(tmp_path) as (site, mill):
        rules = site.admin.http.get("/console/api/v1/alerts/rules").json()["rules"]
        (flood,) = [each for each in rules if each["when"] == "event_flood"]
        assert (flood["above"], flood["window"]) == (600, 60)
        for number in range(601):
            site.system.app.events.emit("noisy.thing", number)
        site.look()
        incidents = site.admin.http.get("/console/api/v1/alerts/incidents").json()["incidents"]
        assert [(each["rule"], each["subject"]) for each in incidents] == [
            (flood["name"], "noisy.thing")
        ]
        del mill


def test_it_is_told_how_events_flow(shared: Site) -> None:
    change = {"execution": "e3", "sku": "HS-3", "cents": 90, "before": 80}
    shared.admin.ok("POST", "/events", {"name": "price.risen", "payload": change})
    flow = {each["event"]: each for each in shared.admin.ok("GET", "/events/flow")["flow"]}
    risen = flow["price.risen"]
    assert (risen["from"], risen["to"]) == (["automation.watch"], ["automation.ledger.record"])
    assert risen["count"] >= 1
