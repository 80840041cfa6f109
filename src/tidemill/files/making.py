"""The blocks in which a file is made or read: what holds before, and what becomes of it after."""

from collections.abc import Callable
from contextlib import suppress

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from tidemill.client.client import Client
from tidemill.client.steps import Steps, Walk, ask
from tidemill.core.errors import NotFound, StoreError
from tidemill.core.record import Put
from tidemill.files.folder import Folder
from tidemill.files.record import FILE, MARK, File, Mark, mark_key
from tidemill.files.streams import AsyncReader, AsyncWriter, Reader, Writer
from tidemill.loops.call import Elsewhere


class Plan(Struct, frozen=True):
    """A file that is to be made.

    Attributes:
        file: as it will be, but for its size.
        key: of its record.
        folder: where it will lie.
        most: bytes that it may have.
    """

    file: File
    key: str
    folder: Folder
    most: int

    @property
    def mark(self) -> str:
        """Key of what says when it is to go."""
        return mark_key(self.file.expires_at, FILE, self.key)


class Creation:
    """A file that is made in a block, `with` or `async with`; see `Files.create`.

    First the store is told when it is to go, then it is written, then the store is told that it is
    there: whatever breaks in between, nothing is seen that is not whole, and nothing stays for good
    of which nobody knows.
    """

    def __init__(self, client: Client, plan: Plan) -> None:
        """Make nothing yet."""
        self._client = client
        self._plan = plan
        self._writer: Writer | None = None

    def __enter__(self) -> Writer:
        return Walk(self._begin()).wait()

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        Walk(self._end() if kind is None else self._give_up()).wait()

    async def __aenter__(self) -> AsyncWriter:
        return AsyncWriter(await Walk(self._begin()))

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        await Walk(self._end() if kind is None else self._give_up())

    def _begin(self) -> Steps[Writer]:
        plan = self._plan
        engine = yield from self._client.store.engine()
        doc = msgspec.json.encode(Mark(FILE, plan.key))
        yield from ask(engine.records.put(Put(MARK, plan.mark, doc, 0)))
        try:
            descriptor = yield from ask(Elsewhere(lambda: plan.folder.create(plan.file.id)))
        except BaseException:
            yield from self._give_up()
            raise
        self._writer = Writer(descriptor, plan.most)
        return self._writer

    def _end(self) -> Steps[None]:
        plan, writer = self._plan, self._writer
        assert writer is not None  # noqa: S101 - the block has begun
        try:
            size = yield from ask(Elsewhere(writer.finish))
            yield from ask(Elsewhere(lambda: plan.folder.settle(plan.file.id)))
        except BaseException:
            yield from self._give_up()
            raise
        kept = replace(plan.file, size=size)
        engine = yield from self._client.store.engine()
        put = Put(FILE, plan.key, msgspec.json.encode(kept), 0, ((MARK, plan.mark),))
        try:
            yield from ask(engine.records.put(put))
        except NotFound as error:
            yield from self._give_up()
            raise NotFound(
                f"the file {kept.name!r} expired while it was written",
                hint="give it more time: it counts from when the file is begun",
            ) from error
        writer.file = kept

    def _give_up(self) -> Steps[None]:
        """Leave nothing behind; what cannot be taken away now goes when the file would have."""
        plan = self._plan
        if self._writer is not None:
            self._writer.give_up()
        with suppress(StoreError):
            yield from ask(Elsewhere(lambda: plan.folder.remove(plan.file.id)))
            engine = yield from self._client.store.engine()
            yield from ask(engine.records.delete(MARK, plan.mark))


class Opening:
    """A file that is read in a block, `with` or `async with`; see `Files.open`."""

    def __init__(self, opened: Callable[[], Steps[Reader]]) -> None:
        """Open nothing yet."""
        self._opened = opened
        self._reader: Reader | None = None

    def __enter__(self) -> Reader:
        self._reader = Walk(self._opened()).wait()
        return self._reader

    def __exit__(self, *_: object) -> None:
        self._close()

    async def __aenter__(self) -> AsyncReader:
        self._reader = await Walk(self._opened())
        return AsyncReader(self._reader)

    async def __aexit__(self, *_: object) -> None:
        self._close()

    def _close(self) -> None:
        if self._reader is not None:
            self._reader.close()
