"""Saying that something happened, looking at what did, and having tasks run for it."""

from collections.abc import Callable, Iterator
from datetime import datetime
from inspect import signature
from typing import Any, Final, TypeVar

import msgspec
from msgspec import Struct

from tidemill.client.bound import Bound
from tidemill.client.client import Client
from tidemill.client.event_figures import EventFigures, count_up, entries_since
from tidemill.client.scan import newest
from tidemill.client.steps import Steps, ask, awaiting, blocking
from tidemill.client.task import Task
from tidemill.core.errors import InvalidOption, VersionConflict
from tidemill.core.event import Event, matches
from tidemill.core.identity import check_key, check_position
from tidemill.core.instants import Duration, Millis, from_datetime, millis, words
from tidemill.core.record import AUDIT, EVENTS, Entry, NewEntry, Put
from tidemill.core.retention import DAY, Keep
from tidemill.core.unique import unrejected
from tidemill.engines.protocol import Engine
from tidemill.events.relay import decode
from tidemill.events.subscription import KIND, Subscription, check_own_name, check_pattern
from tidemill.tasks.charter import chartered
from tidemill.tasks.codec import RESULT_LIMIT, check_size, to_json
from tidemill.tasks.options import template_fields

K = TypeVar("K")

_NO_EVENT: Final = Event(0, 0, "nothing", "", "", None)
"""Stands for the event in the call that is stored for a handler."""

_PAGE: Final = 500
"""Events that are looked at in one step."""

SOONEST: Final[Millis] = 3_600_000
"""An event is kept so long at least."""

_SLICE: Final = 1_000
_FOR_GOOD: Final[Millis] = 36_500 * DAY


class EventPage(Struct, frozen=True):
    """Events, newest first; see `Found` for the cursor."""

    events: tuple[Event, ...]
    cursor: int | None


class Events:
    """The events of one application; every verb comes with an `a` before it for async code."""

    def __init__(self, client: Client) -> None:
        """Speak through this client."""
        self._client = client
        self._declared: dict[str, tuple[str, Task[[Event], Any]]] = {}

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
            PayloadTooLarge: it is more than 1 MiB of JSON.
            NotPermitted: code of a module says it, which may not emit such an event.
            InvalidArguments: the payload is not what a schema says of it, see `schema`.

        Example:
            >>> app.events.emit("invoice.paid", {"id": 7})  # doctest: +SKIP
        """
        check_own_name(name)
        if (charter := chartered.get()) is not None:
            charter.check_emit(name)
        owner = self._client.whose(tenant)
        said = source and check_key("source", source)
        encoded = _encoded(name, payload)
        self._client.schemas.check(name, encoded)
        entry = NewEntry(name, encoded, owner, said)
        engine = yield from self._client.store.engine()
        if not engine.traits.shared:
            # Nobody else can have stored the handlers, and they are to hear of the first event.
            yield from self._publish(engine)
        audit = self._client.audit("events.emit", name, given={"source": said} if said else {})
        return (yield from ask(engine.records.append(EVENTS, [entry], tx=tx, audit=audit)))

    aemit = awaiting(emit)

    @blocking
    def recent(self, count: int = 25, *, pattern: str = "**") -> Steps[list[Event]]:
        """The newest events of a pattern, newest first, however far back they lie."""
        check_pattern(pattern)
        whose = self._client.asks_about(None) if self._client.confined else None
        engine = yield from self._client.store.engine()
        found: list[Entry] = []
        cursor = None
        while len(found) < count:
            part = yield from newest(
                engine,
                EVENTS,
                lambda entry: matches(pattern, entry.topic),
                limit=count - len(found),
                cursor=cursor,
                tenant=whose,
            )
            found += part.entries
            if (cursor := part.cursor) is None:
                break
        return [event_of(entry) for entry in found]

    arecent = awaiting(recent)

    @blocking
    def read(self, after: int = 0, *, limit: int = 100, pattern: str = "**") -> Steps[list[Event]]:
        """Events behind a position, oldest first; go on from the last one's position.

        Raises:
            InvalidName: no pattern for events.
            InvalidArguments: no position that there could be.
        """
        check_pattern(pattern)
        check_position(after)
        tenant = self._client.asks_about(None) if self._client.confined else None
        engine = yield from self._client.store.engine()
        found: list[Event] = []
        while len(found) < limit:
            entries = yield from ask(
                engine.records.read(EVENTS, after=after, limit=_PAGE, tenant=tenant)
            )
            found += [event_of(entry) for entry in _of(entries, pattern)]
            if len(entries) < _PAGE:
                break
            after = entries[-1].position
        return found[:limit]

    aread = awaiting(read)

    @blocking
    def page(
        self,
        pattern: str = "**",
        *,
        source: str | None = None,
        tenant: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        cursor: int | None = None,
        limit: int = 25,
    ) -> Steps[EventPage]:
        """One page of the events that are meant, newest first, and where the next one begins.

        Args:
            pattern: dotted words; `*` is one word, `**` any number.
            source: said by this.
            tenant: of this tenant, `""` of none; `None`: of any, or of the application's.
            since: at or after.
            until: before.
            cursor: where the page before ended.
            limit: so many at most.

        Raises:
            InvalidName: no pattern for events.
            InvalidOption: a moment without a time zone.
        """
        check_pattern(pattern)
        first = None if since is None else from_datetime(since)
        end = None if until is None else from_datetime(until)

        def means(entry: Entry) -> bool:
            return (
                matches(pattern, entry.topic)
                and source in (None, entry.source)
                and (first is None or entry.at >= first)
                and (end is None or entry.at < end)
            )

        whose = self._client.asks_about(tenant)
        engine = yield from self._client.store.engine()
        found = yield from newest(engine, EVENTS, means, limit=limit, cursor=cursor, tenant=whose)
        return EventPage(tuple(map(event_of, found.entries)), found.cursor)

    apage = awaiting(page)

    @blocking
    def statistics(
        self, since: datetime, *, pattern: str = "**", tenant: str | None = None
    ) -> Steps[EventFigures]:
        """Count the events since a moment, by name, by source and by the minute.

        Of more than twenty thousand the newest are counted, and the answer says so.

        Raises:
            InvalidName: no pattern for events.
            InvalidOption: a moment without a time zone.
        """
        check_pattern(pattern)
        first = from_datetime(since)
        whose = self._client.asks_about(tenant)
        engine = yield from self._client.store.engine()
        found, whole = yield from entries_since(engine, first, whose)
        meant = [entry for entry in found if matches(pattern, entry.topic)]
        return count_up(meant, first, whole=whole)

    astatistics = awaiting(statistics)

    @blocking
    def clean(self, older_than: Duration) -> Steps[int]:
        """Delete events, and what jobs said, from longer ago than this; answer how many lines.

        Raises:
            InvalidOption: less than an hour, in which a handler may not have been told yet.
        """
        age = millis(older_than)
        if age < SOONEST:
            raise InvalidOption(
                f"older_than={older_than!r} is too soon",
                hint=f"at least {words(SOONEST)}: handlers have to be told first",
            )
        keep = Keep(completed=_FOR_GOOD, failed=_FOR_GOOD, cancelled=_FOR_GOOD, entries=age)
        audit = self._client.audit("events.clean", given={"older_than": age})
        engine = yield from self._client.store.engine()
        if audit:
            yield from ask(engine.records.append(AUDIT, audit))
        count = 0
        while True:
            pruned = yield from ask(engine.jobs.prune(keep, _SLICE))
            count += pruned.entries
            if not pruned.more:
                return count

    aclean = awaiting(clean)

    @blocking
    def subscriptions(self) -> Steps[list[Subscription]]:
        """The tasks that run for events, by name."""
        engine = yield from self._client.store.engine()
        return [decode(record.doc) for record in (yield from ask(engine.records.find(KIND)))]

    asubscriptions = awaiting(subscriptions)

    def schema(self, pattern: str) -> Callable[[K], K]:
        """Say what the payloads of events are, as `@app.events.schema("invoice.paid")` on a type.

        Whoever emits such an event through this application gives what can be read as that type;
        handlers and readers get plain JSON values, as ever.

        Args:
            pattern: of the names of the events; where several mean one, all of them hold.

        Raises:
            InvalidName: the pattern is none.
            InvalidOption: no type for JSON, or another one is said of the same pattern.

        Example:
            >>> from tidemill import Tidemill
            >>> app = Tidemill("memory://")
            >>> @app.events.schema("invoice.paid")
            ... class InvoicePaid(msgspec.Struct):
            ...     id: int
            >>> app.events.emit("invoice.paid", {"id": 7}) > 0
            True
        """

        def declare(kind: K) -> K:
            self._client.schemas.declare(pattern, kind)
            return kind

        return declare

    def schemas(self) -> dict[str, dict[str, Any]]:
        """What payloads have to be, as JSON Schema by pattern."""
        return {each.pattern: each.document() for each in self._client.schemas}

    def subscribe(self, pattern: str, task: Task[[Event], Any]) -> None:
        """Say in code that a task handles events, as `@app.on(pattern)` does.

        Its times are counted from each event. Every event is another argument, so that a unique
        key which is made of the arguments keeps no two jobs apart and is left out.

        Raises:
            InvalidName: the pattern is none.
            InvalidOption: the task does not take one argument, `event`, or handles other events.
        """
        check_pattern(pattern)
        make_handler(task)
        other, before = self._declared.get(task.name, (pattern, task))
        if other != pattern and before.declaration is task.declaration:
            raise InvalidOption(
                f"{task.name} handles the events {other} already",
                hint=f"give {pattern} a handler of its own, which may call this one",
            )
        self._declared[task.name] = (pattern, task)

    @blocking
    def publish(self) -> Steps[None]:
        """Store the subscriptions declared in code; a new one begins with the next event.

        Raises:
            InvalidOption: a handler's key is to be made of the event.
        """
        yield from self._publish((yield from self._client.store.engine()))

    apublish = awaiting(publish)

    def _publish(self, engine: Engine) -> Steps[None]:
        for name, (pattern, task) in self._declared.items():
            wanted = self._subscription(name, pattern, task.bind(_NO_EVENT))
            yield from self._publish_one(engine, wanted)

    def _subscription(self, name: str, pattern: str, call: Bound[Any]) -> Subscription:
        """What is stored of a handler, as if it had handed over nothing yet."""
        wishes, options = call.terms.wishes, call.terms.declaration.options
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
        return Subscription(
            name=name, pattern=pattern, job=job, delay=wishes.delay, expires=call.terms.expires
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
    what = f"payload of event {name}"
    return check_size(to_json(payload, what), RESULT_LIMIT, what)


def _of(entries: tuple[Entry, ...], pattern: str) -> Iterator[Entry]:
    return (entry for entry in entries if matches(pattern, entry.topic))


def event_of(entry: Entry) -> Event:
    """An entry of the log of events as whoever asks gets it."""
    payload = msgspec.json.decode(entry.data)
    return Event(entry.position, entry.at, entry.topic, entry.tenant, entry.source, payload)


def make_handler(task: Task[[Event], Any]) -> None:
    """Have a task be given events, whether its argument is annotated or not.

    Raises:
        InvalidOption: it does not take one argument, `event`.
    """
    function = task.declaration.function
    if list(signature(function).parameters) != ["event"]:
        raise InvalidOption(
            f"{task.name} cannot handle events", hint="write: def handler(event: Event)"
        )
    # Arguments are read by their annotations; this one needs none to be known.
    function.__annotations__.setdefault("event", Event)
