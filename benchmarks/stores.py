"""Where measurements keep their jobs: each one a store of its own, empty, on a real disk."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import psutil
import psycopg

from tests.servers import PostgresServer


class Stores(Protocol):
    """Stores by the folders of those that use them.

    Attributes:
        server: the process of their server, the parent of all its others; `None`: there is none.
    """

    server: int | None

    def url(self, folder: Path) -> str:
        """Where the store of this folder is; the first time it is empty."""
        ...

    def settle(self, folder: Path) -> None:
        """Let a store that was built in a hurry come to the rest that a real one has."""
        ...

    def drop(self, folder: Path) -> None:
        """Remove the store of this folder."""
        ...

    def describe(self) -> dict[str, Any]:
        """What a figure has to be read with."""
        ...


class Files:
    """A file in the folder."""

    server: int | None = None

    def url(self, folder: Path) -> str:
        """Where the store of this folder is."""
        return f"sqlite:///{folder}/jobs.db"

    def settle(self, folder: Path) -> None:
        """Nothing: nobody tidies a file behind our back."""

    def drop(self, folder: Path) -> None:
        """Nothing: it goes with the folder."""

    def describe(self) -> dict[str, Any]:
        """Nothing that the machine's own description does not say."""
        return {}


class Databases:
    """A database of one server, named after the folder."""

    def __init__(self, server: PostgresServer) -> None:
        """Make databases on this server."""
        self._server = server
        self._made: set[str] = set()
        with psycopg.connect(server.url) as link:
            self.server: int | None = psutil.Process(link.info.backend_pid).ppid()

    def url(self, folder: Path) -> str:
        """Where the store of this folder is; the first time its database is made."""
        name = _database_of(folder)
        if name not in self._made:
            self._run(f'CREATE DATABASE "{name}"')
            self._made.add(name)
        return self._server.url.replace("/postgres", f"/{name}")

    def settle(self, folder: Path) -> None:
        """Do what autovacuum and the next checkpoints would, so that it is not done meanwhile."""
        with psycopg.connect(self.url(folder), autocommit=True) as link:
            link.execute("VACUUM ANALYZE")
            link.execute("CHECKPOINT")

    def drop(self, folder: Path) -> None:
        """Drop the database."""
        self._run(f'DROP DATABASE "{_database_of(folder)}" WITH (FORCE)')
        # What the server has yet to write of it must not slow the next one down.
        self._run("CHECKPOINT")

    def describe(self) -> dict[str, Any]:
        """The server's version and durability."""
        names = ["server_version", "fsync", "synchronous_commit", "shared_buffers"]
        with psycopg.connect(self._server.url) as link:
            rows = link.execute(
                "SELECT name, setting FROM pg_settings WHERE name = ANY (%s)", (names,)
            )
            return {f"postgresql {name}": setting for name, setting in rows}

    def _run(self, statement: str) -> None:
        with psycopg.connect(self._server.url, autocommit=True) as link:
            link.execute(statement.encode())


@contextmanager
def stores_of(engine: str, disk: Path) -> Iterator[Stores]:
    """Stores of an engine; its server, if it has one, runs meanwhile, with its data on the disk."""
    if engine == "sqlite":
        yield Files()
        return
    folder = disk / "server"
    folder.mkdir()
    disk.chmod(0o755)  # the server may run as somebody else
    server = PostgresServer(folder)
    try:
        server.start()
        yield Databases(server)
    finally:
        server.stop()


def _database_of(folder: Path) -> str:
    return folder.name.replace("-", "_").lower()
