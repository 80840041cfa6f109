"""Files: what jobs make for people, kept for a while; made, read, linked and deleted here."""

import mimetypes
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeAlias

import msgspec
from msgspec import Struct

from tidemill.client.client import Client
from tidemill.client.steps import Steps, ask, awaiting, blocking
from tidemill.core.errors import InvalidOption, NotFound
from tidemill.core.identity import check_name, is_whole
from tidemill.core.instants import Duration, Millis, millis
from tidemill.core.record import Put
from tidemill.files.folder import Folder, is_file_id, new_file_id, path_of
from tidemill.files.making import Creation, Opening, Plan
from tidemill.files.record import (
    FILE,
    LINK,
    MARK,
    File,
    Link,
    Mark,
    check_file_name,
    check_media_type,
    digest,
    mark_key,
    new_token,
)
from tidemill.files.streams import Reader
from tidemill.loops.call import Elsewhere

KEEP: Final = "30d"
"""Files are kept so long where nothing else is said."""

MOST: Final = 1 << 30
"""Bytes that a file may have where nothing else is said."""

MOST_FOUND: Final = 1_000
"""Files that one call of `find` answers."""

_UNKNOWN: Final = "application/octet-stream"

Which: TypeAlias = File | str
"""A file, or its id."""


class House(Struct, frozen=True):
    """How files are kept, whosever they are.

    Attributes:
        folder: where they lie, looked up for each.
        keep: so long, where nothing else is said.
        most: bytes that one may have.
        url: where links begin; empty: at the server's own root.
    """

    folder: Callable[[], Path]
    keep: Millis
    most: int
    url: str = ""


class Files:
    """The files of one tenant; every verb has an `a` before it for async code.

    A file is made by a job, or by the application, and handed to people by a link. It has an id
    that nobody can guess, a name that people see, and an end: then it is deleted. What belongs to
    another tenant is not there. Where files lie, and for how long, the settings `files.folder` and
    `files.keep` say.

    Attributes:
        tenant: whose they are; empty when there is but one.
        house: how they are kept.

    Example:
        >>> from tidemill import Tidemill
        >>> files = Tidemill("memory://").files
        >>> with files.create("greeting.txt", expires="1h") as out:
        ...     _ = out.write(b"Good morning")
        >>> with files.open(out.file) as kept:
        ...     kept.read()
        b'Good morning'
        >>> files.link(out.file).startswith("/files/")
        True
    """

    def __init__(self, client: Client, house: House, tenant: str | None = None) -> None:
        """Keep files for a tenant, by default the client's own."""
        self._client = client
        self.house = house
        self.tenant = client.whose(tenant)

    def __repr__(self) -> str:
        return f"<Files{self.tenant and ' of '}{self.tenant}>"

    def of(self, tenant: str) -> "Files":
        """The files of another tenant.

        Raises:
            InvalidName: no name for a tenant.
        """
        return Files(self._client, self.house, tenant and check_name("tenant", tenant))

    def create(
        self, name: str, *, media_type: str = "", expires: Duration | None = None
    ) -> Creation:
        """Make a file, in a `with` block, or an `async with` block.

        The block is given what is written to; behind it, `out.file` is the `File`. Before the block
        has ended nobody sees the file, and nothing is kept if the block raises.

        Args:
            name: what people see, and a browser saves it as; it says nothing of where it lies.
            media_type: what it holds; by default what its name says.
            expires: deleted so long after it was begun; by default as `files.keep` says.

        Raises:
            InvalidName: a path, or a name that not every system can keep.
            InvalidOption: no media type, no duration, or the folder of files is open to others.
            PayloadTooLarge: it becomes larger than `files.most`.
            StoreFull: the disk is full.
            StoreError: the disk or the store did not take it.

        Example:
            >>> async with files.create("audits.csv") as out:  # doctest: +SKIP
            ...     await out.write(b"id,station")
            >>> out.file.size  # doctest: +SKIP
            10
        """
        check_file_name(name)
        known = media_type or mimetypes.guess_type(name)[0] or _UNKNOWN
        length = self.house.keep if expires is None else millis(expires)
        if not length:
            raise InvalidOption("a file would expire at once", hint='write expires="24h"')
        now = self._client.store.clock.now()
        id_ = new_file_id()
        file = File(
            id=id_,
            name=name,
            size=0,
            media_type=check_media_type(known),
            created_at=now,
            expires_at=now + length,
            path=path_of(id_),
        )
        return Creation(self._client, Plan(file, self._key(id_), self._folder, self.house.most))

    def open(self, file: Which) -> Opening:
        """Read a file, in a `with` block, or an `async with` block.

        Args:
            file: the file, or its id.

        Raises:
            NotFound: there is none, it has expired, or it is another tenant's.
            StoreError: the disk or the store does not answer.

        Example:
            >>> async with files.open(id) as kept:  # doctest: +SKIP
            ...     async for piece in kept:
            ...         ...
        """
        key = self._key(_id_of(file))
        return Opening(lambda: self._opened(key))

    @blocking
    def get(self, file: Which) -> Steps[File]:
        """What is known of a file.

        Raises:
            NotFound: there is none of this id, it has expired, or it is another tenant's.
            StoreError: the store does not answer.
        """
        return (yield from self._get(self._key(_id_of(file))))

    aget = awaiting(get)

    @blocking
    def find(self, after: str = "", limit: int = 100) -> Steps[list[File]]:
        """Files that are kept, in the order of their ids, which is none.

        Args:
            after: behind this id, such as the last one of the page before.
            limit: so many at most, 1 to 1,000; of those, what has expired is left out.

        Raises:
            InvalidOption: a limit that is not possible.
            StoreError: the store does not answer.
        """
        if not is_whole(limit) or not 1 <= limit <= MOST_FOUND:
            raise InvalidOption(
                f"limit={limit!r} is not possible", hint=f"from 1 to {MOST_FOUND:,}"
            )
        behind = after and self._key(_id_of(after))
        engine = yield from self._client.store.engine()
        found = yield from ask(
            engine.records.find(FILE, prefix=self._key(""), after=behind, limit=limit)
        )
        now = self._client.store.clock.now()
        files = [msgspec.json.decode(record.doc, type=File) for record in found]
        return [file for file in files if file.expires_at > now]

    afind = awaiting(find)

    @blocking
    def delete(self, file: Which) -> Steps[bool]:
        """Delete a file before its time, and with it every link to it; whether it was there.

        Raises:
            StoreError: the disk or the store does not answer.
        """
        id_ = file.id if isinstance(file, File) else file
        if not is_file_id(id_):
            return False
        engine = yield from self._client.store.engine()
        audit = self._client.audit("files.delete", id_)
        was_there = yield from ask(engine.records.delete(FILE, self._key(id_), audit=audit))
        if was_there:
            yield from ask(Elsewhere(lambda: self._folder.remove(id_)))
        return was_there

    adelete = awaiting(delete)

    @blocking
    def link(self, file: Which, *, expires: Duration | None = None) -> Steps[str]:
        """A URL by which whoever has it downloads the file, until it expires.

        The store keeps a digest of it and not the URL itself. It begins with the setting
        `files.url`; without one it is a path, to be put behind the address of the server.

        Args:
            file: the file, or its id.
            expires: it leads nowhere after so long; by default when the file expires.

        Raises:
            NotFound: there is no such file, it has expired, or it is another tenant's.
            InvalidOption: no duration.
            StoreError: the store does not answer.
        """
        length = None if expires is None else millis(expires)
        key = self._key(_id_of(file))
        kept = yield from self._get(key)
        ends_at = kept.expires_at
        if length is not None:
            ends_at = min(ends_at, self._client.store.clock.now() + length)
        token = new_token()
        hashed = digest(token)
        mark = mark_key(ends_at, LINK, hashed)
        engine = yield from self._client.store.engine()
        yield from ask(engine.records.put(Put(MARK, mark, msgspec.json.encode(Mark(LINK, hashed)))))
        doc = msgspec.json.encode(Link(key, ends_at))
        needs = ((MARK, mark), (FILE, key))
        audit = self._client.audit("files.link", kept.id)
        yield from ask(engine.records.put(Put(LINK, hashed, doc, 0, needs), audit=audit))
        return f"{self.house.url.rstrip('/')}/files/{token}"

    alink = awaiting(link)

    @blocking
    def linked(self, token: str) -> Steps[Reader]:
        """The file to which a link leads, whosever it is, open to be read.

        Args:
            token: the last part of the link.

        Raises:
            NotFound: it leads nowhere, or nowhere any more.
            StoreError: the store does not answer.
        """
        engine = yield from self._client.store.engine()
        record = yield from ask(engine.records.get(LINK, digest(token)))
        if record is None:
            raise _missing()
        link = msgspec.json.decode(record.doc, type=Link)
        if link.expires_at <= self._client.store.clock.now():
            raise _missing()
        return (yield from self._opened(link.file))

    alinked = awaiting(linked)

    def where(self, file: Which) -> Path:
        """Where a file lies on this machine; for what takes paths only, and reads.

        Raises:
            NotFound: it can be the id of no file.
        """
        return self._folder.path / path_of(_id_of(file))

    @property
    def _folder(self) -> Folder:
        return Folder(self.house.folder())

    def _key(self, id_: str) -> str:
        return f"{self.tenant}/{id_}"

    def _opened(self, key: str) -> Steps[Reader]:
        file = yield from self._get(key)
        descriptor = yield from ask(Elsewhere(lambda: self._folder.open(file.id)))
        return Reader(descriptor, file)

    def _get(self, key: str) -> Steps[File]:
        engine = yield from self._client.store.engine()
        record = yield from ask(engine.records.get(FILE, key))
        if record is None:
            raise _missing()
        file = msgspec.json.decode(record.doc, type=File)
        if file.expires_at <= self._client.store.clock.now():
            raise _missing()
        return file


def _id_of(file: Which) -> str:
    id_ = file.id if isinstance(file, File) else file
    if not is_file_id(id_):
        raise _missing()
    return id_


def _missing() -> NotFound:
    return NotFound("there is no such file", hint="it may have expired, or have been deleted")
