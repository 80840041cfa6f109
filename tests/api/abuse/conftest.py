"""An API that somebody with bad intentions asks, who is let in and may do anything."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI

from tests.api.conftest import PASSWORD, Caller, People, application
from tidemill import Tidemill
from tidemill.access.identity import Grant
from tidemill.access.role import Role
from tidemill.access.users import Users
from tidemill.api.app import create_api
from tidemill.testing.clock import ManualClock


@pytest.fixture(scope="module")
def app(shared_store_url: str) -> Iterator[Tidemill]:
    """One for all tests of a file: what they try is refused, or is nobody else's business."""
    with application(shared_store_url, ManualClock()) as app:

        @app.task(name="say")
        def say(text: str) -> str:
            return text

        @app.task(name="keep")
        def keep(what: Any) -> None:
            del what

        Users(app.client).create("root", PASSWORD, [Grant(Role.ADMIN)])
        yield app


@pytest.fixture(scope="module")
def api(app: Tidemill) -> FastAPI:
    return create_api(app)


@pytest.fixture(scope="module")
def people(app: Tidemill, api: FastAPI) -> People:
    return People(app, api)


@pytest.fixture(scope="module")
def admin(people: People) -> Caller:
    return people()
