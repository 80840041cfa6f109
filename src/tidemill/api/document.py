"""The document of the API: what the framework knows of it, and what goes for all of it."""

import json
import re
from collections import Counter
from typing import Any, Final

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from tidemill.api import problems
from tidemill.api.callers import COOKIE
from tidemill.api.examples import EXAMPLES

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
_ABOUT: Final = """\
Beside what each operation says, these headers go with any of them:

- `X-Tenant`: whose data alone is meant, of callers who reach every tenant.
- `X-Reason`: why, for the audit log; percent-encoded.
- `X-CSRF-Token`: with every change from a browser; `getSession` tells it.
- `X-Request-Id`: of the caller's own, 8 to 64 letters, digits, `.`, `_` and `-`; it is answered.

Moments are RFC 3339 and lengths of time seconds. What can be edited has an `ETag`, which
`If-Match` takes. A list with a `cursor` goes on with it, and links to its next page.
"""
_SUFFIX: Final = re.compile(r"(Out|Shape)$")
_REFERENCE: Final = re.compile(r'("#/components/schemas/)(\w+)"')
_ELSE: Final = {
    "description": "It was refused, or could not be done.",
    "content": {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


def document_of(api: FastAPI) -> dict[str, Any]:
    """The document, made once and kept by the application."""
    if api.openapi_schema is None:
        api.openapi_schema = _made(api)
    return api.openapi_schema


def _named(document: dict[str, Any]) -> dict[str, Any]:
    """The document with names for its schemas that read well in a client that is made from it.

    What is answered is called what it is; what is sent has `In` behind it. Where a schema of the
    host application has such a name already, both stay as they are.
    """
    schemas = document["components"]["schemas"]
    short = {name: _SUFFIX.sub("", name) for name in schemas}
    taken = Counter(short.values())
    names = {name: new if taken[new] == 1 else name for name, new in short.items()}
    text = _REFERENCE.sub(lambda found: found[1] + names[found[2]] + '"', json.dumps(document))
    renamed: dict[str, Any] = json.loads(text)
    found = renamed["components"]["schemas"]
    renamed["components"]["schemas"] = {
        name: found[old] | {"title": name} for old, name in sorted(names.items())
    }
    return renamed


def _made(api: FastAPI) -> dict[str, Any]:
    document: dict[str, Any] = get_openapi(
        title=api.title,
        version=api.version,
        summary=api.summary,
        description=_ABOUT,
        routes=api.routes,
    )
    schemas = document["components"]["schemas"]
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    schemas["Problem"] = _PROBLEM
    document["components"]["securitySchemes"] = _SCHEMES
    document["security"] = [{"key": []}, {"session": []}]
    open_ = {
        route.unique_id
        for route in api.routes
        if isinstance(route, APIRoute) and not _needs(route.dependant)
    }
    for operations in document["paths"].values():
        for operation in operations.values():
            _describe(operation)
            if operation["operationId"] in open_:
                operation["security"] = []
    return _named(document)


def _describe(operation: dict[str, Any]) -> None:
    """Say of one operation what goes for all of them; a host application may have added it."""
    operation["responses"].pop("422", None)
    operation["responses"]["default"] = _ELSE
    if about := operation.get("description"):
        operation["summary"] = about.partition("\n")[0].removesuffix(".")
    if (example := EXAMPLES.get(operation["operationId"])) is not None:
        operation["requestBody"]["content"]["application/json"]["example"] = example


def _needs(dependant: Dependant) -> bool:
    """Whether somebody has to be known; see `callers.needs`."""
    return hasattr(dependant.call, "needs") or any(map(_needs, dependant.dependencies))
