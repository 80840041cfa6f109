"""Routes that read what is in order themselves, without the framework's way through a request.

To find out what an endpoint is to be called with, FastAPI goes through path, query, headers and
cookies for the endpoint and again for its desk, asks of each function what kind it is, and keeps
account of errors that hardly any request has. That takes longer than to enqueue a job.
"""

import inspect
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Annotated, Any, Final, get_args, get_origin, get_type_hints

from fastapi import Request, Response
from fastapi.params import Depends, Header
from fastapi.routing import APIRoute
from msgspec import Struct
from pydantic import BaseModel, TypeAdapter, ValidationError
from starlette.exceptions import HTTPException

from tidemill.api.answers import MEDIA_TYPE

_Handler = Callable[[Request], Coroutine[Any, Any, Response]]

_NOT_HERE: Final = object()


class _Wanted(Struct, frozen=True):
    """What an endpoint is called with.

    Attributes:
        body: the name of the parameter, and the model that reads it.
        desk: the name of the parameter, and what makes the desk of a request.
        headers: by the name of the parameter: that of the header, and what reads its value.
    """

    body: tuple[str, type[BaseModel]]
    desk: tuple[str, Callable[[Request], Awaitable[Any]]]
    headers: Mapping[str, tuple[str, TypeAdapter[Any]]]


class Straight(APIRoute):
    """A route that goes a shorter way where it takes a body, a desk, and perhaps headers.

    What is not in order goes FastAPI's way as well, where it is told what is wrong. So do routes
    that take anything else, all of them.
    """

    def get_route_handler(self) -> _Handler:
        """What is called with each request."""
        usual = super().get_route_handler()
        wanted = _wanted_by(self.endpoint)
        if wanted is None or self.dependencies:  # what else a router asks for is asked for there
            return usual
        return _handler(self.endpoint, wanted, usual)


def _handler(
    endpoint: Callable[..., Awaitable[Response]], wanted: _Wanted, usual: _Handler
) -> _Handler:
    body, model = wanted.body
    desk, sit_down = wanted.desk

    async def handle(request: Request) -> Response:
        if request.headers.get("content-type") != MEDIA_TYPE or _is_watched(request):
            return await usual(request)
        try:
            document = await request.json()
        except HTTPException:  # of the gate: the body is too large, or too slow
            raise
        except Exception:  # noqa: BLE001 - whatever it is, it is told there
            return await usual(request)
        # Nothing is checked for strangers.
        given = {desk: await sit_down(request)}
        try:
            given[body] = model.model_validate(document)
            for name, (header, reader) in wanted.headers.items():
                value = request.headers.get(header, _NOT_HERE)
                if value is not _NOT_HERE:
                    given[name] = reader.validate_python(value)
        except ValidationError:
            return await usual(request)
        return await endpoint(**given)

    return handle


def _is_watched(request: Request) -> bool:
    """Whether FastAPI is making spans of the request, one for each of its own steps."""
    return request.scope.get("fastapi.telemetry") is not None


def _wanted_by(endpoint: Callable[..., Any]) -> _Wanted | None:
    """What an endpoint takes, if that is a body, a desk and headers that may be missing."""
    body: list[tuple[str, type[BaseModel]]] = []
    desk: list[tuple[str, Callable[[Request], Awaitable[Any]]]] = []
    headers: dict[str, tuple[str, TypeAdapter[Any]]] = {}
    kinds = get_type_hints(endpoint, include_extras=True)
    for name, parameter in inspect.signature(endpoint).parameters.items():
        kind = kinds[name]
        said = get_args(kind)[1] if get_origin(kind) is Annotated else None
        if inspect.isclass(kind) and issubclass(kind, BaseModel):
            body.append((name, kind))
        elif isinstance(said, Depends) and said.dependency is not None:
            desk.append((name, said.dependency))
        elif isinstance(said, Header) and said.alias and parameter.default is None:
            headers[name] = said.alias, TypeAdapter(kind)
        else:
            return None
    return _Wanted(body[0], desk[0], headers) if len(body) == len(desk) == 1 else None
