"""PostgreSQL's own programs, told by the environment where the server is and who asks."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Final
from urllib.parse import parse_qsl, unquote, urlsplit

import tidemill
from tidemill.kits.backup.manifest import Tell

_LOOK_EVERY: Final = 0.2
"""Seconds between two looks whether a program goes on for nobody."""

_MOST_SAID: Final = 2_000

_OPTIONS: Final = {
    "application_name": "PGAPPNAME",
    "connect_timeout": "PGCONNECT_TIMEOUT",
    "host": "PGHOST",
    "options": "PGOPTIONS",
    "passfile": "PGPASSFILE",
    "password": "PGPASSWORD",
    "port": "PGPORT",
    "service": "PGSERVICE",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "user": "PGUSER",
}
"""What a URL may say behind its `?`, and what libpq reads it from."""


class Programs:
    """The programs, for one database; a password is on no command line, where others could read it.

    Attributes:
        database: its name.
    """

    def __init__(self, url: str, folder: str | Path, options: str, usual: str = "") -> None:
        """Look for them in a folder, or on the `PATH`.

        Args:
            url: of the database.
            folder: that they are in; empty: they are on the `PATH`.
            options: settings that each session has.
            usual: settings that it has unless the URL says otherwise.

        Raises:
            InvalidOption: no URL of PostgreSQL, or one with an option that is not known here.
        """
        self._environment = _environment(url)
        self.database = self._environment["PGDATABASE"]
        given = self._environment.get("PGOPTIONS", "")
        self._environment["PGOPTIONS"] = " ".join(filter(None, (usual, given, options)))
        self._folder = folder

    def at(self, database: str) -> "Programs":
        """The same, for another database of the server."""
        other = object.__new__(Programs)
        vars(other).update(vars(self))
        other.database = database
        other._environment = self._environment | {"PGDATABASE": database}
        return other

    def run(self, name: str, *words: str, tell: Tell | None = None) -> None:
        """Run a program to its end.

        Raises:
            ServiceError: it failed; what it said is told.
            InvalidOption: it is not on this machine.
        """
        with self._started(name, words, stdout=subprocess.DEVNULL) as (process, said):
            while True:
                try:
                    process.wait(_LOOK_EVERY)
                except subprocess.TimeoutExpired:
                    if tell is not None:
                        tell(f"{name} at work", 0)
                else:
                    break
            _check(name, process, said)

    def ask(self, query: str) -> None:
        """Have the server do something.

        Raises:
            ServiceError: it did not.
        """
        self.run("psql", *_psql(query))

    def lines(self, *queries: str) -> Iterator[bytes]:
        """What psql writes for queries that it makes in one session, line by line.

        Raises:
            ServiceError: it failed.
        """
        with self._started("psql", _psql(*queries), stdout=subprocess.PIPE) as (process, said):
            if process.stdout is None:
                raise AssertionError
            for line in process.stdout:
                yield line.rstrip(b"\n")
            process.wait()
            _check("psql", process, said)

    @contextmanager
    def session(self) -> Iterator["Session"]:
        """A session that stays open for a while."""
        with self._started("psql", _psql(), stdout=subprocess.PIPE, stdin=subprocess.PIPE) as (
            process,
            said,
        ):
            yield Session(process, said)

    @contextmanager
    def _started(
        self, name: str, words: tuple[str, ...], *, stdout: int, stdin: int = subprocess.DEVNULL
    ) -> Iterator[tuple[subprocess.Popen[bytes], IO[bytes]]]:
        path = shutil.which(name, path=str(self._folder) or None)
        if path is None:
            raise tidemill.errors.InvalidOption(
                f"{name} is not found in {self._folder or 'PATH'}",
                hint="install PostgreSQL's client programs, or say programs=... where they are",
            )
        with tempfile.TemporaryFile() as said:
            process = subprocess.Popen(  # noqa: S603 - found above, with words written here
                [path, *words],
                env={**os.environ, **self._environment},
                stdin=stdin,
                stdout=stdout,
                stderr=said,
            )
            try:
                yield process, said
            finally:
                for pipe in (process.stdin, process.stdout):
                    if pipe is not None:
                        with suppress(BrokenPipeError):  # it has ended without hearing all of it
                            pipe.close()
                if process.poll() is None:
                    process.terminate()
                    process.wait()


class Session:
    """A session of psql."""

    def __init__(self, process: subprocess.Popen[bytes], said: IO[bytes]) -> None:
        """Talk to a process."""
        self._process = process
        self._said = said

    def say(self, query: str) -> None:
        """Hand it a statement; if it has ended, the next answer says so."""
        if self._process.stdin is None:
            raise AssertionError
        with suppress(BrokenPipeError):
            self._process.stdin.write(f"{query.strip()};\n".encode())
            self._process.stdin.flush()

    def answer(self) -> str:
        """The next line that it writes.

        Raises:
            ServiceError: it failed.
        """
        if self._process.stdout is None:
            raise AssertionError
        line = self._process.stdout.readline()
        if not line:
            self._process.wait()
            _check("psql", self._process, self._said)
            raise tidemill.errors.ServiceError("psql ended without an answer")
        return line.decode().strip()


def _psql(*queries: str) -> tuple[str, ...]:
    words = ("--no-psqlrc", "--quiet", "--no-align", "--tuples-only", "--no-password")
    each = [word for query in queries for word in ("--command", query)]
    return (*words, "--set=ON_ERROR_STOP=1", *each)


def _check(name: str, process: subprocess.Popen[bytes], said: IO[bytes]) -> None:
    if process.returncode == 0:
        return
    said.seek(0)
    words = said.read(_MOST_SAID).decode("utf-8", "backslashreplace").strip()
    raise tidemill.errors.ServiceError(
        f"{name} ended with {process.returncode}: {words or 'it said nothing'}",
        hint="see to what it says; the job is tried again",
    )


def _environment(url: str) -> dict[str, str]:
    parts = urlsplit(url)
    name = unquote(parts.path.removeprefix("/"))
    try:
        port = parts.port
    except ValueError:
        name, port = "", None  # what was written may hold a password, so it is not repeated
    if parts.scheme not in {"postgresql", "postgres"} or not name:
        raise tidemill.errors.InvalidOption(
            "a source of backups has a URL that is none of PostgreSQL's",
            hint="write postgresql://user@host/database",
        )
    found: dict[str, str] = {"PGDATABASE": name}
    said: Mapping[str, str | None] = {
        "PGHOST": parts.hostname,
        "PGPORT": str(port) if port else None,
        "PGUSER": parts.username and unquote(parts.username),
        "PGPASSWORD": parts.password and unquote(parts.password),
    }
    found.update({variable: value for variable, value in said.items() if value})
    for option, value in parse_qsl(parts.query):
        if option not in _OPTIONS:
            raise tidemill.errors.InvalidOption(
                f"the URL of a source has the option {option!r}, which is not known here",
                hint=f"known are {', '.join(_OPTIONS)}",
            )
        found[_OPTIONS[option]] = value
    return found
