"""Saying that something happened, looking at what did, and having tasks run for it."""

from collections.abc import Callable, Iterator
from typing import Any, Final

import msgspec

from tidemill.client.bound import Bound
from tidemill.client.client import Client
from tidemill.client.steps import Steps, ask, awaiting, blocking
from tidemill.core.errors import InvalidOption, Unserialisable, VersionConflict
from tidemill.core.event import Event, matches
from tidemill.core.identity import check_name
from tidemill.core.record import EVENTS, Entry, NewEntry, Put
from tidemill.core.unique import unrejected
from tidemill.engines.protocol import Engine
from tidemill.events.relay import decode
from tidemill.events.subscription import KIND, Subscription, check_own_name, check_pattern
from tidemill.tasks.options import template_fields

_PAGE: Final = 500
"""Events that are looked at in one step."""


class Events:
    """The events of one application; every verb comes with an `a` before it for async code."""

    def __init__(self, client: Client) -> None:
        """Speak through this client."""
        self._client = client
        self._declared: dict[str, tuple[str, Callable[[], Bound[Any]]]] = {}

    @blocking
    def emit(
        self,
        name: str,
        payload: Any = None,
        *,
        source: str = "",
        tenant: str | None = None,
        tx: Any = None,
    ) -> Steps[int]:
        """Say that something happened; answer the event's position in the log.

        Args:
            name: dotted words, such as `"invoice.paid"`.
            payload: any value that has a JSON form.
            source: who says it.
            tenant: whose event it is; by default the application's.
            tx: a transaction of the caller's own: the event happened if it commits.

        Raises:
            InvalidName: no name for an event, or one of the platform's.
            Unserialisable: the payload has no JSON form.

        Example:
            >>> app.events.emit("invoice.paid", {"id": 7})  # doctest: +SKIP
        """
        check_own_name(name)
        owner = self._client.tenant if tenant is None else tenant and check_name("tenant", tenant)
        entry = NewEntry(name, _encoded(name, payload), owner, source)
        engine = yield from self._client.store.engine()
        return (yield from ask(engine.records.append(EVENTS, [entry], tx=tx)))

    aemit = awaiting(emit)

    @blocking
    def recent(self, count: int = 25, *, pattern: str = "**") -> Steps[list[Event]]:
        """The newest events of a pattern among the last thousand, newest first."""
        check_pattern(pattern)
        engine = yield from self._client.store.engine()
        entries = yield from ask(engine.records.read(EVENTS, limit=1_000, newest=True))
        return [_event(entry) for entry in _of(entries, pattern)][:count]

    arecent = awaiting(recent)

    @blocking
    def read(self, after: int = 0, *, limit: int = 100, pattern: str = "**") -> Steps[list[Event]]:
        """Events behind a position, oldest first; go on from the last one's position."""
        check_pattern(pattern)
        engine = yield from self._client.store.engine()
        found: list[Event] = []
        while len(found) < limit:
            entries = yield from ask(engine.records.read(EVENTS, after=after, limit=_PAGE))
            found += [_event(entry) for entry in _of(entries, pattern)]
            if len(entries) < _PAGE:
                break
            after = entries[-1].position
        return found[:limit]

    aread = awaiting(read)

    def subscribe(self, pattern: str, name: str, handler: Callable[[], Bound[Any]]) -> None:
        """Say in code that the task of this name handles events; stored when a worker starts.

        Args:
            handler: makes a call of the task when it is stored; its arguments do not count.
                Its times are counted from each event. Every event is another argument, so that a
                unique key which is made of the arguments keeps no two jobs apart and is left out.

        Raises:
            InvalidName: the pattern is none.
        """
        self._declared[name] = (check_pattern(pattern), handler)

    @blocking
    def publish(self) -> Steps[None]:
        """Store the subscriptions declared in code; a new one begins with the next event.

        Raises:
            InvalidOption: a handler's key is to be made of the event.
        """
        engine = yield from self._client.store.engine()
        for name, (pattern, handler) in self._declared.items():
            yield from self._publish_one(engine, self._subscription(name, pattern, handler()))

    apublish = awaiting(publish)

    def _subscription(self, name: str, pattern: str, call: Bound[Any]) -> Subscription:
        """What is stored of a handler, as if it had handed over nothing yet."""
        wishes, options = call.wishes, call.declaration.options
        for option, limit in (("concurrency", options.concurrency), ("rate", options.rate)):
            if limit and template_fields(limit.key):
                raise InvalidOption(
                    f"{option} of {name} makes its key of the event, which is not there yet",
                    hint="give a key without braces, or have the handler enqueue another task",
                )
        template = call.new_job(self._client.tenant, self._client.store.clock)
        job = msgspec.structs.replace(
            template,
            id="",
            args=b"{}",
            due_at=wishes.at,
            expires_at=None,
            unique=unrejected(template.unique) if wishes.key else None,
        )
        expires = options.expires if wishes.expires is None else wishes.expires
        return Subscription(
            name=name, pattern=pattern, job=job, delay=wishes.delay, expires=expires
        )

    def _publish_one(self, engine: Engine, wanted: Subscription) -> Steps[None]:
        record = yield from ask(engine.records.get(KIND, wanted.name))
        if record is None:
            newest = yield from ask(engine.records.read(EVENTS, limit=1, newest=True))
            position = newest[0].position if newest else 0
        else:
            position = decode(record.doc).position
        new = msgspec.structs.replace(wanted, position=position)
        if record is not None and new == decode(record.doc):
            return
        put = Put(
            KIND, new.name, msgspec.json.encode(new), expected=record.version if record else 0
        )
        try:
            yield from ask(engine.records.put(put))
        except VersionConflict:
            # Another node has published it, or the relay has moved it: look again.
            yield from self._publish_one(engine, wanted)


def _encoded(name: str, payload: Any) -> bytes:
    try:
        return msgspec.json.encode(payload)
    except (TypeError, ValueError, RecursionError) as error:
        raise Unserialisable(f"the payload of event {name} has no JSON form: {error}") from error


def _of(entries: tuple[Entry, ...], pattern: str) -> Iterator[Entry]:
    return (entry for entry in entries if matches(pattern, entry.topic))


def _event(entry: Entry) -> Event:
    payload = msgspec.json.decode(entry.data)
    return Event(entry.position, entry.at, entry.topic, entry.tenant, entry.source, payload)
