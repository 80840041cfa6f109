"""Duty: files and links that have expired are deleted, and what was begun and never kept."""

import asyncio
import logging
from typing import Final

import msgspec

from tidemill.core.errors import StoreError
from tidemill.core.instants import Instant, Millis
from tidemill.core.record import Record
from tidemill.engines.protocol import Engine
from tidemill.files.files import House
from tidemill.files.folder import Folder
from tidemill.files.record import FILE, MARK, Mark
from tidemill.loops.clock import Clock

MOST_AT_ONCE: Final = 200

_log = logging.getLogger("tidemill.upkeep")


class FileExpiry:
    """Goes by the marks that files and links have left, which are in the order of their ends.

    A file is taken from the disk first and from the store last, so that one which cannot be deleted
    now is come back to.
    """

    name = "files"

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        house: House,
        *,
        every: Millis = 60_000,
        limit: int = MOST_AT_ONCE,
    ) -> None:
        """Look this often, at so many at a time."""
        self.every = every
        self._engine = engine
        self._clock = clock
        self._house = house
        self._limit = limit

    async def run_once(self) -> Millis | None:
        """Delete one slice; answer 0 while there may be more."""
        records = await self._engine.records.find(MARK, limit=self._limit)
        now = self._clock.now()
        due = [record for record in records if _moment(record) <= now]
        gone = [await self._delete(record) for record in due]
        return 0 if len(due) == self._limit and all(gone) else None

    async def _delete(self, record: Record) -> bool:
        """Delete what a mark is about, and the mark; whether that could be done."""
        mark = msgspec.json.decode(record.doc, type=Mark)
        if mark.kind == FILE:
            id_ = mark.key.rpartition("/")[2]
            try:
                await asyncio.to_thread(Folder(self._house.folder()).remove, id_)
            except StoreError as error:
                _log.warning("the file %s, which has expired, stays: %s", id_, error)
                return False
        await self._engine.records.delete(mark.kind, mark.key)
        await self._engine.records.delete(MARK, record.key)
        return True


def _moment(record: Record) -> Instant:
    return int(record.key.partition("/")[0])
