"""Two organisations with two years behind them, made of a fixed seed: always the same."""

import random
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import select

from examples.hse.tables import (
    AUDITS,
    CONTRACTORS,
    INCIDENTS,
    MEMBERS,
    ORGANISATIONS,
    PERMITS,
    ROLES,
    STATIONS,
    Books,
    Row,
)
from examples.hse.words import MAY, tenant_of

ORGANISED: Final = (("harbour", "Harbour Terminals"), ("ranges", "Ranges Timber"))

_DAYS: Final = 730
_KINDS: Final = ("depot", "workshop", "office", "quay", "mill", "store")
_STREETS: Final = ("Quay Road", "Mill Lane", "Station Street", "Wattle Avenue", "Ridge Track")
_FIRST: Final = ("Amara", "Ben", "Chiara", "Dev", "Esther", "Finn", "Grace", "Hamid", "Isla", "Jun")
_LAST: Final = ("Okafor", "Walsh", "Rossi", "Patel", "Nguyen", "Moore", "Haddad", "Kim", "Larsen")
_TRADES: Final = ("electrical", "scaffolding", "plumbing", "welding", "cranes", "cleaning")
_FIRMS: Final = ("Beacon", "Redgum", "Northside", "Tidewater", "Summit", "Anvil", "Clearview")
_AUDITED: Final = (
    "Fire safety", "Working at height", "Chemical storage", "Forklifts", "First aid", "Noise",
)  # fmt: skip
_HAPPENED: Final = (
    ("Slip on a wet floor", "minor"),
    ("Near miss with a forklift", "minor"),
    ("Cut by a saw", "serious"),
    ("Diesel spilt at the bowser", "serious"),
    ("Load dropped from a crane", "critical"),
    ("Dust in the eye", "minor"),
    ("Scaffold found without ties", "serious"),
)
_WORK: Final = (
    "hot work", "confined space", "working at height", "excavation", "electrical isolation",
)  # fmt: skip

SIZES: Final = {"stations": 6, "users": 14, "contractors": 9}
"""So many of each has an organisation; of what happened there is more, and not everywhere alike."""


def fill(books: Books, today: date, system: str) -> None:
    """Have two organisations; safe twice."""
    if books.rows(select(ORGANISATIONS.c.id)):
        return
    for number, (slug, name) in enumerate(ORGANISED):
        dice = random.Random(f"{slug}/{number}")  # noqa: S311 - makes data, guards nothing
        tenant = tenant_of(system, slug)
        _organise(books, dice, {"slug": slug, "name": name, "tenant": tenant}, today)


def _organise(books: Books, dice: random.Random, who: dict[str, str], today: date) -> None:
    books.add(ORGANISATIONS, [{**who, "plan": "standard", "created_at": 0}])
    whose = {"organisation": books.organisation(who["tenant"])["id"]}
    books.add(ROLES, [{**whose, "name": role, "may": may} for role, may in MAY.items()])
    books.add(STATIONS, [{**whose, **each} for each in _stations(dice, today)])
    books.add(CONTRACTORS, [{**whose, **each} for each in _contractors(dice, today)])
    stations, contractors = (
        [row["id"] for row in books.rows(select(table.c.id).where(table.c.organisation == mine))]
        for table, mine in ((STATIONS, whose["organisation"]), (CONTRACTORS, whose["organisation"]))
    )
    books.add(MEMBERS, [{**whose, **each} for each in _members(dice, who["slug"], stations)])
    books.add(AUDITS, [{**whose, **each} for each in _audits(dice, stations, today)])
    books.add(INCIDENTS, [{**whose, **each} for each in _incidents(dice, stations, today)])
    books.add(PERMITS, [{**whose, **each} for each in _permits(dice, stations, contractors, today)])


def incident(dice: random.Random, station: int, number: int, on: date) -> dict[str, Any]:
    """Something that has happened at a station."""
    title, severity = dice.choice(_HAPPENED)
    return {
        "station": station,
        "reference": f"INC-{number:04}",
        "title": title,
        "severity": severity,
        "status": dice.choice(("open", "investigated", "closed")),
        "occurred_on": on,
        "injured": int(severity != "minor" and dice.random() < 0.4),
    }


def _stations(dice: random.Random, today: date) -> list[Row]:
    kinds = dice.sample(_KINDS, SIZES["stations"])
    return [
        {
            "name": f"{dice.choice(_FIRMS)} {kind}",
            "kind": kind,
            "address": f"{dice.randrange(1, 99)} {dice.choice(_STREETS)}",
            "opened_on": today - timedelta(days=dice.randrange(800, 9_000)),
        }
        for kind in kinds
    ]


def _contractors(dice: random.Random, today: date) -> list[Row]:
    return [
        {
            "name": f"{dice.choice(_FIRMS)} {trade.title()}",
            "trade": trade,
            "licence": f"L-{dice.randrange(10_000, 99_999)}",
            # Some are out of date, as a compliance report is to find.
            "insured_until": today + timedelta(days=dice.randrange(-60, 400)),
        }
        for trade in (dice.choice(_TRADES) for _ in range(SIZES["contractors"]))
    ]


def _members(dice: random.Random, slug: str, stations: Sequence[int]) -> list[Row]:
    names = dice.sample([f"{a} {b}" for a in _FIRST for b in _LAST], SIZES["users"])
    return [
        {
            "name": name,
            "email": f"{name.lower().replace(' ', '.')}@{slug}.example",
            "role": ("Admin", "Manager", "Manager")[place] if place < 3 else "User",
            "station": dice.choice(stations),
            "created_at": 0,
        }
        for place, name in enumerate(names)
    ]


def _audits(dice: random.Random, stations: Sequence[int], today: date) -> list[Row]:
    rows: list[Row] = []
    for _ in range(dice.randrange(60, 90)):
        days = dice.randrange(-30, _DAYS)
        held = days > 0
        rows.append({
            "station": dice.choice(stations),
            "title": dice.choice(_AUDITED),
            "auditor": f"{dice.choice(_FIRST)} {dice.choice(_LAST)}",
            "status": dice.choice(("completed", "completed", "draft")) if held else "planned",
            "held_on": today - timedelta(days=days),
            "score": round(dice.triangular(55, 100, 88), 1) if held else None,
            "findings": dice.choice((0, 0, 1, 2, 4)) if held else 0,
        })  # fmt: skip
    return rows


def _incidents(dice: random.Random, stations: Sequence[int], today: date) -> list[Row]:
    number = dice.randrange(40, 60)
    days = sorted((dice.randrange(_DAYS) for _ in range(number)), reverse=True)
    return [
        incident(dice, dice.choice(stations), place, today - timedelta(days=ago))
        for place, ago in enumerate(days, 1)
    ]


def _permits(
    dice: random.Random, stations: Sequence[int], contractors: Sequence[int], today: date
) -> list[Row]:
    rows: list[Row] = []
    for _ in range(dice.randrange(70, 100)):
        begins = today - timedelta(days=dice.randrange(-20, _DAYS))
        ends = begins + timedelta(days=dice.randrange(1, 30))
        rows.append({
            "station": dice.choice(stations),
            "contractor": dice.choice(contractors),
            "work": dice.choice(_WORK),
            "status": "expired" if ends < today else dice.choice(("active", "pending")),
            "valid_from": begins,
            "valid_until": ends,
        })  # fmt: skip
    return rows
