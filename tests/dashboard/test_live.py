"""What is so now is on the page, whoever did it, and nobody's place is lost for it."""

import os
import re
from typing import Final

import pytest
from playwright.sync_api import expect

from tests.dashboard.deeds import ask, confirm, ends, heading, is_live, row
from tests.dashboard.site import Site
from tests.dashboard.visits import Visits, settle

pytestmark = pytest.mark.timeout(240)

SECOND: Final = 1_000
"""Milliseconds from the answer to who does something until others see it."""

_WATCH: Final = """
(id) => {
  const shown = () => document.querySelector(`tr[data-row='${id}'] svg[aria-label=Cancelled]`);
  window.seen = new Promise((tell) => {
    const look = () => {
      if (!shown()) return;
      watcher.disconnect();
      tell(performance.timeOrigin + performance.now());
    };
    const watcher = new MutationObserver(look);
    const what = { subtree: true, childList: true, attributes: true };
    watcher.observe(document.body, what);
    look();
  });
}
"""
_ANSWERED: Final = """
() => {
  const all = performance.getEntriesByType("resource");
  const last = all.filter((each) => each.name.endsWith("/jobs/cancel")).at(-1);
  return performance.timeOrigin + last.responseEnd;
}
"""
_CANCEL: Final = """
async (id) => {
  const { csrf } = await (await fetch("api/v1/session")).json();
  const answer = await fetch("api/v1/jobs/cancel", {
    method: "POST",
    headers: { "X-CSRF-Token": csrf, "Content-Type": "application/json" },
    body: JSON.stringify({ ids: [id] }),
  });
  const at = performance.timeOrigin + performance.now();
  if (!answer.ok) throw new Error(await answer.text());
  return at;
}
"""


def test_what_one_does_others_see_within_a_second_and_keep_their_place(
    shared: Site, visits: Visits
) -> None:
    ids = [ask(shared, "models.train", step=number) for number in range(40)]
    one = visits(shared.url, "ana", "/jobs?queue=reports-gpu")
    two = visits(shared.url, "oto", "/jobs?queue=reports-gpu")
    for page in (one, two):
        settle(page)
        is_live(page)
    kept = row(one, ids[20]).get_by_role("checkbox")
    kept.check()
    kept.scroll_into_view_if_needed()
    one.mouse.wheel(0, 300)
    before = one.evaluate("scrollY")
    one.evaluate(_WATCH, ids[22])
    row(two, ids[22]).get_by_role("checkbox").check()
    two.get_by_role("toolbar").get_by_role("button", name="Cancel").click()
    confirm(two, "not today")
    seen = one.evaluate("window.seen")
    took = [seen - two.evaluate(_ANSWERED)]
    # One thing after another, each as soon as the one before is seen.
    for id_ in ids[23:26]:
        one.evaluate(_WATCH, id_)
        done = two.evaluate(_CANCEL, id_)
        took.append(one.evaluate("window.seen") - done)
    assert max(took) < SECOND, took
    expect(row(one, ids[22]).get_by_role("img", name="Cancelled")).to_be_visible()
    expect(kept).to_be_checked()
    assert one.evaluate("scrollY") == before
    assert one.get_by_text("1 chosen").is_visible()


def test_fourteen_tabs_of_one_browser_are_all_live(harbour: Site, visits: Visits) -> None:
    job = ask(harbour, "models.train", step=14)
    first = visits(harbour.url, "ana", f"/jobs/{job}")
    tabs = [first, *(first.context.new_page() for _ in range(13))]
    for tab in tabs[1:]:
        tab.goto(f"{harbour.url}/jobs/{job}")
    for tab in tabs:
        settle(tab)
        is_live(tab)
    # Nor does any wait for another: a browser lets six connections to one host stand open.
    tabs[-1].get_by_role("button", name="Cancel").click()
    confirm(tabs[-1])
    for tab in tabs:
        expect(heading(tab)).to_have_text("models.train was cancelled")
    for tab in tabs[1:]:
        tab.close()
    # Whoever is left still hears.
    other = visits(harbour.url, "oto", f"/jobs/{job}")
    other.get_by_role("button", name="Retry").click()
    confirm(other)
    expect(heading(first)).to_have_text("models.train is waiting")


def test_a_job_that_runs_shows_how_far_it_is_and_what_it_says(
    harbour: Site, visits: Visits
) -> None:
    orders = harbour.folder / "orders"
    os.mkfifo(orders)
    job = ask(harbour, "reports.pack", orders=str(orders))
    listed = visits(harbour.url, "oto", "/jobs?task=reports.pack")
    page = visits(harbour.url, "oto", f"/jobs/{job}")
    with orders.open("w", encoding="utf-8", buffering=1) as pipe:
        pipe.write("40 pages\n")
        expect(heading(page)).to_have_text("reports.pack is running")
        expect(page.get_by_role("progressbar")).to_have_js_property("value", 40)
        expect(page.get_by_role("log")).to_contain_text("packed pages")
        expect(row(listed, job)).to_contain_text("40 % pages")
        pipe.write("80 covers\n")
        expect(page.get_by_role("progressbar")).to_have_js_property("value", 80)
        expect(page.get_by_role("log")).to_contain_text("packed covers")
        expect(page.get_by_text("Following the end")).to_be_visible()
        # It is the only one that runs, and the worker's.
        workers = visits(harbour.url, "oto", "/workers")
        expect(workers.get_by_role("table")).to_contain_text("reports.pack")
        expect(heading(workers)).to_contain_text("1 worker, 1 of")
    expect(heading(page)).to_have_text("reports.pack has completed")


def test_a_failed_job_that_is_run_again_shows_no_old_error(harbour: Site, visits: Visits) -> None:
    gate = harbour.folder / "gate"
    job = ask(harbour, "webhooks.deliver", url="https://api.old.test/", until=str(gate))
    ends(harbour, job, "failed")
    page = visits(harbour.url, "oto", "/jobs?queue=webhooks")
    expect(row(page, job)).to_contain_text("no answer from https://api.old.test/")
    gate.touch()
    harbour.app.jobs.retry(job)
    expect(row(page, job).get_by_role("img", name="Completed")).to_be_visible()
    expect(row(page, job)).not_to_contain_text("no answer")


class TestHolding:
    def test_new_rows_gather_behind_a_button_while_somebody_is_busy_with_the_list(
        self, harbour: Site, visits: Visits
    ) -> None:
        kept = ask(harbour, "models.train", step=50)
        page = visits(harbour.url, "oto", "/jobs?queue=reports-gpu")
        expect(row(page, kept)).to_be_visible()
        row(page, kept).hover()
        fresh = ask(harbour, "models.train", step=51)
        gathered = page.get_by_role("button", name=re.compile(r"^\d+ new jobs?$"))
        expect(gathered).to_be_visible()
        expect(page.locator("main tr[data-row]").first).to_have_attribute("data-row", kept)
        page.keyboard.press("n")
        expect(page.locator("main tr[data-row]").first).to_have_attribute("data-row", fresh)

    def test_paused_a_page_asks_for_nothing_and_goes_on_where_it_stopped(
        self, harbour: Site, visits: Visits
    ) -> None:
        page = visits(harbour.url, "oto", "/jobs?queue=reports-gpu")
        page.clock.install()
        page.reload()
        settle(page)
        is_live(page)
        page.keyboard.press("p")
        live = page.get_by_role("button", name="live updates")
        expect(live).to_have_text("Paused")
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        job = ask(harbour, "models.train", step=52)
        harbour.app.jobs.cancel(job)
        page.clock.run_for(30_000)
        assert not [url for url in asked if "/api/v1/jobs" in url]
        expect(row(page, job)).to_have_count(0)
        page.keyboard.press("p")
        expect(live).to_have_text("Live")
        expect(row(page, job)).to_be_visible()


def test_where_no_stream_comes_through_pages_look_every_five_seconds_and_say_so(
    harbour: Site, visits: Visits
) -> None:
    page = visits(harbour.url, "oto", "/settings")
    # A browser in which tabs cannot share one, behind something that lets none through.
    page.add_init_script("delete window.SharedWorker")
    page.route("**/api/v1/live?*", lambda route: route.abort())
    page.goto(f"{harbour.url}/jobs?queue=reports-gpu")
    settle(page)
    live = page.get_by_role("button", name="Pause live updates")
    expect(live).to_have_text("Checking every 5 s")
    job = ask(harbour, "models.train", step=60)
    expect(row(page, job)).to_be_visible()
    page.unroute("**/api/v1/live?*")
    expect(live).to_have_text("Live")


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("/", "queues"),
        ("/jobs", "jobs"),
        ("/queues", "queues"),
        ("/failures", "failures"),
        ("/dead?view=queue", "dead"),
        ("/schedules", "schedules"),
        ("/attempts", "attempts"),
        ("/statistics", "statistics"),
        ("/events", "events"),
        ("/workers", "workers"),
        ("/audit", "audit"),
        ("/access", "users"),
        ("/access?tab=keys", "keys"),
    ],
)
@pytest.mark.parametrize("heard", [True, False])
def test_every_page_of_what_moves_is_asked_for_anew_by_itself(
    harbour: Site, visits: Visits, path: str, asked: str, *, heard: bool
) -> None:
    page = visits(harbour.url, "ana", "/settings")
    if not heard:
        page.add_init_script("delete window.SharedWorker")
        page.route("**/api/v1/live?*", lambda route: route.abort())
    page.clock.install()
    page.goto(harbour.url + path)
    settle(page)
    with page.expect_request(re.compile(rf"/api/v1/(\w+/)?{asked}\b")):
        if heard:
            harbour.app.events.emit("harbour.looks", {})
            harbour.app.jobs.cancel(ask(harbour, "models.train", step=70))
        page.clock.run_for(6_000)
