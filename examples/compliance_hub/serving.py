"""The hub over HTTP: its own endpoints, and tidemill's API and dashboard below `/tidemill`."""

from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.routing import Mount

from examples.compliance_hub.api import routes
from examples.compliance_hub.hub import Hub
from examples.compliance_hub.pace import PER_MINUTE, Pace
from examples.compliance_hub.work import BELOW
from tidemill.api.app import create_api, let_in


def make_api(hub: Hub, per_minute: int = PER_MINUTE) -> Starlette:
    """All that the hub serves.

    Args:
        hub: what is served.
        per_minute: requests that one caller of the hub's own endpoints has.
    """
    own = FastAPI(title="RTO Compliance Hub", version="1", docs_url="/docs", redoc_url=None)
    let_in(own, hub.app)
    own.state.pace = Pace(per_minute)
    own.include_router(routes)
    return Starlette(routes=[Mount(BELOW, create_api(hub.app)), Mount("/", own)])
