"""A file while it is written or read: from a thread as any file of Python's, or awaited."""

import asyncio
import io
import os
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Final

from tidemill.core.errors import PayloadTooLarge, StateError
from tidemill.files.folder import told
from tidemill.files.record import File

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

PIECE: Final = 256 << 10
"""Bytes that are read at once."""


class Writer(io.BufferedWriter):
    """A file that is being written, for code that blocks: whatever takes a binary file takes it.

    Attributes:
        most: bytes that it may have.
    """

    def __init__(self, descriptor: int, most: int) -> None:
        """Write to what is open there."""
        super().__init__(io.FileIO(descriptor, "r+b"))
        self.most = most
        self._kept: File | None = None

    def write(self, data: "ReadableBuffer", /) -> int:
        """Add bytes; answer how many.

        Raises:
            PayloadTooLarge: the file would be larger than `files.most`.
            StoreFull: the disk is full.
        """
        length = memoryview(data).nbytes
        if self.tell() + length > self.most:
            raise PayloadTooLarge(
                f"a file would have more than the {self.most:,} bytes allowed",
                hint="write several, or set files.most",
            )
        with told("a file could not be written"):
            return super().write(data)

    @property
    def file(self) -> File:
        """What is kept, once the block that writes it has ended.

        Raises:
            StateError: it has not, or nothing is kept.
        """
        if self._kept is None:
            raise StateError(
                "the file is not kept yet", hint="ask behind the block in which it is written"
            )
        return self._kept

    @file.setter
    def file(self, kept: File) -> None:
        self._kept = kept

    def close(self) -> None:
        """Nothing but to flush: libraries close what they are given, and the block goes on."""
        if not self.closed:
            self.flush()

    def finish(self) -> int:
        """Have all of it on the disk, and close it; answer its size.

        Raises:
            StoreFull: the disk is full.
        """
        with told("a file could not be written"):
            self.flush()
            os.fsync(self.fileno())
            size = os.fstat(self.fileno()).st_size
            self.raw.close()
        return size

    def give_up(self) -> None:
        """Close it, whatever is still to be written."""
        self.raw.close()


class AsyncWriter:
    """A file that is being written, for async code: the disk is waited for elsewhere."""

    def __init__(self, plain: Writer) -> None:
        """Write to this one."""
        self._plain = plain

    async def write(self, data: "ReadableBuffer", /) -> int:
        """Add bytes; answer how many; see `Writer.write`."""
        return await asyncio.to_thread(self._plain.write, data)

    @property
    def file(self) -> File:
        """What is kept, once the block that writes it has ended; see `Writer.file`."""
        return self._plain.file


class Reader(io.BufferedReader):
    """A file that is read, for code that blocks: whatever takes a binary file takes it.

    Attributes:
        file: what is known of it.
    """

    def __init__(self, descriptor: int, file: File) -> None:
        """Read what is open there, and close it in the end."""
        super().__init__(io.FileIO(descriptor, "rb"))
        self.file = file


class AsyncReader:
    """A file that is read, for async code; it can be gone through piece by piece."""

    def __init__(self, plain: Reader) -> None:
        """Read this one."""
        self._plain = plain

    @property
    def file(self) -> File:
        """What is known of it."""
        return self._plain.file

    async def read(self, size: int = -1) -> bytes:
        """So many bytes, fewer at its end; by default all that are left."""
        return await asyncio.to_thread(self._plain.read, size)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Go through what is left, 256 KiB at a time."""
        while piece := await self.read(PIECE):
            yield piece
