"""Bringing over what has changed in the accounting and the training system.

Both are read in the order in which things were changed, from the last change that is known here.
How far that is stands in one transaction with the rows up to there. So a sync that is put off,
fails or dies goes on where it was, and rows that are changed while it reads are read again rather
than missed.
"""

import asyncio
import base64
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple

from sqlalchemy import Table, select

from examples.compliance_hub.standin import CLIENT, Secrets
from examples.compliance_hub.tables import (
    CONTACTS,
    ENROLMENTS,
    FEEDBACK,
    INVOICES,
    STUDENTS,
    SYNCS,
    Books,
)
from tidemill import current

_Row = Mapping[str, Any]


class Entity(NamedTuple):
    """One kind of thing that is brought over.

    Attributes:
        name: as the other system calls it.
        table: where it goes.
        changed: the field that says when it was changed.
        read: makes our row of theirs.
    """

    name: str
    table: Table
    changed: str
    read: Callable[[_Row], dict[str, Any]]


Pages = Callable[[Entity, str], AsyncIterator[list[_Row]]]
"""Asks for all that was changed since then, page by page."""


def _contact(row: _Row) -> dict[str, Any]:
    return {
        "external": row["ContactID"],
        "name": row["Name"],
        "email": row["EmailAddress"],
        "updated_at": row["UpdatedDateUTC"],
    }


def _invoice(row: _Row) -> dict[str, Any]:
    return {
        "external": row["InvoiceID"],
        "number": row["InvoiceNumber"],
        "contact": row["Contact"]["ContactID"],
        "due_on": date.fromisoformat(row["DueDate"]),
        "cents": _cents(row["Total"]),
        "paid_cents": _cents(row["AmountPaid"]),
        "status": row["Status"],
        "updated_at": row["UpdatedDateUTC"],
    }


def _student(row: _Row) -> dict[str, Any]:
    return {
        "external": row["id"],
        "name": row["name"],
        "email": row["email"],
        "updated_at": row["updatedAt"],
    }


def _enrolment(row: _Row) -> dict[str, Any]:
    return {
        "external": row["id"],
        "student": row["studentId"],
        "course": row["course"],
        "status": row["status"],
        "updated_at": row["updatedAt"],
    }


def _feedback(row: _Row) -> dict[str, Any]:
    return {
        "external": row["id"],
        "course": row["course"],
        "words": row["text"],
        "given_on": date.fromisoformat(row["givenOn"]),
    }


def _cents(amount: str) -> int:
    return int(Decimal(amount) * 100)


XERO: Final = (
    Entity("Contacts", CONTACTS, "UpdatedDateUTC", _contact),
    Entity("Invoices", INVOICES, "UpdatedDateUTC", _invoice),
)
ACCELERATE: Final = (
    Entity("students", STUDENTS, "updatedAt", _student),
    Entity("enrolments", ENROLMENTS, "updatedAt", _enrolment),
    Entity("feedback", FEEDBACK, "updatedAt", _feedback),
)


class Sync:
    """Both syncs of one hub; they run in jobs, whose service `http` they ask through."""

    def __init__(self, books: Books, url: str, known: Secrets, now: Callable[[], datetime]) -> None:
        """Ask at this URL, showing what whoever asks has to show."""
        self._books = books
        self._url = url
        self._known = known
        self._now = now

    async def xero(self) -> dict[str, int]:
        """Bring over contacts and invoices; answer how many of each."""
        http = current().services["http"]
        shown = base64.b64encode(f"{CLIENT}:{self._known.client_secret}".encode()).decode()
        answer = await http.post(
            f"{self._url}/xero/connect/token",
            data={"grant_type": "client_credentials"},
            headers={"Authorization": f"Basic {shown}"},
            repeat=True,  # a token too many does no harm
        )
        token = answer.raise_for_status().json()["access_token"]

        async def pages(entity: Entity, since: str) -> AsyncIterator[list[_Row]]:
            # Numbered pages are counted anew from the newest change that has been read, so that a
            # row which is changed meanwhile, and moves to the end, hides no other one.
            number = 1
            while True:
                answer = await http.get(
                    f"{self._url}/xero/api.xro/2.0/{entity.name}",
                    params={"page": number, "order": entity.changed},
                    headers={"Authorization": f"Bearer {token}", "If-Modified-Since": since},
                )
                rows = answer.raise_for_status().json()[entity.name]
                if not rows:
                    return
                yield rows
                newest = rows[-1][entity.changed]
                since, number = newest, number + 1 if newest == since else 1

        return await self._bring(XERO, pages)

    async def accelerate(self) -> dict[str, int]:
        """Bring over students, enrolments and new feedback; answer how many of each."""
        http = current().services["http"]

        async def pages(entity: Entity, since: str) -> AsyncIterator[list[_Row]]:
            after = ""
            while after is not None:
                answer = await http.get(
                    f"{self._url}/accelerate/v1/{entity.name}",
                    params={"updatedSince": since, "after": after},
                    headers={"X-Api-Key": self._known.api_key},
                )
                document = answer.raise_for_status().json()
                if document["data"]:
                    yield document["data"]
                after = document["next"]

        return await self._bring(ACCELERATE, pages)

    async def _bring(self, entities: tuple[Entity, ...], pages: Pages) -> dict[str, int]:
        """Every page of every entity, each stored before the next is asked for."""
        job = current()
        counts: dict[str, int] = {}
        for step, entity in enumerate(entities, 1):
            percent = 100 * (step - 1) / len(entities)
            await job.progress(percent, entity.name, step=step, of=len(entities))
            since = await asyncio.to_thread(self._since, entity)
            seen: set[str] = set()
            async for rows in pages(entity, since):
                await asyncio.to_thread(self._store, entity, rows)
                seen.update(entity.read(row)["external"] for row in rows)
            await job.log(f"{entity.name}: {len(seen)} rows changed since {since or 'ever'}")
            counts[entity.name.lower()] = len(seen)
        await job.progress(100, "done")
        return counts

    def _since(self, entity: Entity) -> str:
        with self._books.begin() as tx:
            found = tx.execute(
                select(SYNCS.c.since).where(SYNCS.c.entity == entity.name)
            ).scalar_one_or_none()
        return found or ""

    def _store(self, entity: Entity, rows: list[_Row]) -> None:
        read = [entity.read(row) for row in rows]
        reached = {
            "entity": entity.name,
            "since": rows[-1][entity.changed],
            "rows": len(rows),
            "synced_at": self._now(),
        }
        with self._books.begin() as tx:
            self._books.put(tx, entity.table, read, "external")
            self._books.put(tx, SYNCS, [reached], "entity")
