"""Which jobs a request means."""

from typing import Any, Final

from tidemill.access.role import Permission
from tidemill.api.desk import Desk
from tidemill.api.shapes.jobs import SoughtIn
from tidemill.client.lookup import FilterKeywords

_MOMENTS: Final = frozenset({"created_from", "created_before"})


def keywords(desk: Desk, which: SoughtIn) -> FilterKeywords:
    """The filter of a request, as the client takes it.

    Raises:
        NotAllowed: it looks into arguments, or keys that are made of them, which the caller may not
            see: to be told where a text is found is to see it.
    """
    if which.text is not None or getattr(which, "unique_key", None) is not None:
        desk.actor.check(Permission.PAYLOADS_READ)
    given: dict[str, Any] = {
        name: value
        for name in FilterKeywords.__annotations__
        if (value := getattr(which, name, None)) is not None
    }
    given |= {name: desk.moment(given[name]) for name in _MOMENTS & given.keys()}
    found: FilterKeywords = given  # type: ignore[assignment]  # these are some of its keys
    return found
