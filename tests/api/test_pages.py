"""The dashboard as the server hands it out: one page at every path, and its files."""

import gzip
import re
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from tests.api.conftest import HERE, Browser, Caller, People
from tests.dashboard.building import built
from tidemill.api import pages
from tidemill.api.gate import POLICY


@pytest.fixture
def store_url() -> str:
    """Pages come from no store."""
    return "memory://"


@pytest.fixture
def nobody(people: People) -> Caller:
    """A browser of somebody who has not logged in, for whom the page is, too."""
    built()
    return people.nobody()


@pytest.fixture
async def script(nobody: Caller) -> str:
    """The path of the largest script, which every page asks for."""
    found = re.search(r'href="\./(assets/first-[^"]+\.js)"', (await asked(nobody, "/")).text)
    assert found is not None
    return "/" + found[1]


async def asked(nobody: Caller, path: str, method: str = "GET", **headers: str) -> httpx.Response:
    return await nobody.http.request(method, path, headers=headers)


async def page_of(nobody: Caller, path: str, **headers: str) -> str:
    return (await asked(nobody, path, **headers)).text


@pytest.mark.parametrize("path", ["/", "/jobs", "/jobs/01a2", "/queues/mail", "/no/such/page"])
async def test_the_page_is_at_every_path(nobody: Caller, path: str) -> None:
    answer = await asked(nobody, path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert '<base href="/">' in answer.text


async def test_the_page_may_run_what_is_the_servers_and_nothing_else(nobody: Caller) -> None:
    answer = await asked(nobody, "/jobs")
    policy: dict[str, str] = {}
    for part in answer.headers[POLICY].split("; "):
        name, policy[name] = part.split(maxsplit=1)
    assert policy["script-src"] == policy["default-src"] == policy["base-uri"] == "'self'"
    assert policy["frame-ancestors"] == policy["object-src"] == "'none'"
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\son\w+=", answer.text)


async def test_the_page_is_never_kept_and_its_files_are_kept_for_good(
    nobody: Caller, script: str
) -> None:
    page, file, mark = [await asked(nobody, path) for path in ("/", script, "/mark.svg")]
    assert page.headers["cache-control"] == mark.headers["cache-control"] == "no-store"
    assert file.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert file.headers["x-content-type-options"] == "nosniff"


async def test_files_are_sent_packed_to_whoever_can_unpack_them(
    nobody: Caller, script: str
) -> None:
    plain = await asked(nobody, script, **{"accept-encoding": "identity"})
    packed = await asked(nobody, script, **{"accept-encoding": "br, gzip"})
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert plain.headers["vary"] == packed.headers["vary"] == "Accept-Encoding"
    assert plain.content == packed.content
    assert int(packed.headers["content-length"]) < len(plain.content) / 2
    assert len(gzip.compress(plain.content)) < len(plain.content) / 2


@pytest.mark.parametrize(
    "path",
    [
        "/assets/none.js",
        "/assets/",
        "/assets/%2e%2e/index.html",
        "/assets/..%2f..%2fpages.py",
        "/api",
        "/api/v1/nothing",
        "/api/v2/jobs",
    ],
)
async def test_what_is_no_page_is_not_found(nobody: Caller, path: str) -> None:
    answer = await asked(nobody, path)
    assert answer.status_code in (400, 404)
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("path", "script"),
    [("/jobs", "List"), ("/jobs/01a2", "Detail"), ("/jobs/new", "New"), ("/login", "Login")],
)
async def test_the_page_names_what_it_is_going_to_need(
    nobody: Caller, path: str, script: str
) -> None:
    needed = re.findall(r'<link rel="([^"]+)"[^>]* href="\./([^"]+)"', await page_of(nobody, path))
    kinds = {name: kind for kind, name in needed}
    assert [kinds[name] for name in kinds if f"/{script}-" in name] == ["modulepreload"]
    assert list(kinds.values()).count("stylesheet") == 1
    assert kinds["api/v1/session"] == "preload"
    fonts = [name for name in kinds if name.endswith(".woff2")]
    assert len(fonts) == 2
    assert all("-latin-wght" in name for name in fonts)
    for name in kinds.keys() - {"api/v1/session"}:
        assert (await asked(nobody, f"/{name}")).status_code == 200
    assert ("/frame-" in " ".join(kinds)) is (path != "/login")


async def test_the_page_names_what_it_asks_first_to_who_has_logged_in(
    browser: Browser, nobody: Caller
) -> None:
    assert (await browser.log_in("root")).is_success
    asks = [
        re.findall(r'href="\.(/api[^"]+)"', (await http.get("/jobs/a%22b")).text)
        for http in (browser.http, nobody.http)
    ]
    assert asks == [["/api/v1/session", "/api/v1/jobs/a%22b"], ["/api/v1/session"]]


async def test_what_is_chosen_in_the_address_is_asked_by_the_page_itself(browser: Browser) -> None:
    built()
    assert (await browser.log_in("root")).is_success
    assert "jobs/counts" in (await browser.http.get("/jobs")).text
    assert "jobs/counts" not in (await browser.http.get("/jobs?state=failed")).text


async def test_the_words_that_it_needs_are_those_of_the_readers_language(nobody: Caller) -> None:
    pages_by_language = {
        language: await page_of(nobody, "/jobs", **{"accept-language": language})
        for language in ("en-GB,en;q=0.8", "de-DE,de;q=0.9", "fr", "")
    }
    english, german, french, none = pages_by_language.values()
    assert english == french == none
    assert set(re.findall(r"assets/[^\"]+", german)) ^ set(re.findall(r"assets/[^\"]+", english))


async def test_a_page_that_is_nowhere_needs_nothing_more(nobody: Caller) -> None:
    assert "/kit-" not in await page_of(nobody, "/no/such/page")


async def test_head_tells_of_a_page_and_sends_none(nobody: Caller, script: str) -> None:
    for path in ("/jobs", script):
        told = await asked(nobody, path, "HEAD")
        assert told.status_code == 200
        assert (
            told.headers["content-length"] == (await asked(nobody, path)).headers["content-length"]
        )


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_pages_are_only_looked_at(nobody: Caller, method: str) -> None:
    assert (await asked(nobody, "/jobs", method)).status_code == 404


@pytest.mark.parametrize("root", ["/tidemill", '/a"b<c>'])
async def test_where_it_is_mounted_it_names_its_place(
    api: FastAPI, nobody: Caller, root: str
) -> None:
    del nobody
    outer = FastAPI()
    outer.mount(root, api)
    transport = httpx.ASGITransport(outer)
    async with httpx.AsyncClient(transport=transport, base_url=HERE) as http:
        page = await http.get(f"{root}/jobs")
        assert page.status_code == 200
        place = re.search(r'<base href="([^"<>]*)/">', page.text)
        assert place is not None
        assert place[1].replace("&quot;", '"').replace("&lt;", "<").replace("&gt;", ">") == root
        assert (await http.get(f"{root}/mark.svg")).headers["content-type"] == "image/svg+xml"


def test_where_none_was_built_the_page_says_so_and_where_the_api_is(tmp_path: Path) -> None:
    answer = pages.Built(tmp_path).page("/jobs", "", "en", ahead=False)
    assert "has no dashboard" in answer
    assert "/api/v1" in answer


def test_what_is_built_while_a_server_runs_is_found(tmp_path: Path) -> None:
    ours = pages.Built(tmp_path)
    assert ours.name == ""
    assert "has no dashboard" in ours.page("/", "", "en", ahead=False)
    (tmp_path / "index.html").write_text("<head></head>")
    (tmp_path / "pages.json").write_text("[]")
    assert ours.name != ""
    assert "api/v1/session" in ours.page("/", "", "en", ahead=False)
