"""Believable data, always the same for one seed: three buildings, who lives there, who mends."""

import random
from typing import Any, Final

from sqlalchemy import Connection, func, insert, select

from examples.property.tables import BUILDINGS, PEOPLE, UNITS, Books

FIRST: Final = (
    "Ava", "Ben", "Chloe", "Dev", "Elena", "Finn", "Gia", "Hugo", "Imogen", "Jai", "Kira", "Leo",
    "Maeve", "Nikhil", "Olive", "Petra", "Quinn", "Rosa", "Sam", "Tess", "Uma", "Viktor", "Wren",
    "Yara", "Zane",
)  # fmt: skip
LAST: Final = (
    "Abbott", "Bishop", "Costa", "Dawson", "Eriksen", "Farrell", "Gupta", "Hughes", "Ito",
    "Jansen", "Kovac", "Lambert", "Mercer", "Novak", "Okafor", "Park", "Quigley", "Reid",
)  # fmt: skip
HOUSES: Final = (
    ("The Gables", "12 Mill Lane, Newtown"),
    ("Harbour Court", "3 Wharf Road, Balmain"),
    ("Fig Tree House", "88 Denison Street, Rozelle"),
)
CONTRACTORS: Final = (
    ("plumbing", "plumbing"), ("plumbing", "drains"), ("electrical", "electrics"),
    ("locks", "locksmiths"), ("heating", "heating"), ("painting", "painters"),
    ("general", "handyman"), ("general", "repairs"),
)  # fmt: skip
UNITS_EACH: Final = 8
BROKEN: Final = (
    ("Kitchen tap leaks", "It drips day and night, and the cupboard below is wet.", "urgent"),
    ("No hot water", "Since this morning in all taps.", "emergency"),
    ("Light in the hall flickers", "A new bulb did not help.", "routine"),
    ("Front door does not lock", "The key turns, the bolt stays where it is.", "emergency"),
    ("Heating bangs at night", "In the bedroom, at about three.", "routine"),
    ("Crack in the ceiling", "A hand long, above the window.", "cosmetic"),
    ("Oven trips the fuse", "Whenever the grill is on.", "urgent"),
    ("Drain in the yard smells", "Worse after rain.", "routine"),
    ("Window handle broken", "It came off in my hand.", "routine"),
    ("Mould in the bathroom", "Around the shower; we air it every day.", "urgent"),
)
"""What goes wrong: the title, the words, how urgent it is."""


def fill(books: Books, seed: int = 11) -> None:
    """Fill a database that has nobody in it."""
    dice = random.Random(seed)  # noqa: S311 - makes people, guards nothing
    with books.begin() as tx:
        if tx.execute(select(func.count()).select_from(PEOPLE)).scalar_one():
            return
        pairs = [(first, last) for first in FIRST for last in LAST]
        names = iter(dice.sample(pairs, 100))
        _keep(tx, "manager", names, "gables.example", dice)
        for trade, domain in CONTRACTORS:
            _keep(tx, "contractor", names, f"{domain}.example", dice, trade=trade, device=True)
        owners = [_keep(tx, "owner", names, "owners.example", dice) for _ in range(6)]
        for name, address in HOUSES:
            house = tx.execute(insert(BUILDINGS).values(name=name, address=address))
            made = house.inserted_primary_key
            assert made is not None
            for number in range(1, UNITS_EACH + 1):
                resident = _keep(
                    tx, "resident", names, "mail.example", dice, device=dice.random() < 0.6
                )
                unit = {"building": made[0], "number": f"{number}", "resident": resident}
                tx.execute(insert(UNITS).values(owner=dice.choice(owners), **unit))


def _keep(
    tx: Connection, part: str, names: Any, host: str, dice: random.Random, **more: Any
) -> int:
    """Keep somebody, and answer their id."""
    first, last = next(names)
    device = f"device-{first}-{last}".lower() if more.pop("device", False) else None
    row = {
        "name": f"{first} {last}",
        "part": part,
        "email": f"{first}.{last}@{host}".lower(),
        "phone": f"+614{dice.randrange(10**8):08d}",
        "device": device,
        **more,
    }
    made = tx.execute(insert(PEOPLE).values(**row)).inserted_primary_key
    assert made is not None
    return int(made[0])
