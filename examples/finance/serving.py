"""The server of Finance Management: its endpoints beside those of the platform."""

from fastapi import FastAPI

from examples.finance import doors, routes
from examples.finance.application import Finance
from examples.finance.identity import AUDIENCE, ISSUER
from tidemill.api.app import create_api
from tidemill.api.jwt import JwtDoorkeeper


def api_of(finance: Finance, identity: str) -> FastAPI:
    """The endpoints, with the platform's own and its dashboard.

    Args:
        finance: whose they are.
        identity: where the identity provider is, whose tokens let people in.
    """
    door = JwtDoorkeeper(
        f"{identity}/jwks.json", issuer=ISSUER, audience=AUDIENCE, roles={"ADMIN": "admin"}
    )
    api = create_api(finance.app, host=door)
    api.state.finance = finance
    api.include_router(routes.routes)
    api.include_router(doors.routes)
    return api
