"""What an application keeps beside its jobs: records and files."""

import os
import weakref
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tidemill.client.client import Client
from tidemill.core.instants import millis
from tidemill.engines import file_of
from tidemill.settings import Settings

if TYPE_CHECKING:
    from tidemill.client.records import Records
    from tidemill.files.files import Files

KEEP: Final = "30d"
"""Files are kept so long where nothing else is said."""

MOST: Final = 1 << 30
"""Bytes that a file may have where nothing else is said."""


class Keeping:
    """What can be kept with whoever has a client and settings.

    Attributes:
        client: asks the store.
        settings: what a file and the environment said.
    """

    client: Client
    settings: Settings

    def records(self, kind: str, *, tenant: str | None = None) -> "Records":
        """The application's own records of a kind: values under keys, with versions.

        In a running job of a module, `module.records` is meant for what the module keeps: its kind
        `subscriptions` is the kind `webhook.subscriptions` here, if the module is called webhook.

        Args:
            kind: a name, as that of a task.
            tenant: whose they are; by default the application's own.

        Raises:
            InvalidName: no name for a kind, or for a tenant.

        Example:
            >>> from tidemill import Tidemill
            >>> app = Tidemill("memory://")
            >>> read = app.records("shop.rates").put("eur", 1.6)
            >>> app.records("shop.rates").put("eur", 1.7, version=read.version).version
            2
        """
        # Imported here, because a program that only enqueues needs none of it.
        from tidemill.client.records import Records  # noqa: PLC0415 - see above

        return Records(self.client, kind, tenant)

    @cached_property
    def files(self) -> "Files":
        """The application's files: made by jobs, kept for a while, handed out by links.

        Example:
            >>> from tidemill import Tidemill
            >>> app = Tidemill("memory://")
            >>> with app.files.create("rates.csv") as out:
            ...     _ = out.write(b"eur,1.7")
            >>> out.file.media_type
            'text/csv'
        """
        from tidemill.files.files import Files, House  # noqa: PLC0415 - see `records`

        get = self.settings.get
        house = House(
            folder=self._folder,
            keep=millis(get("files.keep", KEEP)),
            most=get("files.most", MOST),
            url=get("files.url", ""),
        )
        return Files(self.client, house)

    def _folder(self) -> Path:
        """Where files lie: as it is set, or beside the store, wherever that is just now."""
        if named := self.settings.get("files.folder", ""):
            return Path(named)
        url = self.client.store.url
        if url not in self._places:
            self._places[url] = self._beside(url).absolute()
        return self._places[url]

    def _beside(self, url: str) -> Path:
        store = file_of(url)
        if store is not None:
            return store.with_name(f"{store.name}-files")
        if url.startswith("memory"):
            return self._scratch
        return (self.settings.file.parent if self.settings.file else Path()) / "tidemill-files"

    @cached_property
    def _places(self) -> dict[str, Path]:
        """Where files of each store lie, known since it was first asked: folders are changed."""
        return {}

    @cached_property
    def _scratch(self) -> Path:
        """Files of a store in memory last no longer than this application."""
        import tempfile  # noqa: PLC0415 - see `records`

        made = tempfile.mkdtemp(prefix="tidemill-files-")
        weakref.finalize(self, _remove, made, os.getpid())
        return Path(made)


def _remove(folder: str, pid: int) -> None:
    if os.getpid() == pid:  # and not a copy of the process, to which it does not belong
        import shutil  # noqa: PLC0415 - see `Keeping.records`

        shutil.rmtree(folder, ignore_errors=True)
