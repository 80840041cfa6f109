"""Where the files of an application lie: where it is set, or beside its store."""

import os
import threading
from collections.abc import Callable
from pathlib import Path
from weakref import finalize

from tidemill.client.steps import Steps
from tidemill.client.store import Store
from tidemill.engines import file_of
from tidemill.loops.call import Elsewhere


class Place:
    """The folder of an application's files, wherever its store is just now."""

    def __init__(self, store: Store, named: str = "", root: Path | None = None) -> None:
        """Look for no folder yet, and make none.

        Args:
            store: the files lie beside it, if it is a file.
            named: the folder that is set; empty: none is.
            root: in which they lie where the store is a server; by default the working directory.
        """
        self._store = store
        self._named = named
        self._root = root or Path()
        self._lock = threading.Lock()
        self._known: dict[str, Path] = {}
        self._remove: Callable[[], object] | None = None

    def folder(self) -> Path:
        """The folder, by its whole path: it stays the same when the program changes its own."""
        if self._named:
            return Path(self._named)
        url = self._store.url
        with self._lock:
            if url not in self._known:
                self._known[url] = self._beside(url).absolute()
            return self._known[url]

    def close(self) -> Steps[None]:
        """Remove what lies nowhere but here: the files of a store in memory. Safe twice."""
        with self._lock:
            remove, self._remove = self._remove, None
            if remove is not None:
                self._known.clear()
        if remove is not None:
            yield Elsewhere(remove)

    def _beside(self, url: str) -> Path:
        store = file_of(url)
        if store is not None:
            return store.with_name(f"{store.name}-files")
        return self._scratch() if url.startswith("memory") else self._root / "tidemill-files"

    def _scratch(self) -> Path:
        """A folder that is removed when the application is closed, or forgotten, or at the end."""
        import tempfile  # noqa: PLC0415 - few programs keep files in memory

        made = tempfile.mkdtemp(prefix="tidemill-files-")
        self._remove = finalize(self, _remove, made, os.getpid())
        return Path(made)


def _remove(folder: str, pid: int) -> None:
    if os.getpid() == pid:  # and not a copy of the process, to which it does not belong
        import shutil  # noqa: PLC0415 - see `Place._scratch`

        shutil.rmtree(folder, ignore_errors=True)
