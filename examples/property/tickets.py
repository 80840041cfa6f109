"""Tickets: what is broken, who mends it, for how much and when; each step is told of."""

from typing import Any, Final

from msgspec import Struct
from sqlalchemy import Connection, insert, select, update

from examples.property.spool import Spool
from examples.property.tables import PEOPLE, STEPS, TICKETS, UNITS, Books
from examples.property.words import SYSTEM, URGENCIES
from tidemill import errors
from tidemill.access.audit import Scribe
from tidemill.loops.clock import Clock

APPOINTMENT: Final = f"{SYSTEM}.appointment-start"
"""The task that begins an appointment at its time."""

AFTER: Final = {
    "quoted": ("created", "quoted"),
    "approved": ("quoted",),
    "assigned": ("approved", "assigned"),
    "in-progress": ("assigned",),
    "completed": ("in-progress",),
    "cancelled": ("created", "quoted", "approved", "assigned"),
}
"""Each status, and those that it may follow."""

EVENTS: Final = {"in-progress": "ticket.appointment-start"}
"""The event of a status, where that is not called as the status is."""


class Ticket(Struct, frozen=True, kw_only=True):
    """Something that is to be mended.

    Attributes:
        reference: as people write it.
        appointment_at: when somebody comes, milliseconds UTC.
    """

    reference: str
    unit: int
    title: str
    description: str
    trade: str | None
    urgency: str
    status: str
    contractor: int | None
    quote_cents: int | None
    appointment_at: int | None
    created_at: int


class Tickets:
    """The life of tickets: created, quoted, approved, assigned, begun at its appointment, done."""

    def __init__(self, books: Books, spool: Spool, clock: Clock, by: Scribe | None = None) -> None:
        """Keep them in this database, and have the store told of their steps.

        Args:
            books: the database.
            spool: tells the store.
            clock: the time that it goes by.
            by: who asks, which the audit log tells of each step; `None`: nobody in particular.
        """
        self._books = books
        self._spool = spool
        self._clock = clock
        self._by = by

    def asked_by(self, scribe: Scribe) -> "Tickets":
        """The same, for somebody."""
        return Tickets(self._books, self._spool, self._clock, scribe)

    def create(
        self, unit: int, title: str, description: str = "", urgency: str = "routine"
    ) -> Ticket:
        """Somebody says that something is broken.

        Raises:
            NotFound: there is no such unit.
            InvalidArguments: an urgency that is none, or no title.
        """
        if urgency not in URGENCIES or not title.strip():
            raise errors.InvalidArguments(
                "a ticket has a title and an urgency", hint=f"of {', '.join(URGENCIES)}"
            )
        with self._books.begin() as tx:
            if tx.execute(select(UNITS.c.id).where(UNITS.c.id == unit)).one_or_none() is None:
                raise errors.NotFound(f"there is no unit {unit}")
            row = {"unit": unit, "title": title.strip(), "description": description}
            row |= {"urgency": urgency, "status": "created", "created_at": self._clock.now()}
            made = tx.execute(insert(TICKETS).values(**row)).inserted_primary_key
            assert made is not None
            ticket = self._ticket(tx, made[0])
            self._told(tx, made[0], ticket, "")
        self._spool.flush()
        return ticket

    def quote(self, reference: str, contractor: int, cents: int) -> Ticket:
        """A contractor says what it would cost.

        Raises:
            NotFound: there is no such ticket, or no such contractor.
            StateError: it is too late for that.
        """
        said = f"{cents / 100:.2f}"
        return self._step(
            reference, "quoted", said, contractor=self._contractor(contractor), quote_cents=cents
        )

    def approve(self, reference: str, note: str = "") -> Ticket:
        """The owner agrees to the quote."""
        return self._step(reference, "approved", note)

    def assign(self, reference: str, at: int, contractor: int | None = None) -> Ticket:
        """A contractor will come at a moment; said again, at another one.

        Raises:
            NotFound: there is no such ticket, or no such contractor.
            StateError: it is not approved, or done already.
            InvalidArguments: the moment is over.
        """
        if at <= self._clock.now():
            raise errors.InvalidArguments("an appointment lies ahead", hint="name a later moment")
        changes: dict[str, Any] = {"appointment_at": at}
        if contractor is not None:
            changes["contractor"] = self._contractor(contractor)
        return self._step(reference, "assigned", "", **changes)

    def start(self, reference: str) -> Ticket:
        """The appointment begins."""
        return self._step(reference, "in-progress", "")

    def complete(self, reference: str, note: str = "") -> Ticket:
        """It is mended."""
        return self._step(reference, "completed", note)

    def cancel(self, reference: str, note: str = "") -> Ticket:
        """It need not be mended after all."""
        return self._step(reference, "cancelled", note)

    def get(self, reference: str) -> Ticket:
        """One ticket.

        Raises:
            NotFound: there is none of this reference.
        """
        with self._books.look() as tx:
            return self._ticket(tx, _number(reference))

    def find(self, status: str = "", limit: int = 100) -> list[Ticket]:
        """Tickets, the newest first."""
        meant = select(TICKETS).order_by(TICKETS.c.id.desc()).limit(limit)
        if status:
            meant = meant.where(TICKETS.c.status == status)
        with self._books.look() as tx:
            return [_of_row(row._mapping) for row in tx.execute(meant)]  # noqa: SLF001 - its name there

    def steps(self, reference: str) -> list[tuple[str, str, int]]:
        """What became of a ticket: each status, what was said, and when."""
        meant = select(STEPS.c.status, STEPS.c.note, STEPS.c.at).order_by(STEPS.c.id)
        with self._books.look() as tx:
            rows = tx.execute(meant.where(STEPS.c.ticket == _number(reference)))
            return [(row.status, row.note, row.at) for row in rows]

    def triage(self, reference: str, trade: str) -> None:
        """Say which trade a ticket is for."""
        with self._books.begin() as tx:
            tx.execute(
                update(TICKETS).where(TICKETS.c.id == _number(reference)).values(trade=trade)
            )

    def _step(self, reference: str, status: str, note: str, **changes: Any) -> Ticket:
        number = _number(reference)
        with self._books.begin() as tx:
            before = self._ticket(tx, number)
            # Said of the row as it is when it is written: of two at once, one comes too late.
            met = tx.execute(
                update(TICKETS)
                .where(TICKETS.c.id == number, TICKETS.c.status.in_(AFTER[status]))
                .values(status=status, **changes)
            )
            if not met.rowcount:
                raise errors.StateError(
                    f"ticket {reference} is {before.status}, so it cannot be {status}",
                    hint=f"that follows {' or '.join(AFTER[status])}",
                )
            ticket = self._ticket(tx, number)
            self._told(tx, number, ticket, note)
        self._spool.flush()
        return ticket

    def _told(self, tx: Connection, number: int, ticket: Ticket, note: str) -> None:
        """Note a step, and have the store told of it."""
        row = {"ticket": number, "status": ticket.status, "note": note, "at": self._clock.now()}
        step = tx.execute(insert(STEPS).values(**row)).inserted_primary_key
        assert step is not None
        payload = {
            "ticket": ticket.reference,
            "step": step[0],
            "status": ticket.status,
            "urgency": ticket.urgency,
        }
        name = EVENTS.get(ticket.status, f"ticket.{ticket.status}")
        self._spool.emit(tx, name, payload, self._by)
        if ticket.status == "assigned":
            self._spool.enqueue(
                tx,
                APPOINTMENT,
                {"reference": ticket.reference},
                ticket.appointment_at,
                key=f"appointment-start-{ticket.reference}",
            )

    def _contractor(self, id_: int) -> int:
        with self._books.look() as tx:
            meant = select(PEOPLE.c.id).where(PEOPLE.c.id == id_, PEOPLE.c.part == "contractor")
            if tx.execute(meant).one_or_none() is None:
                raise errors.NotFound(f"there is no contractor {id_}")
        return id_

    def _ticket(self, tx: Connection, number: int) -> Ticket:
        row = tx.execute(select(TICKETS).where(TICKETS.c.id == number)).one_or_none()
        if row is None:
            raise errors.NotFound(f"there is no ticket {_reference(number)}")
        return _of_row(row._mapping)  # noqa: SLF001 - as above


def _of_row(row: Any) -> Ticket:
    told = dict(row)
    return Ticket(reference=_reference(told.pop("id")), **told)


def _reference(number: int) -> str:
    return f"T-{number:05d}"


def _number(reference: str) -> int:
    """The number in a reference.

    Raises:
        NotFound: it is none.
    """
    mark, _, digits = reference.partition("-")
    if mark != "T" or not digits.isascii() or not digits.isdecimal() or len(digits) > 9:
        raise errors.NotFound(f"there is no ticket {reference[:40]!r}")
    return int(digits)
