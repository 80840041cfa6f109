"""The document of the API: what the framework knows of it, and what goes for all of it."""

from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from tidemill.api import problems
from tidemill.api.callers import ANYONE, COOKIE

_SCHEMES: Final[dict[str, Any]] = {
    "key": {
        "type": "http",
        "scheme": "bearer",
        "description": "A key for programs, `tm_…`, or a token that the host application knows.",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": COOKIE,
        "description": "Of a browser in which somebody has logged in; changes need X-CSRF-Token.",
    },
}

_PROBLEM: Final[dict[str, Any]] = {
    "type": "object",
    "description": "What went wrong (RFC 9457).",
    "additionalProperties": False,
    "required": ["type", "title", "status", "detail", "code", "instance", "request"],
    "properties": {
        "type": {"type": "string", "description": "A name for the kind of problem, that stays."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What happened, to which thing."},
        "hint": {"type": "string", "description": "What to do about it."},
        "code": {"type": "string", "description": "Of the error, for programs to compare."},
        "instance": {"type": "string", "description": "The path that was asked."},
        "request": {"type": "string", "description": "Id of the request."},
        "errors": {
            "type": "array",
            "description": "What is wrong in the body or the query, part by part.",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["pointer", "message"],
                "properties": {"pointer": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
}
_ELSE: Final = {
    "description": "It was refused, or could not be done.",
    "content": {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


def document_of(api: FastAPI) -> dict[str, Any]:
    """The document, made once and kept by the application."""
    if api.openapi_schema is None:
        api.openapi_schema = _made(api)
    return api.openapi_schema


def _made(api: FastAPI) -> dict[str, Any]:
    document: dict[str, Any] = get_openapi(
        title=api.title, version=api.version, summary=api.summary, routes=api.routes
    )
    schemas = document["components"]["schemas"]
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    schemas["Problem"] = _PROBLEM
    document["components"]["securitySchemes"] = _SCHEMES
    document["security"] = [{"key": []}, {"session": []}]
    open_ = {
        route.operation_id
        for route in api.routes
        if isinstance(route, APIRoute)
        and any(each.call is ANYONE.dependency for each in route.dependant.dependencies)
    }
    for operations in document["paths"].values():
        for operation in operations.values():
            operation["responses"].pop("422", None)
            operation["responses"]["default"] = _ELSE
            if operation["operationId"] in open_:
                operation["security"] = []
    return document
