"""HSE.Digital over HTTP: its own endpoints, and tidemill's API and dashboard below them."""

from fastapi import FastAPI

from examples.hse import hooks, routes
from examples.hse.system import BELOW, Hse
from tidemill.api.app import create_api, let_in


def make_api(hse: Hse) -> FastAPI:
    """All that it serves."""
    own = FastAPI(title="HSE.Digital", docs_url="/docs", redoc_url=None)
    let_in(own, hse.app)
    own.state.hse = hse
    own.include_router(routes.routes)
    own.include_router(hooks.routes)
    own.include_router(hooks.stripe)
    own.mount(BELOW, create_api(hse.app))
    return own
