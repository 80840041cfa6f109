"""`/livez`, `/readyz`, `/health`: whether this server, and what it stands on, are well."""

import asyncio
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from tidemill.api.answers import sent
from tidemill.api.callers import ANYONE, doors_of
from tidemill.app import Tidemill
from tidemill.client.control import Jobs
from tidemill.core.errors import TidemillError
from tidemill.core.state import State

routes: Final = APIRouter(tags=["health"], dependencies=[ANYONE])

_PATIENCE: Final = 5.0
"""Seconds that a probe waits for the store."""


@routes.get("/livez", operation_id="livez", include_in_schema=False)
async def livez() -> Response:
    """Answer, which is all that is asked."""
    return sent({"status": "ok"})


@routes.get("/readyz", operation_id="readyz", include_in_schema=False)
async def readyz(request: Request) -> Response:
    """Tell whether requests can be served: the store answers."""
    answers = await _store_answers(request.app.state.tidemill)
    return sent({"status": "ok" if answers else "unavailable"}, 200 if answers else 503)


@routes.get("/health", operation_id="health", include_in_schema=False)
async def health(request: Request) -> Response:
    """Tell how the whole of it is: the store, the workers, how long the oldest job waits."""
    app: Tidemill = request.app.state.tidemill
    if not await _store_answers(app):
        return sent({"status": "unavailable", "store": "unavailable"}, 503)
    now = app.store.clock.now()
    workers = await Jobs(app.client).aworkers()
    waiting = [each for each in await doors_of(request).counts() if each.state is State.WAITING]
    oldest = max((now - each.oldest_at for each in waiting), default=0) / 1_000
    idle = bool(waiting) and not workers
    told: dict[str, Any] = {
        "status": "degraded" if idle else "ok",
        "store": "ok",
        "workers": len(workers),
        "oldest_wait": max(oldest, 0),
    }
    return sent(told)


async def _store_answers(app: Tidemill) -> bool:
    try:
        async with asyncio.timeout(_PATIENCE):
            engine = await app.aopen()
            await engine.records.get("health", "probe")
    except (TidemillError, TimeoutError):
        return False
    return True
