"""Conditions of a request: what it may change only as its caller has seen it (RFC 9110, 13.1)."""

import re
from typing import Annotated, Final

from fastapi import Header

from tidemill.core.errors import InvalidOption

_TAG: Final = re.compile(r'"(\d{1,18})"')

IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match", max_length=100, description="The `ETag` that was seen.", examples=['"3"']
    ),
]


def version_of(seen: str | None) -> int | None:
    """The version that a caller has seen; `None`: whichever is there will do.

    Raises:
        InvalidOption: it is no tag of ours.
    """
    if seen is None or seen.strip() == "*":
        return None
    found = _TAG.fullmatch(seen.strip())
    if found is None:
        raise InvalidOption("If-Match holds no tag of ours", hint='send the ETag, such as "3"')
    return int(found[1])
