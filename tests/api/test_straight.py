"""What goes the shorter way is answered as on FastAPI's own, whatever it is."""

import asyncio
from typing import Annotated

import pytest
from fastapi import APIRouter, Depends, FastAPI, Header, HTTPException, Query, Request, Response
from fastapi.routing import APIRoute
from httpx import ASGITransport, AsyncClient
from httpx import Response as Answer

from tidemill.api.answers import sent
from tidemill.api.routes import jobs
from tidemill.api.shapes.jobs import EnqueueIn
from tidemill.api.straight import Straight


async def sit_down(request: Request) -> str:
    if "x-who" not in request.headers:
        raise HTTPException(401)
    return request.headers["x-who"]


Sitting = Annotated[str, Depends(sit_down)]
Once = Annotated[str | None, Header(alias="Idempotency-Key", min_length=1, max_length=5)]


async def endpoint(body: EnqueueIn, desk: Sitting, key: Once = None) -> Response:
    return sent([repr(body), desk, key])


async def with_query(body: EnqueueIn, desk: Sitting, many: Annotated[int, Query()]) -> Response:
    return sent([repr(body), desk, many])


def api_of(route_class: type[APIRoute]) -> FastAPI:
    routes = APIRouter(route_class=route_class)
    routes.post("/jobs")(endpoint)
    routes.post("/query")(with_query)
    api = FastAPI()
    api.include_router(routes)
    return api


def post(api: FastAPI, path: str, content: bytes, headers: dict[str, str]) -> Answer:
    async def ask() -> Answer:
        async with AsyncClient(transport=ASGITransport(api), base_url="http://here") as client:
            return await client.post(path, content=content, headers=headers)

    return asyncio.run(ask())


GOOD = b'{"task": "a", "arguments": {"n": 1}}'
WHO = {"content-type": "application/json", "x-who": "zoe"}


@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [
        (GOOD, WHO, 200),
        (GOOD, WHO | {"content-type": "application/json; charset=utf-8"}, 200),
        (GOOD, WHO | {"content-type": "text/plain"}, 422),
        (GOOD, WHO | {"idempotency-key": "12345"}, 200),
        (GOOD, WHO | {"idempotency-key": "123456"}, 422),
        (GOOD, WHO | {"idempotency-key": ""}, 422),
        (GOOD, {"content-type": "application/json"}, 401),
        (b'{"task": "a", "no": 1}', WHO, 422),
        (b'{"task": "a", "no": 1}', {"content-type": "application/json"}, 401),
        (b'{"task": "a", "arguments": {"n": NaN, "s": "\\ud800"}}', WHO, 200),
        (b'{"task": "a", "task": "b", "delay": 90, "priority": "high"}', WHO, 200),
        (b"[]", WHO, 422),
        (b"null", WHO, 422),
        (b"", WHO, 422),
        (b"{", WHO, 422),
        (b"{", {"content-type": "application/json"}, 422),
        (b"\xff", WHO, 400),
    ],
)
def test_an_answer_is_the_same_either_way(
    content: bytes, headers: dict[str, str], status: int
) -> None:
    straight = post(api_of(Straight), "/jobs", content, headers)
    usual = post(api_of(APIRoute), "/jobs", content, headers)
    assert straight.status_code == usual.status_code == status
    assert straight.content == usual.content


def test_what_takes_anything_else_goes_the_usual_way() -> None:
    answer = post(api_of(Straight), "/query?many=3", GOOD, WHO)
    assert answer.json()[1:] == ["zoe", 3]
    assert post(api_of(Straight), "/query", GOOD, WHO).status_code == 422


def test_a_route_is_documented_the_same_either_way() -> None:
    assert api_of(Straight).openapi() == api_of(APIRoute).openapi()


def test_the_routes_of_jobs_go_it() -> None:
    handlers = {
        route.operation_id: route.get_route_handler().__module__
        for route in jobs.routes.routes
        if isinstance(route, APIRoute)
    }
    assert handlers["enqueueJob"] == handlers["enqueueJobs"] == Straight.__module__
    assert handlers["listJobs"] == APIRoute.__module__
