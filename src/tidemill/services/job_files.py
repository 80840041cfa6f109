"""`files`: makes and reads files as the running job, in its tenant."""

from pathlib import Path

from tidemill.core.instants import Duration
from tidemill.files.files import Files
from tidemill.files.making import Creation, Opening
from tidemill.files.record import File
from tidemill.worker.context import current


class JobFiles:
    """The application's files, as far as they are the business of the running job.

    Code that blocks uses `with` where async code uses `async with`, and has what is awaited done by
    `current().wait(...)`.

    Example:
        >>> files = current().services["files"]  # doctest: +SKIP
        >>> async with files.create("audits.csv", expires="24h") as out:  # doctest: +SKIP
        ...     await out.write(b"id,station")
        >>> url = await files.link(out.file)  # doctest: +SKIP
    """

    def __init__(self, files: Files) -> None:
        """Keep files with the application's."""
        self._files = files

    def create(
        self, name: str, *, media_type: str = "", expires: Duration | None = None
    ) -> Creation:
        """Make a file in a block; see `Files.create`."""
        return self._mine.create(name, media_type=media_type, expires=expires)

    def open(self, file: File | str) -> Opening:
        """Read a file in a block; see `Files.open`."""
        return self._mine.open(file)

    async def get(self, file: File | str) -> File:
        """What is known of a file; see `Files.get`."""
        return await self._mine.aget(file)

    async def find(self, after: str = "", limit: int = 100) -> list[File]:
        """Files that are kept; see `Files.find`."""
        return await self._mine.afind(after, limit)

    async def delete(self, file: File | str) -> bool:
        """Delete a file before its time; see `Files.delete`."""
        return await self._mine.adelete(file)

    async def link(self, file: File | str, *, expires: Duration | None = None) -> str:
        """A URL by which whoever has it downloads the file; see `Files.link`."""
        return await self._mine.alink(file, expires=expires)

    def where(self, file: File | str) -> Path:
        """Where a file lies on this machine; see `Files.where`."""
        return self._mine.where(file)

    @property
    def _mine(self) -> Files:
        return self._files.of(current().tenant)
