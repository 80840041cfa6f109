"""Exports over HTTP: who may ask for one, how often, and how long a link to one is good."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from fastapi import FastAPI

from tests.api.conftest import People
from tests.kits.export.stations import application, make
from tidemill import Tidemill
from tidemill.access.identity import Quota
from tidemill.access.tenants import Tenants
from tidemill.api.app import create_api
from tidemill.kits.export import Exported, ExportedFile
from tidemill.testing import Harness, in_memory

ASKED = {"task": "export.run", "arguments": {"sources": ["stations"]}}


@pytest.fixture
def mill(stations_of: Path) -> Iterator[Harness]:
    make(stations_of, 10)
    app, _ = application()
    with in_memory(app) as mill:
        yield mill


@pytest.fixture
def app(mill: Harness) -> Tidemill:
    return mill.app


@pytest.fixture
def api(app: Tidemill) -> FastAPI:
    return create_api(app)


@pytest.fixture
def people(app: Tidemill, api: FastAPI) -> People:
    return People(app, api)


async def test_who_may_only_look_may_not_export(people: People) -> None:
    answer = await people("viewer")("POST", "/jobs", ASKED)
    assert answer.status_code == 403


async def test_a_tenant_that_has_asked_for_enough_has_to_wait(
    app: Tidemill, people: People
) -> None:
    await Tenants(app.client).acreate("acme", quota=Quota(per_minute=2))
    operator = people("operator", "acme")
    answers = [await operator("POST", "/jobs", ASKED) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 201, 429]
    assert int(answers[2].headers["retry-after"]) > 0


@pytest.fixture
def exported(mill: Harness) -> ExportedFile:
    job = mill.app.enqueue("export.run", {"sources": ["stations"]})
    mill.drain()
    return msgspec.convert(job.result(timeout=0), Exported).files[0]


async def test_a_link_is_a_download_until_it_expires(
    mill: Harness, people: People, exported: ExportedFile
) -> None:
    stranger = people.nobody().http
    answer = await stranger.get(exported.url)
    assert answer.status_code == 200
    assert answer.content.startswith(b"id,name,level,opened,is_open\r\n1,Station 1,")
    assert answer.headers["content-disposition"].startswith('attachment; filename="stations-')
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert (await stranger.get(f"/files/{exported.file.id}")).status_code == 404
    assert "Station" not in (await stranger.get(f"/files/{exported.file.path}")).text
    mill.clock.advance("24h")
    assert (await stranger.get(exported.url)).status_code == 404
