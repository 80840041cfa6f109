"""Answers as they are sent: written once, by hand, in the shapes that the document names."""

from typing import Any, Final

import msgspec
from fastapi import Request, Response

MEDIA_TYPE: Final = "application/json"

_encode = msgspec.json.Encoder().encode


def sent(value: Any, status: int = 200, **headers: str) -> Response:
    """A value as JSON; `msgspec.Raw` inside it goes out as it came in, to the last digit."""
    return Response(
        _encode(value),
        status,
        {name.replace("_", "-"): said for name, said in headers.items()},
        media_type=MEDIA_TYPE,
    )


def page(request: Request, value: Any, cursor: str | None) -> Response:
    """One page of many; where there is a next one, RFC 8288 says where."""
    if cursor is None:
        return sent(value)
    following = request.url.include_query_params(cursor=cursor)
    return sent(value, link=f'<{following.path}?{following.query}>; rel="next"')


def tag(version: int) -> str:
    """The entity tag of a version (RFC 9110, section 8.8.3).

    Example:
        >>> tag(3)
        '"3"'
    """
    return f'"{version}"'
