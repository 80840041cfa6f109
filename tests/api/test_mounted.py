"""The API inside an application of somebody's own: what it tells of places is true there."""

import re
from typing import Annotated

import httpx
import pytest
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import ASGIApp

from tests.api.conftest import HERE, Caller, People
from tidemill import Tidemill
from tidemill.access.role import Permission
from tidemill.api.app import create_api, let_in
from tidemill.api.callers import needs
from tidemill.api.desk import Desk

ROOT = "/inside/tidemill"


def by_fastapi(api: FastAPI) -> ASGIApp:
    outer = FastAPI()
    outer.mount(ROOT, api)
    return outer


def by_starlette(api: FastAPI) -> ASGIApp:
    return Starlette(routes=[Mount("/inside", routes=[Mount("/tidemill", api)])])


@pytest.fixture(params=[by_fastapi, by_starlette])
def http(request: pytest.FixtureRequest, app: Tidemill, people: People) -> httpx.AsyncClient:
    key = people().http.headers["authorization"]
    outer = request.param(create_api(app))
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(outer), base_url=HERE, headers={"Authorization": key}
    )


@pytest.mark.parametrize("store_url", ["memory"], indirect=True)
class TestMounted:
    async def test_a_job_is_found_where_it_is_said_to_be(self, http: httpx.AsyncClient) -> None:
        made = await http.post(f"{ROOT}/api/v1/jobs", json={"task": "add", "arguments": {"a": 1}})
        assert made.status_code == 201, made.text
        found = await http.get(made.headers["location"])
        assert found.json()["id"] == made.json()["id"]

    async def test_the_next_page_is_where_the_link_says(self, http: httpx.AsyncClient) -> None:
        for number in range(3):
            await http.post(f"{ROOT}/api/v1/jobs", json={"task": "add", "arguments": {"a": number}})
        first = await http.get(f"{ROOT}/api/v1/jobs?limit=2")
        link = re.fullmatch(r'<(.+)>; rel="next"', first.headers["link"])
        assert link is not None
        rest = await http.get(link[1])
        assert len(rest.json()["jobs"]) == 1

    async def test_the_document_says_where_it_is(self, http: httpx.AsyncClient) -> None:
        document = (await http.get(f"{ROOT}/api/v1/openapi.json")).json()
        (server,) = document["servers"]
        assert (await http.get(f"{server['url']}/livez")).status_code == 200

    async def test_what_the_page_of_the_document_needs_is_there(
        self, http: httpx.AsyncClient
    ) -> None:
        page = await http.get(f"{ROOT}/api/v1/docs")
        assert page.status_code == 200
        for place in re.findall(r'(?:href|src)="([^"#]+)"', page.text):
            assert (await http.get(str(page.url.join(place)))).status_code == 200, place

    async def test_a_wrong_path_is_a_problem_of_ours(self, http: httpx.AsyncClient) -> None:
        answer = await http.get(f"{ROOT}/api/v1/nothing")
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["instance"] == f"{ROOT}/api/v1/nothing"


@pytest.mark.parametrize("store_url", ["memory"], indirect=True)
async def test_routes_of_ones_own_let_in_whom_the_api_lets_in(
    app: Tidemill, people: People
) -> None:
    mine = FastAPI()
    let_in(mine, app)
    mine.mount("/tidemill", create_api(app))

    @mine.post("/sums")
    async def add(
        a: int, desk: Annotated[Desk, needs(Permission.JOBS_ENQUEUE)], whose: str = ""
    ) -> dict[str, str]:
        client = desk.of(whose).client
        return {"job": (await client.aenqueue(client.bound("add", {"a": a}, {}))).id}

    async def ask(caller: Caller, query: str = "a=1") -> httpx.Response:
        headers = caller.http.headers
        transport = httpx.ASGITransport(mine)
        async with httpx.AsyncClient(transport=transport, base_url=HERE, headers=headers) as http:
            return await http.post(f"/sums?{query}")

    assert (await ask(people.nobody())).json()["code"] == "access.unauthenticated"
    assert (await ask(people("viewer"))).json()["code"] == "access.denied"
    assert (await ask(people(), "a=x")).json()["code"] == "misuse.request"
    made = await ask(people("operator", "acme"))
    assert (await app.jobs.aget(made.json()["job"])).seen.tenant == "acme"  # type: ignore[union-attr]  # it was just looked at
    theirs = await ask(people("operator", "acme"), "a=1&whose=umbra")
    assert theirs.status_code == 404
    made = await ask(people(), "a=1&whose=umbra")
    assert (await app.jobs.aget(made.json()["job"])).seen.tenant == "umbra"  # type: ignore[union-attr]  # as above
    told = {entry.topic for entry in (await app.aopen()).records.read("audit").wait()}
    assert "jobs.enqueue" in told
