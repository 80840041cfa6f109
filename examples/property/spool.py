"""The spool: what the store of jobs is to be told, kept in the application's own database first.

A ticket changes whether or not the store is there. What follows from the change is written with it,
in one transaction, and told to the store at once, or as soon as it is back: nothing is lost, nobody
has to wait, and it is said that it waits.
"""

import json
import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, delete, func, insert, select

from examples.property.tables import SPOOL, Books
from tidemill import Tidemill, errors
from tidemill.access.audit import Scribe
from tidemill.client.events import Events

EVENT: Final = "event"
JOB: Final = "job"

_log: Final = logging.getLogger("property")


class Spool:
    """Tells the store what stands in the table, in its order.

    One thread of a process tells at a time. A process that dies between telling and striking out
    tells it again: a job has a key, and who hears of an event twice does no more than if it were
    once.
    """

    def __init__(self, app: Tidemill, books: Books, now: Callable[[], int]) -> None:
        """Tell the store of this application."""
        self._app = app
        self._books = books
        self._now = now
        self._telling = threading.Lock()

    def emit(
        self, tx: Connection, name: str, payload: dict[str, Any], by: Scribe | None = None
    ) -> None:
        """Note, with what it is about, that something happened.

        Args:
            tx: in which it did.
            name: of the event.
            payload: of the event.
            by: who has brought it about, which the audit log will tell; `None`: it came by itself.
        """
        self._note(tx, EVENT, name, {"payload": payload, "by": msgspec.to_builtins(by)})

    def enqueue(
        self, tx: Connection, task: str, arguments: dict[str, Any], at: int | None, key: str
    ) -> None:
        """Note, with what it is about, that a job is to be done, one for a key."""
        self._note(tx, JOB, task, {"arguments": arguments, "at": at, "key": key})

    def waiting(self) -> int:
        """How much is still to be told."""
        with self._books.look() as tx:
            return int(tx.execute(select(func.count()).select_from(SPOOL)).scalar_one())

    def flush(self) -> int:
        """Tell the store what there is to tell; how much that was."""
        with self._telling:
            return self._flush()

    def _flush(self) -> int:
        told = 0
        while True:
            with self._books.look() as tx:
                first = tx.execute(select(SPOOL).order_by(SPOOL.c.id).limit(1)).one_or_none()
            if first is None:
                return told
            try:
                self._tell(first.what, first.name, json.loads(first.told))
            except errors.StoreError as error:
                waiting = self.waiting()
                _log.warning(
                    "%s is logged and not processed yet, and %d more behind it, for the store of "
                    "jobs is away: %s", first.name, waiting - 1, error,
                )  # fmt: skip
                return told
            with self._books.begin() as tx:
                tx.execute(delete(SPOOL).where(SPOOL.c.id == first.id))
            told += 1

    def _tell(self, what: str, name: str, told: dict[str, Any]) -> None:
        if what == EVENT:
            self._events(told["by"]).emit(name, told["payload"], source="property")
            return
        wishes: dict[str, Any] = {"key": told["key"]}
        if told["at"] is not None:
            wishes["at"] = datetime.fromtimestamp(told["at"] / 1_000, UTC)
        self._app.enqueue(name, told["arguments"], **wishes)

    def _events(self, by: Any) -> Events:
        """What says events, in the name of whoever has brought them about."""
        if by is None:
            return self._app.events
        client = self._app.client
        return Events(client.on_behalf(client.tenant or None, msgspec.convert(by, Scribe)))

    def _note(self, tx: Connection, what: str, name: str, told: dict[str, Any]) -> None:
        row = {"what": what, "name": name, "told": json.dumps(told), "at": self._now()}
        tx.execute(insert(SPOOL).values(**row))
