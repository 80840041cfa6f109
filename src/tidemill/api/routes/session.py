"""`/session`: coming in by a password, who one is, and going out again; and the first admin."""

from typing import Annotated, Final
from urllib.parse import urlsplit

from fastapi import APIRouter, Request, Response

from tidemill.access.actor import Actor
from tidemill.access.audit import Scribe
from tidemill.access.identity import LONGEST, Grant
from tidemill.access.role import Role
from tidemill.access.sessions import Login, Sessions
from tidemill.access.setup import SetUp
from tidemill.access.users import Users
from tidemill.api import PREFIX
from tidemill.api.answers import sent
from tidemill.api.callers import (
    ANYONE,
    COOKIE,
    PLAIN_COOKIE,
    address_of,
    cookie_of,
    is_over_tls,
    needs,
)
from tidemill.api.desk import Desk
from tidemill.api.shapes.access import LoginIn, SessionOut, SetUpIn, SwitchIn, login_out
from tidemill.core.errors import NotAllowed, NotAuthenticated
from tidemill.core.host import is_loopback

routes: Final = APIRouter(prefix=f"{PREFIX}/session", tags=["session"])

Known = Annotated[Desk, needs(None)]

_CONSOLE: Final = Actor(kind="shell", name="setup")
"""Whoever has read the token on the server's console; nobody knows who that is."""


@routes.post(
    "", operation_id="logIn", status_code=201, response_model=SessionOut, dependencies=[ANYONE]
)
async def log_in(request: Request, body: LoginIn) -> Response:
    """Come in by a name and a password; the session is in a cookie that pages cannot read."""
    app = request.app.state.tidemill
    login = await Sessions(app.client).abegin(
        body.name,
        body.password,
        address=address_of(request),
        agent=request.headers.get("user-agent", ""),
        tenant=body.tenant,
        request=request.state.request,
    )
    response = sent(login_out(login), 201)
    _keep(request, response, login)
    return response


@routes.post(
    "/setup",
    operation_id="setUp",
    status_code=201,
    response_model=SessionOut,
    dependencies=[ANYONE],
)
async def set_up(request: Request, body: SetUpIn) -> Response:
    """Make the first admin, by the token that the server's console shows, and log them in."""
    app = request.app.state.tidemill
    known, address = request.state.request, address_of(request)
    scribe = Scribe(actor=_CONSOLE, request=known, address=address)
    setup, users = SetUp(app.client), Users(app.client.on_behalf(None, scribe))
    await setup.acheck(body.token)
    if await users.ahas_admin():
        raise NotAuthenticated("there is an admin already", hint="log in")
    await users.acreate(body.name, body.password, [Grant(Role.ADMIN)])
    await setup.aend()
    login = await Sessions(app.client).abegin(
        body.name,
        body.password,
        address=address,
        agent=request.headers.get("user-agent", ""),
        request=known,
    )
    response = sent(login_out(login), 201)
    _keep(request, response, login)
    return response


@routes.get("", operation_id="getSession", response_model=SessionOut)
async def get(desk: Known) -> Response:
    """Tell who is logged in, and what they may do."""
    return sent(login_out(_login(desk)))


@routes.patch("", operation_id="switchTenant", response_model=SessionOut)
async def switch(body: SwitchIn, desk: Known) -> Response:
    """Look at the data of another tenant from now on; `null`: at everybody's."""
    return sent(login_out(await Sessions(desk.client).aswitch(_login(desk), body.tenant)))


@routes.delete("", operation_id="logOut", status_code=204)
async def log_out(desk: Known) -> Response:
    """Go out again: the session is worth nothing any more."""
    await Sessions(desk.client).aend(_login(desk))
    response = Response(status_code=204)
    for name in (COOKIE, PLAIN_COOKIE):
        response.delete_cookie(name, path="/", secure=name == COOKIE, httponly=True, samesite="lax")
    return response


def _login(desk: Desk) -> Login:
    """The session of whoever asks.

    Raises:
        NotAllowed: they have come in without one.
    """
    if desk.login is None:
        raise NotAllowed("a key has no session", hint="this is for browsers")
    return desk.login


def _keep(request: Request, response: Response, login: Login) -> None:
    """Hand the browser what it shows from now on.

    Raises:
        NotAllowed: it would go over a network that anybody can read.
    """
    secure = is_over_tls(request)
    host = urlsplit(f"//{request.headers.get('host', '')}").hostname or ""
    if not secure and not is_loopback(host):
        raise NotAllowed(
            "a password was sent without TLS",
            hint="put a proxy with TLS in front, and name it by --trust-proxy",
        )
    response.set_cookie(
        cookie_of(request),
        login.token,
        max_age=LONGEST // 1_000,
        path="/",
        secure=secure,
        httponly=True,
        samesite="lax",
    )
