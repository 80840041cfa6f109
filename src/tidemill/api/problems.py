"""What went wrong, as `application/problem+json` (RFC 9457): each of our errors has its status."""

import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

import msgspec
from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from tidemill.core import errors
from tidemill.core.errors import TidemillError, TooManyRequests, VersionConflict

MEDIA_TYPE: Final = "application/problem+json"

_STATUS: Final[dict[type[TidemillError], HTTPStatus]] = {
    errors.NotAuthenticated: HTTPStatus.UNAUTHORIZED,
    errors.NotAllowed: HTTPStatus.FORBIDDEN,
    errors.OverQuota: HTTPStatus.TOO_MANY_REQUESTS,
    errors.TooManyRequests: HTTPStatus.TOO_MANY_REQUESTS,
    errors.NotFound: HTTPStatus.NOT_FOUND,
    errors.JobNotFound: HTTPStatus.NOT_FOUND,
    errors.PayloadTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    errors.MisuseError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.NotUnique: HTTPStatus.CONFLICT,
    errors.VersionConflict: HTTPStatus.CONFLICT,
    errors.StateError: HTTPStatus.CONFLICT,
    errors.StoreError: HTTPStatus.SERVICE_UNAVAILABLE,
}
"""Of each kind of error; a kind that is not listed has that of the kind it belongs to."""

_SHOWN: Final = 200
_KIND: Final = re.compile(r"str|int|float|bool|datetime|(constrained|nullable)-\w+|[\w-]+\[.*\]")
_PATTERNS: Final = {
    r"^[A-Za-z0-9_][A-Za-z0-9_.\-]{0,127}$": (
        "should be 1 to 128 letters, digits, '_', '.' or '-', and begin with one of the first three"
    ),
    r"^[A-Za-z0-9][A-Za-z0-9_.+@\-]{0,127}$": (
        "should be an e-mail address, or 1 to 128 letters, digits and '_.+@-'"
    ),
    r"^[A-Za-z0-9_\-]+(\.[A-Za-z0-9_\-]+)*$": (
        "should be words of letters, digits, '_' and '-', with dots between them"
    ),
}
"""Letters of a value that a problem repeats, at most."""


class Problem(msgspec.Struct, omit_defaults=True):
    """The body of every answer that is none.

    Attributes:
        type: a name for the kind of problem, that stays.
        title: the kind, in words.
        detail: what happened, to which thing.
        hint: what to do about it.
        code: our code of the error, see `docs/reference/errors.md`.
        instance: the path that was asked.
        request: id of the request, by which the logs know it.
        errors: what is wrong in the body or the query, part by part.
    """

    type: str
    title: str
    status: int
    detail: str
    code: str
    instance: str
    request: str
    hint: str = ""
    errors: tuple[dict[str, str], ...] = ()


def status_of(error: TidemillError) -> HTTPStatus:
    """The status of an error."""
    for kind in type(error).__mro__:
        if kind in _STATUS:
            return _STATUS[kind]
    return HTTPStatus.INTERNAL_SERVER_ERROR


def of_error(request: Request, error: TidemillError) -> Response:
    """One of our errors as an answer."""
    headers = {"Retry-After": str(error.wait)} if isinstance(error, TooManyRequests) else {}
    status = status_of(error)
    if isinstance(error, VersionConflict) and "if-match" in request.headers:
        status = HTTPStatus.PRECONDITION_FAILED
    if status is HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        # What the store says names files and hosts, which are nobody's business here.
        return answer(request, status, "the store cannot do that now", error.code, headers=headers)
    return answer(request, status, error.message, error.code, hint=error.hint, headers=headers)


def of_input(request: Request, error: RequestValidationError) -> Response:
    """A body or a query that does not fit."""
    wrong: dict[str, str] = {}
    for each in error.errors():
        # Of several kinds of value of which one was wanted, each has said why it is not it.
        said = _said(each)
        where = _pointer([part for part in each["loc"] if not _is_kind(part)])
        wrong[where] = f"{wrong[where]}; or: {said}" if where in wrong else said
    is_json = any(each["type"] == "json_invalid" for each in error.errors())
    status = HTTPStatus.BAD_REQUEST if is_json else HTTPStatus.UNPROCESSABLE_ENTITY
    told = "the body is no JSON" if is_json else "the request does not fit what is asked for"
    errors = [{"pointer": where, "message": said[:_SHOWN]} for where, said in wrong.items()]
    sent = request.headers.get("content-type", "")
    as_json = not errors or errors[0]["pointer"] != "/body" or "json" in sent
    hint = "" if as_json else "send JSON, and say so: Content-Type: application/json"
    return answer(request, status, told, "misuse.request", hint=hint, errors=errors[:20])


def of_http(request: Request, error: HTTPException) -> Response:
    """What the router itself refuses."""
    status = HTTPStatus(error.status_code)
    headers = dict(error.headers or {})
    return answer(
        request, status, status.description or status.phrase, _code(status), headers=headers
    )


def of_accident(request: Request) -> Response:
    """What should not have happened: the log has it, and the answer says nothing of it."""
    return answer(
        request,
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "something went wrong here",
        "internal",
        hint="the log of the server tells more under this request's id",
    )


def answer(
    request: Request,
    status: HTTPStatus,
    detail: str,
    code: str,
    *,
    hint: str = "",
    errors: Sequence[dict[str, str]] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Say it."""
    problem = Problem(
        type=f"urn:tidemill:problem:{code}",
        title=status.phrase,
        status=status.value,
        detail=detail,
        code=code,
        instance=request.scope["path"],
        request=getattr(request.state, "request", ""),
        hint=hint,
        errors=tuple(errors),
    )
    return Response(
        msgspec.json.encode(problem), status.value, dict(headers or {}), media_type=MEDIA_TYPE
    )


def _is_kind(part: object) -> bool:
    """Whether a part of a place only says which kind of value was tried there."""
    return isinstance(part, str) and bool(_KIND.fullmatch(part))


def _said(wrong: Mapping[str, Any]) -> str:
    """What is wrong at one place."""
    if wrong["type"] == "string_pattern_mismatch":
        pattern = str(wrong["ctx"]["pattern"])
        return _PATTERNS.get(pattern, f"does not match {pattern}")
    return str(wrong["msg"]).removeprefix("Value error, ")


def _pointer(where: Sequence[Any]) -> str:
    """A place in the request as a JSON pointer (RFC 6901), the part of the request first."""
    return "/" + "/".join(
        str(each).replace("~", "~0").replace("/", "~1")[:_SHOWN] for each in where
    )


def _code(status: HTTPStatus) -> str:
    return f"http.{status.phrase.lower().replace(' ', '_').replace('-', '_')}"
