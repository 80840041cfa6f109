"""The API as one application: it runs alone, or is mounted into somebody's own."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from tidemill.api import problems
from tidemill.api.callers import SAFE, Doorkeeper, Doors
from tidemill.api.document import document_of
from tidemill.api.gate import Gate
from tidemill.api.live import Live
from tidemill.api.metrics import Metrics
from tidemill.api.pages import Pages
from tidemill.api.routes import (
    alerts,
    attempts,
    audit,
    dead_letters,
    document,
    events,
    failures,
    files,
    health,
    jobs,
    keys,
    live,
    metrics,
    modules,
    operations,
    queues,
    schedules,
    server,
    session,
    statistics,
    tasks,
    tenants,
    users,
    workers,
)
from tidemill.app import Tidemill
from tidemill.core.errors import TidemillError
from tidemill.core.record import AUDIT

ROUTERS: Final = (
    jobs.routes,
    dead_letters.routes,
    failures.routes,
    attempts.routes,
    operations.routes,
    queues.routes,
    tasks.routes,
    modules.routes,
    schedules.routes,
    workers.routes,
    events.routes,
    live.routes,
    statistics.routes,
    alerts.routes,
    audit.routes,
    users.routes,
    keys.routes,
    tenants.routes,
    session.routes,
    server.routes,
    document.routes,
    files.routes,
    health.routes,
    metrics.routes,
)
"""All there is, what is asked for most first: a path is compared with one after the other."""

_log = logging.getLogger("tidemill")


def create_api(app: Tidemill, *, host: Doorkeeper | None = None) -> FastAPI:
    """Make the API of an application.

    Args:
        app: whose jobs, schedules and events it is about.
        host: says who the callers are, where an application that has its own users mounts this.

    Example:
        >>> from fastapi import FastAPI
        >>> mine = FastAPI()
        >>> mine.mount("/tidemill", create_api(Tidemill("memory://")))
    """

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        app.discover()
        await app.aopen()
        yield

    api = FastAPI(
        title="tidemill",
        version="1",
        summary="Background jobs: enqueue, look, steer.",
        lifespan=lifespan,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    let_in(api, app, host=host)
    api.state.live = Live(app)
    api.state.metrics = Metrics(app, aliases=app.settings.get("metrics.aliases", otherwise=False))
    for router in ROUTERS:
        # An included router is asked for each request whether it has changed, and matched twice.
        api.router.routes.extend(router.routes)
    api.router.default = Pages(api.router.default)
    api.openapi = lambda: document_of(api)  # type: ignore[method-assign]  # as FastAPI wants it
    return api


def let_in(api: FastAPI, app: Tidemill, *, host: Doorkeeper | None = None) -> None:
    """Have routes of an application of your own let in whoever the API of tidemill lets in.

    A route declares the permission that it takes, and is given a desk: the verbs of the
    application, in the name of whoever asks, whose changes are told in the audit log. What is
    refused or wrong is answered as problem details.

    Args:
        api: your own, on which the API may be mounted besides.
        app: whose users and keys count.
        host: says who the callers are, as `create_api` has it.

    Example:
        >>> from typing import Annotated
        >>> from tidemill.access.role import Permission
        >>> from tidemill.api.callers import needs
        >>> from tidemill.api.desk import Desk
        >>> mine = FastAPI()
        >>> let_in(mine, Tidemill("memory://"))
        >>> @mine.get("/recent")
        ... async def recent(desk: Annotated[Desk, needs(Permission.JOBS_READ)]) -> list[str]:
        ...     return [job.id async for job in desk.jobs.find()]
    """
    api.state.tidemill = app
    api.state.doors = Doors(app, host)
    api.add_exception_handler(TidemillError, _refuse)
    api.add_exception_handler(RequestValidationError, _refuse_input)
    api.add_exception_handler(HTTPException, _refuse_http)
    api.add_exception_handler(Exception, _accident)
    api.add_middleware(Gate)


async def _refuse(request: Request, error: Exception) -> Response:
    assert isinstance(error, TidemillError)  # noqa: S101 - the type it is registered for
    await _tell(request, error.code)
    return problems.of_error(request, error)


async def _refuse_input(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - the type it is registered for
    await _tell(request, "misuse.request")
    return problems.of_input(request, error)


async def _refuse_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - the type it is registered for
    return problems.of_http(request, error)


async def _accident(request: Request, error: Exception) -> Response:
    _log.error("request %s failed", request.state.request, exc_info=error)
    return problems.of_accident(request)


async def _tell(request: Request, code: str) -> None:
    """Keep account of a change that was refused, where it is known who asked for it."""
    scribe = getattr(request.state, "scribe", None)
    if request.method in SAFE or scribe is None:
        return
    route = request.scope.get("route")
    action = getattr(route, "operation_id", None) or request.method
    target = str(next(iter(request.path_params.values()), ""))
    app: Tidemill = request.app.state.tidemill
    try:
        engine = await app.aopen()
        await engine.records.append(AUDIT, [scribe.tells_of_refusal(action, target, code)])
    except TidemillError:
        _log.warning("a refusal of request %s could not be noted", request.state.request)
