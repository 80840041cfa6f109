"""What goes on: weeks of tickets, and a little of each day at a time, for whoever looks on."""

import random
from collections.abc import Iterator
from typing import Final

from sqlalchemy import select

from examples.property.office import Office
from examples.property.sample import BROKEN, fill
from examples.property.tables import PEOPLE, UNITS
from examples.property.tickets import Ticket
from tidemill import errors

HISTORY: Final = 24
"""Tickets of the weeks before."""

_NEW: Final = 0.4
"""Share of ticks that bring a new ticket."""
_SOON: Final = 20_000
"""Milliseconds until an appointment begins: whoever looks on should see it."""


def seed(office: Office, tickets: int = HISTORY) -> None:
    """Have people, and tickets at every point of their life; safe twice."""
    fill(office.books)
    if office.tickets.find(limit=1):
        return
    dice = random.Random(5)  # noqa: S311 - makes tickets, guards nothing
    for number in range(tickets):
        ticket = _create(office, dice)
        for _ in range(number % 4):
            ticket = _on(office, ticket, dice)


def tick(office: Office, number: int) -> None:
    """Somebody says that something is broken, and some tickets go one step on.

    Args:
        number: counts up; the same number is the same dice.
    """
    dice = random.Random(f"property/{number}")  # noqa: S311 - as above
    if dice.random() < _NEW:
        _create(office, dice)
    found = list(_open(office))
    for ticket in dice.sample(found, min(2, len(found))):
        _on(office, ticket, dice)


def _open(office: Office) -> Iterator[Ticket]:
    for status in ("created", "quoted", "approved", "in-progress"):
        yield from office.tickets.find(status, 20)


def _create(office: Office, dice: random.Random) -> Ticket:
    with office.books.look() as tx:
        units = tx.execute(select(UNITS.c.id)).scalars().all()
    title, words, urgency = dice.choice(BROKEN)
    return office.tickets.create(dice.choice(units), title, words, urgency)


def _on(office: Office, ticket: Ticket, dice: random.Random) -> Ticket:
    """A ticket, one step on; where somebody was faster it stays."""
    tickets, reference = office.tickets, ticket.reference
    with office.books.look() as tx:
        able = select(PEOPLE.c.id).where(PEOPLE.c.part == "contractor")
        contractors = tx.execute(able).scalars().all()
    try:
        match ticket.status:
            case "created":
                cents = dice.randrange(8_000, 90_000, 500)
                return tickets.quote(reference, dice.choice(contractors), cents)
            case "quoted":
                return tickets.approve(reference)
            case "approved":
                now = office.app.store.clock.now()
                return tickets.assign(reference, now + _SOON)
            case "in-progress":
                return tickets.complete(reference, "Done, and tidied up.")
            case _:
                return ticket
    except errors.StateError:
        return ticket
