"""A pooler in front of a server, which lends a session for a transaction: PgBouncer, or ours."""

import asyncio
import shutil
import struct
import subprocess
import tempfile
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import psycopg

from tests.journeys.crowd import until
from tests.proxy import Proxy, reset
from tests.servers import PostgresServer, as_nobody, free_port

PGBOUNCER: Final = shutil.which("pgbouncer", path="/usr/sbin:/usr/bin:/usr/local/bin")

_NOT_ENCRYPTED: Final = (80_877_103, 80_877_104)
_CANCEL: Final = 80_877_102

_IDLE: Final = b"Z\0\0\0\5I"
"""Ready for the next query, and in no transaction."""


@contextmanager
def pooler(server: PostgresServer, *, sessions: int = 3) -> Iterator[str]:
    """Where the server is reached through a pooler: PgBouncer where there is one, else ours."""
    with pgbouncer(server, sessions) if PGBOUNCER else Pooler(server.port, sessions) as url:
        yield url if isinstance(url, str) else url.url(server.url)


@contextmanager
def pgbouncer(server: PostgresServer, sessions: int) -> Iterator[str]:
    """The real one, in transaction mode."""
    assert PGBOUNCER is not None
    port = free_port()
    folder = Path(tempfile.mkdtemp(prefix="tidemill-pgbouncer-"))
    folder.chmod(0o755)
    (folder / "users").write_text('"tests" ""\n')
    (folder / "ini").write_text(
        f"[databases]\n* = host=127.0.0.1 port={server.port}\n"
        f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n"
        f"auth_type = trust\nauth_file = {folder}/users\npool_mode = transaction\n"
        f"default_pool_size = {sessions}\nmax_client_conn = 200\nserver_round_robin = 1\n"
    )
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [PGBOUNCER, str(folder / "ini")], stdout=log, stderr=log, **as_nobody()
        )
    url = server.url.replace(f":{server.port}/", f":{port}/")
    try:
        until(lambda: _answers(url), seconds=10, what="PgBouncer answers")
        yield url
    finally:
        process.kill()
        process.wait(10)
        shutil.rmtree(folder)


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


class _Session:
    """A connection to the server, lent to one client at a time.

    Attributes:
        greeting: what the server says of itself, as it said it.
        client: to whom it is lent.
        asked: requests that are not answered yet.
    """

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.greeting = b""
        self.client: asyncio.StreamWriter | None = None
        self.asked = 0
        self.is_free = asyncio.Event()

    async def begin(self, startup: bytes) -> bytes:
        """Log in; answer a refusal, or nothing."""
        self.writer.write(startup)
        while True:
            message = await _message(self.reader)
            if message[:1] == b"E":
                return message
            if message[:1] == b"S":
                self.greeting += message
            if message[:1] == b"Z":
                self.is_free.set()
                return b""

    def cut(self) -> None:
        """Reset its connection."""
        reset(self.writer)

    async def attend(self) -> None:
        """Pass on what the server says to whoever has the session, until that is idle again."""
        while True:
            message = await _message(self.reader)
            if self.client is None:
                continue  # nobody hears what is told between two transactions
            self.client.write(message)
            if message[:1] == b"Z":
                self.asked -= 1
                if message == _IDLE and not self.asked:
                    self.client = None
                    self.is_free.set()


class _Client:
    """Whoever wants a session now and then."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer

    def cut(self) -> None:
        """Reset its connection."""
        reset(self._writer)


class Pooler(Proxy):
    """Speaks enough of the protocol to lend a few sessions for a transaction each, in turns."""

    def __init__(self, port: int, sessions: int) -> None:
        """Lead to this port, with so many sessions for each user and database."""
        super().__init__(port)
        self._most = sessions
        self._sessions: dict[bytes, deque[_Session]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        client = _Client(writer)
        self._live.add(client)
        session: _Session | None = None
        try:
            startup = await self._startup(reader, writer)
            if startup is None:
                return
            while (message := await _message(reader))[:1] != b"X":
                if session is None or session.client is not writer:
                    session = await self._borrow(startup)
                    session.client = writer
                session.asked += message[:1] in (b"Q", b"S")
                session.writer.write(message)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            self._live.discard(client)
            writer.close()
            if session is not None and session.client is writer:
                self._end_session(session)

    async def _startup(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bytes | None:
        """What the client begins with, answered; `None`: it is refused, or wants nothing."""
        while True:
            head = await reader.readexactly(8)
            length, code = struct.unpack("!ii", head)
            startup = head + await reader.readexactly(length - 8)
            if code == _CANCEL:
                return None
            if code not in _NOT_ENCRYPTED:
                break
            writer.write(b"N")
        if startup not in self._sessions:
            session, refusal = await self._connect(startup)
            if refusal:
                writer.write(refusal)
                return None
            self._sessions[startup] = deque([session])
        key = struct.pack("!ciii", b"K", 12, 1, 1)  # of no process: it cancels nothing
        ok = struct.pack("!cii", b"R", 8, 0)
        writer.write(ok + self._sessions[startup][0].greeting + key + _IDLE)
        return startup

    async def _connect(self, startup: bytes) -> tuple[_Session, bytes]:
        session = _Session(*await asyncio.open_connection("127.0.0.1", self._target))
        refusal = await session.begin(startup)
        if not refusal:
            self._live.add(session)
            task = asyncio.get_running_loop().create_task(self._attend(session))
            self._tasks.add(task)
        return session, refusal

    async def _attend(self, session: _Session) -> None:
        try:
            await session.attend()
        except (OSError, asyncio.IncompleteReadError):
            if session.client is not None:
                session.client.close()
            self._end_session(session)

    async def _borrow(self, startup: bytes) -> _Session:
        """The session that has been idle for longest, so that no two transactions have the same."""
        pool = self._sessions[startup]
        while True:
            if len(pool) < self._most:
                pool.appendleft((await self._connect(startup))[0])
            for session in pool:
                if session.client is None:
                    session.is_free.clear()
                    pool.remove(session)
                    pool.append(session)
                    return session
            frees = [asyncio.create_task(session.is_free.wait()) for session in pool]
            await asyncio.wait(frees, return_when=asyncio.FIRST_COMPLETED)
            for free in frees:
                free.cancel()

    def _end_session(self, session: _Session) -> None:
        for pool in self._sessions.values():
            if session in pool:
                pool.remove(session)
        self._live.discard(session)
        session.is_free.set()
        session.writer.close()


async def _message(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readexactly(5)
    return head + await reader.readexactly(struct.unpack("!i", head[1:])[0] - 4)
