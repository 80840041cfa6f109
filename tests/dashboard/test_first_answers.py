"""What the document has a browser ask before any script has run is what the page then asks."""

import json
import re
from pathlib import Path
from typing import Final

import pytest

from tests.dashboard.places import filled
from tests.dashboard.site import Site
from tests.dashboard.visits import Visits, settle

pytestmark = pytest.mark.timeout(300)

_NOTE: Final = """
window.asked = [];
const ask = window.fetch;
window.fetch = (what, ...more) => { asked.push(String(what)); return ask(what, ...more); };
"""

_SHIFTS: Final = """
window.shifted = 0;
new PerformanceObserver((list) => list.getEntries().forEach((each) => { shifted += each.value; }))
  .observe({type: "layout-shift", buffered: true});
"""

_FAR: Final = {"offline": False, "latency": 400, "downloadThroughput": -1, "uploadThroughput": -1}
"""So far from the server, in milliseconds, that a page is drawn before its answers are there."""

MOST_SHIFTED: Final = 0.02
"""As web.dev counts it: https://web.dev/articles/cls; a tenth is called good there."""
MOST_FILES: Final = 14
"""Scripts, styles and letters of a page: each one is a request, of which six go at once."""

_SENT: Final = "performance.getEntriesByType('resource').map((each) => each.name)"


def test_what_a_page_asks_first_is_asked_once_and_used(
    dashboard: Path, harbour: Site, visits: Visits
) -> None:
    page = visits(harbour.url, "ana")
    places = filled(harbour, page)
    page.add_init_script(_NOTE)
    table = json.loads((dashboard / "pages.json").read_text())
    first = {each["path"]: each["first"] for each in table if each["first"]}
    assert len(first) > 7
    for path, asks in first.items():
        page.goto(harbour.url + places[path])
        settle(page)
        named = places[path].rsplit("/", 1)[-1]
        wanted = {f"{harbour.url}/api/v1/" + re.sub(r"[$]\w+", named, ask) for ask in asks}
        assert wanted <= set(page.evaluate("asked")), path
        sent: list[str] = page.evaluate(_SENT)
        assert {ask: sent.count(ask) for ask in wanted} == dict.fromkeys(wanted, 1), path


def test_nothing_moves_while_a_page_comes_slowly(
    dashboard: Path, harbour: Site, visits: Visits
) -> None:
    page = visits(harbour.url, "ana")
    page.add_init_script(_SHIFTS)
    devtools = page.context.new_cdp_session(page)
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    devtools.send("Network.enable")
    devtools.send("Network.emulateNetworkConditions", _FAR)
    shifted = {}
    for each in json.loads((dashboard / "pages.json").read_text()):
        if "$" not in each["path"] and each["path"] != "/login":
            page.goto(harbour.url + each["path"])
            settle(page)
            shifted[each["path"]] = page.evaluate("shifted")
    assert len(shifted) > 15
    assert {path: much for path, much in shifted.items() if much > MOST_SHIFTED} == {}


def test_a_page_comes_in_few_files(dashboard: Path) -> None:
    for each in json.loads((dashboard / "pages.json").read_text()):
        for files in each["files"].values():
            assert len(files) <= MOST_FILES, each["path"]
