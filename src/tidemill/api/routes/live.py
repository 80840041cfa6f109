"""`/live`: events as they happen."""

from typing import Annotated, Final

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import StreamingResponse

from tidemill.access.role import Permission
from tidemill.api import PREFIX
from tidemill.api.callers import doors_of, needs
from tidemill.api.desk import Desk
from tidemill.api.live import Listener, Live
from tidemill.api.shapes.events import LiveIn
from tidemill.core.errors import AccessError, InvalidOption
from tidemill.core.event import compile_pattern

routes: Final = APIRouter(prefix=f"{PREFIX}/live", tags=["events"])

Reading = Annotated[Desk, needs(Permission.EVENTS_READ)]

_MOST_PATTERNS: Final = 20


@routes.get("", operation_id="streamEvents", response_class=StreamingResponse)
async def stream(
    request: Request,
    desk: Reading,
    which: Annotated[LiveIn, Query()],
    last: Annotated[str | None, Header(alias="Last-Event-ID", max_length=20)] = None,
) -> Response:
    """Send events as they happen, as server-sent events.

    Each is a message of its own, with its position as `id`; now and then there is a `beat`, so that
    silence means that the line is cut. One who comes back with `Last-Event-ID` is sent what came
    meanwhile. Where that is too much, where there is no event of that position yet, or a listener
    too slow, `reset` says to look at everything anew.
    """
    patterns = tuple(each.strip() for each in which.topics.split(","))
    if len(patterns) > _MOST_PATTERNS:
        raise InvalidOption(f"more than {_MOST_PATTERNS} topics are given")
    for pattern in patterns:
        compile_pattern(pattern)
    live: Live = request.app.state.live
    listener = Listener(
        desk.actor.source, desk.actor.tenant, patterns, masked=not desk.sees_payloads
    )

    live.admit(listener)

    async def may_still() -> bool:
        try:
            now = await doors_of(request).desk(request)
            now.actor.check(Permission.EVENTS_READ)
        except AccessError:
            return False
        return (now.actor.tenant, now.sees_payloads) == (desk.actor.tenant, desk.sees_payloads)

    lines = live.stream(listener, _position(last), may_still)
    return StreamingResponse(lines, media_type="text/event-stream")


def _position(last: str | None) -> int | None:
    """The last event that a listener has heard.

    Raises:
        InvalidOption: that is no position.
    """
    if last is None or last == "":
        return None
    if not (last.isascii() and last.isdigit() and len(last) < 19):
        raise InvalidOption("Last-Event-ID is no position that was sent")
    return int(last)
