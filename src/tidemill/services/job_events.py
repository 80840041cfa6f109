"""`events`: says and asks what happened, as the running job: in its tenant, under its id."""

from typing import Any

from tidemill.client.events import Events
from tidemill.core.errors import InvalidOption
from tidemill.core.event import Event
from tidemill.worker.context import current

MOST = 1_000


class JobEvents:
    """The application's events, as far as they are the business of the running job.

    Example:
        >>> events = current().services["events"]  # doctest: +SKIP
        >>> await events.emit("invoice.paid", {"id": 7})  # doctest: +SKIP
    """

    def __init__(self, events: Events) -> None:
        """Speak through the application's."""
        self._events = events

    async def emit(
        self, name: str, payload: Any = None, *, source: str = "", tx: Any = None
    ) -> int:
        """Say that something happened to the job's tenant; answer the event's position.

        Args:
            name: dotted words, such as `"invoice.paid"`.
            payload: any value that has a JSON form.
            source: who says it; by default `job:` and the job's id.
            tx: a transaction of the handler's own: the event happened if it commits.

        Raises:
            OutsideJob: no job runs here.
            InvalidName: no name for an event, or one of the platform's.
            Unserialisable: the payload has no JSON form.
            PayloadTooLarge: it is more than 1 MiB of JSON.
        """
        job = current()
        said = source or f"job:{job.id}"
        return await self._events.aemit(name, payload, source=said, tenant=job.tenant, tx=tx)

    async def recent(self, count: int = 25, *, pattern: str = "**") -> list[Event]:
        """The newest events of the job's tenant, newest first, however far back they lie.

        Args:
            count: so many at most, up to 1,000.
            pattern: dotted words; `*` is one word, `**` any number.

        Raises:
            OutsideJob: no job runs here.
            InvalidName: no pattern for events.
            InvalidOption: a count that is not possible.
        """
        if not 1 <= count <= MOST:
            raise InvalidOption(f"count={count!r} is not possible", hint=f"from 1 to {MOST:,}")
        tenant = current().tenant
        found: list[Event] = []
        cursor = None
        while True:
            page = await self._events.apage(
                pattern, tenant=tenant, cursor=cursor, limit=count - len(found)
            )
            found += page.events
            cursor = page.cursor
            if cursor is None or len(found) >= count:
                return found
