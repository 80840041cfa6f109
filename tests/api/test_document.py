"""The document of the API, and the page that shows it."""

import json
import re
from collections.abc import Iterator
from typing import Annotated, Any

import pytest
from fastapi import Body, FastAPI
from fastapi.routing import APIRoute
from pydantic import BaseModel

from tests.api.conftest import Browser, Caller, People
from tests.api.routes import declared
from tidemill.access.role import Permission
from tidemill.api.callers import needs
from tidemill.api.examples import EXAMPLES

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
        "/files/{token}",
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


async def test_names_read_well_in_a_client_that_is_made_from_it(admin: Caller) -> None:
    document = await admin.ok("GET", "/openapi.json")
    names = document["components"]["schemas"]
    assert [name for name in names if not re.fullmatch(r"([A-Z][a-z]+)+", name)] == []
    assert [name for name in names if name.endswith(("Out", "Shape"))] == []
    written = json.dumps(document)
    assert set(re.findall(r"#/components/schemas/(\w+)", written)) <= set(names)
    for operation in operations(document):
        assert operation["summary"] == operation["description"].partition("\n")[0].rstrip(".")


async def test_every_moment_that_is_answered_is_told_to_be_one(admin: Caller) -> None:
    document = await admin.ok("GET", "/openapi.json")
    for name, schema in document["components"]["schemas"].items():
        for field, of in schema.get("properties", {}).items():
            if field == "at" or field.endswith("_at"):
                assert "date-time" in json.dumps(of), (name, field)


async def test_every_body_has_an_example_that_is_accepted(api: FastAPI, admin: Caller) -> None:
    document = await admin.ok("GET", "/openapi.json")
    shown = {
        operation["operationId"]: operation["requestBody"]["content"]["application/json"]["example"]
        for operation in operations(document)
        if "requestBody" in operation
    }
    assert shown == EXAMPLES
    for route in api.routes:
        if isinstance(route, APIRoute) and route.operation_id in shown:
            assert route.body_field is not None
            _, wrong = route.body_field.validate(shown[route.operation_id], {}, loc=("body",))
            assert not wrong, (route.operation_id, wrong)


async def test_routes_of_a_host_application_stand_in_it_as_they_are(
    api: FastAPI, admin: Caller
) -> None:
    async def foretell(tide: Tide) -> TideOut:
        """Say when it turns."""
        return TideOut(at=tide.at)

    def undescribed(at: Annotated[str, Body(media_type="text/plain")]) -> None:
        pass

    api.post("/tides")(foretell)
    api.put("/tides", dependencies=[needs(Permission.JOBS_READ)])(undescribed)
    document = await admin.ok("GET", "/openapi.json")
    told = document["paths"]["/tides"]
    assert told["post"]["summary"] == "Say when it turns"
    assert told["put"]["summary"] == "Undescribed"
    assert (told["post"]["security"], "security" in told["put"]) == ([], False)
    # Ours are called `Job` and not `JobOut`; theirs stay apart from each other.
    assert {"Tide", "TideOut", "Job"} <= set(document["components"]["schemas"])
    page = await admin("GET", "/docs")
    assert "Say when it turns." in page.text
    assert "Undescribed" in page.text


class Tide(BaseModel):
    """When it turns, in Unix seconds."""

    at: int


class TideOut(Tide):
    """The same, answered."""


def operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """All of them."""
    for each in document["paths"].values():
        yield from each.values()
