"""The onion around a handler: what an application does around every job."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from tidemill.worker.context import JobContext

Handler = Callable[[], Awaitable[Any]]
"""Calls the next layer, the handler itself in the end, and answers what it returned."""

Middleware = Callable[[JobContext, Handler], Awaitable[Any]]
"""A layer: `async def timing(job, call_next): ...; return await call_next()`."""


def wrap(layers: Sequence[Middleware], job: JobContext, handler: Handler) -> Handler:
    """Put the layers around a handler, the first one outermost."""
    for layer in reversed(layers):
        handler = _around(layer, job, handler)
    return handler


def _around(layer: Middleware, job: JobContext, inner: Handler) -> Handler:
    def call() -> Awaitable[Any]:
        return layer(job, inner)

    return call
