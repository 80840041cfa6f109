"""Telling people: who is told of which step of a ticket, by what, in which words; and once."""

from datetime import UTC, datetime
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, insert, select, update

from examples.property.tables import NOTICES, PEOPLE, UNITS, Books
from examples.property.tickets import Ticket, Tickets
from tidemill import current
from tidemill.loops.clock import Clock

ZONE: Final = ZoneInfo("Australia/Sydney")

TRADES: Final = {
    "plumbing": ("leak", "tap", "toilet", "drain", "hot water", "sink", "shower"),
    "electrical": ("light", "power", "switch", "oven", "alarm", "fuse"),
    "locks": ("lock", "key", "door", "gate"),
    "heating": ("heating", "air conditioning", "thermostat"),
    "painting": ("paint", "crack", "mould"),
}
"""What a ticket is about, by what is said in it."""

GENERAL: Final = "general"


class Line(NamedTuple):
    """Who is told of an event.

    Attributes:
        who: `resident`, `owner`, `contractor`, `trade` (all contractors of it) or `manager`.
        channel: `email`, `sms` or `push`; push reaches only those who have a device.
        words: what they are told.
    """

    who: str
    channel: str
    words: str


LINES: Final[dict[str, tuple[Line, ...]]] = {
    "ticket.created": (
        Line("resident", "sms", "We have your request and are looking for somebody to mend it."),
        Line("manager", "email", "A new request: {title} ({urgency}), unit {unit}."),
        Line("trade", "email", "Please quote for: {title}, unit {unit}."),
    ),
    "ticket.quoted": (
        Line("owner", "email", "{contractor} would mend it for {price}. Please approve."),
    ),
    "ticket.approved": (
        Line("contractor", "email", "The owner agrees to {price}. Please name a time."),
    ),
    "ticket.assigned": (
        Line("resident", "email", "{contractor} comes on {when}."),
        Line("resident", "sms", "{contractor} comes on {when}."),
        Line("contractor", "sms", "You are expected at unit {unit} on {when}."),
    ),
    "ticket.appointment-start": (
        Line("resident", "push", "{contractor} is on the way."),
        Line("contractor", "push", "Your appointment at unit {unit} begins."),
    ),
    "ticket.completed": (
        Line("resident", "email", "It is mended. Tell us if it is not."),
        Line("owner", "email", "{title} is mended, for {price}."),
    ),
    "ticket.cancelled": (Line("resident", "email", "Your request was cancelled."),),
}


class Telling:
    """Writes down who is to be told, and marks who was."""

    def __init__(self, books: Books, tickets: Tickets, clock: Clock) -> None:
        """Look people up here."""
        self._books = books
        self._tickets = tickets
        self._clock = clock

    def prepare(self, event: str, step: int, reference: str) -> list[str]:
        """Write the notices of one step of a ticket; the keys of those that are not sent yet.

        Asked again, it writes none anew: a notice is known by its step, its person and its channel.
        """
        ticket = self._tickets.get(reference)
        keys = []
        with self._books.begin() as tx:
            for line in LINES.get(event, ()):
                for person in self._meant(tx, line.who, ticket):
                    if line.channel == "push" and not person.device:
                        continue
                    key = f"{reference}-{step}-{person.id}-{line.channel}"
                    if self._keep(tx, key, ticket, person, line):
                        keys.append(key)
        return keys

    def triage(self, reference: str) -> str:
        """Say which trade a ticket is for, by what is written in it."""
        ticket = self._tickets.get(reference)
        written = f"{ticket.title} {ticket.description}".lower()
        found = (trade for trade, words in TRADES.items() if any(each in written for each in words))
        trade = next(found, GENERAL)
        self._tickets.triage(reference, trade)
        return trade

    async def send(self, key: str) -> str:
        """Tell somebody of what a notice says, in a running job; what came of it.

        Raises:
            Undeliverable: nobody takes it, and nobody ever will.
            ServiceError: it was not taken now.
        """
        with self._books.look() as tx:
            meant = select(NOTICES, PEOPLE).join(PEOPLE, PEOPLE.c.id == NOTICES.c.person)
            row = tx.execute(meant.where(NOTICES.c.key == key)).one()
        if row.sent_at is not None:
            return "sent before"
        to = {"email": row.email, "sms": row.phone, "push": row.device}[row.channel]
        notifications = current().services["notifications"]
        report = await notifications.send(row.channel, to, row.subject, row.body)
        for failure in report.failures:
            if failure.error.startswith("5"):
                raise Undeliverable(f"{to} cannot be reached by {row.channel}: {failure.error}")
        report.raise_for_failures()
        with self._books.begin() as tx:
            sent = update(NOTICES).where(NOTICES.c.key == key)
            tx.execute(sent.values(sent_at=self._clock.now()))
        return f"sent by {row.channel}"

    def _keep(self, tx: Connection, key: str, ticket: Ticket, person: Any, line: Line) -> bool:
        """Write a notice, if it is new; whether it is still to be sent."""
        known = tx.execute(select(NOTICES.c.sent_at).where(NOTICES.c.key == key)).one_or_none()
        if known is not None:
            return known.sent_at is None
        row = {
            "key": key,
            "ticket": int(ticket.reference.partition("-")[2]),
            "person": person.id,
            "channel": line.channel,
            "subject": f"{ticket.reference}: {ticket.title}",
            "body": f"Hello {person.name.split()[0]},\n\n{self._words(tx, ticket, line.words)}\n",
        }
        tx.execute(insert(NOTICES).values(**row))
        return True

    def _words(self, tx: Connection, ticket: Ticket, words: str) -> str:
        unit = tx.execute(select(UNITS.c.number).where(UNITS.c.id == ticket.unit)).scalar_one()
        named = select(PEOPLE.c.name).where(PEOPLE.c.id == ticket.contractor)
        contractor = tx.execute(named).scalar_one_or_none() or "Somebody"
        at = ticket.appointment_at
        when = "" if at is None else datetime.fromtimestamp(at / 1_000, UTC).astimezone(ZONE)
        return words.format(
            title=ticket.title,
            urgency=ticket.urgency,
            unit=unit,
            contractor=contractor,
            price=f"${(ticket.quote_cents or 0) / 100:,.2f}",
            when=when and f"{when:%A %d %B, %H:%M}",
        )

    def _meant(self, tx: Connection, who: str, ticket: Ticket) -> list[Any]:
        """The people that a line means."""
        unit = tx.execute(select(UNITS).where(UNITS.c.id == ticket.unit)).one()
        meant = select(PEOPLE).order_by(PEOPLE.c.id)
        match who:
            case "resident" | "owner":
                meant = meant.where(PEOPLE.c.id == getattr(unit, who))
            case "contractor":
                meant = meant.where(PEOPLE.c.id == ticket.contractor)
            case "trade":
                meant = meant.where(PEOPLE.c.part == "contractor", PEOPLE.c.trade == ticket.trade)
            case _:
                meant = meant.where(PEOPLE.c.part == "manager")
        return list(tx.execute(meant).all())


class Undeliverable(Exception):
    """Somebody cannot be told, and trying again will not help."""
