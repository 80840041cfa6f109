"""The document of the API, and the page that shows it."""

import re

import pytest
from fastapi import FastAPI

from tests.api.conftest import Browser, Caller, People
from tests.api.routes import declared

pytestmark = pytest.mark.parametrize("store_url", ["memory"], indirect=True)


async def test_it_holds_every_route_but_those_for_machines(api: FastAPI, admin: Caller) -> None:
    document = await admin.ok("GET", "/openapi.json")
    assert document["openapi"].startswith("3.1")
    told = {(method.upper(), path) for path, each in document["paths"].items() for method in each}
    there = {(route.method, route.path) for route in declared(api)}
    assert told <= there
    left_out = {path.removeprefix("/api/v1") for _, path in there - told}
    assert left_out == {
        "/livez", "/readyz", "/health", "/metrics", "/openapi.json", "/docs", "/docs/style.css",
    }  # fmt: skip


async def test_everything_that_is_asked_for_and_answered_is_described(admin: Caller) -> None:
    document = await admin.ok("GET", "/openapi.json")
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            assert operation["description"].endswith((".", "`.")), (method, path)
            assert re.fullmatch(r"[a-z][A-Za-z]+", operation["operationId"])
            good = [status for status in operation["responses"] if status.startswith("2")]
            assert good, (method, path)
    assert set(document["components"]["securitySchemes"]) == {"key", "session"}


async def test_the_page_shows_it_without_anything_that_runs(api: FastAPI, browser: Browser) -> None:
    await browser.log_in("zoe")
    answer = await browser("GET", "/docs")
    assert answer.headers["content-type"].startswith("text/html")
    assert "<script" not in answer.text
    assert " style=" not in answer.text
    for operation in ("enqueueJob", "explainJob", "listAudit"):
        assert f'id="{operation}"' in answer.text
    (style,) = re.findall(r'href="(/[^"]+\.css)"', answer.text)
    sheet = await browser.http.get(style)
    assert (sheet.status_code, sheet.headers["content-type"].split(";")[0]) == (200, "text/css")
    del api


async def test_a_stranger_is_told_nothing(people: People) -> None:
    for path in ("/openapi.json", "/docs", "/docs/style.css"):
        assert (await people.nobody()("GET", path)).status_code == 401
