"""Where jobs are kept. `open_engine` is the only line that knows every engine."""

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl, unquote

from tidemill.core.errors import InvalidOption
from tidemill.core.instants import millis
from tidemill.engines.protocol import Engine
from tidemill.loops.clock import Clock, SystemClock

SCHEMES: Final = ("sqlite", "sqlite+apsw", "postgresql", "memory")
SERVERS: Final = ("https", "http")
"""What the URLs of servers begin with: commands ask them, and no engine opens them."""


def open_engine(url: str, *, clock: Clock | None = None) -> Engine:
    """Make the engine that a URL names; it is not opened yet.

    Args:
        url: `sqlite:///jobs.db` (relative to here), `sqlite:////var/lib/jobs.db`,
            `sqlite+apsw:///jobs.db` (with the SQLite that the apsw package brings),
            `postgresql://user@host/database?schema=tidemill`, `memory://` (gone with the
            process). A URL of a database may end in `?patience=30s`: how long a write waits for
            another program's lock before it fails, 10 s by default.
        clock: the time that this engine goes by; its own by default: the machine's, or that of
            the database's server.

    Raises:
        InvalidOption: the URL names no engine, or not enough of one.
    """
    if not isinstance(url, str):
        raise InvalidOption(
            f"a URL of type {type(url).__name__} names no engine",
            hint="write it as text: sqlite:///jobs.db",
        )
    scheme, separator, rest = url.partition("://")
    ticking = clock or SystemClock()
    # Engines are imported when named, so that importing tidemill loads no driver.
    match scheme if separator else "":
        case "memory":
            from tidemill.engines.memory.engine import MemoryEngine  # noqa: PLC0415 - see above

            return MemoryEngine(ticking)
        case "sqlite":
            from tidemill.engines.sqlite.driver import StandardDriver  # noqa: PLC0415 - see above
            from tidemill.engines.sqlite.engine import SQLiteEngine  # noqa: PLC0415 - see above

            return SQLiteEngine(*_file(url, rest), StandardDriver(), ticking)
        case "sqlite+apsw":
            from tidemill.engines.sqlite.apsw_driver import ApswDriver  # noqa: PLC0415 - see above
            from tidemill.engines.sqlite.engine import SQLiteEngine  # noqa: PLC0415 - see above

            return SQLiteEngine(*_file(url, rest), ApswDriver(), ticking)
        case "postgresql" | "postgres":
            return _postgres(url, clock)
        case "https" | "http":
            raise InvalidOption(
                "the URL is that of a server, and this needs the store itself",
                hint="give the URL of the store, or run it where the server runs",
            )
        case _:
            raise InvalidOption(
                f"{url!r} names no engine that is known",
                hint=f"begin it with one of {', '.join(s + '://' for s in SCHEMES)}",
            )


def is_server(url: str) -> bool:
    """Whether a URL names a server of the API, and no store.

    Example:
        >>> is_server("https://jobs.example.org"), is_server("sqlite:///jobs.db")
        (True, False)
    """
    return url.partition("://")[0] in SERVERS


def row_security(url: str, readers: Sequence[str], workers: Sequence[str]) -> str:
    """The script that has a server show each of some roles the rows of one tenant alone.

    Args:
        url: of the store, which has to be on PostgreSQL.
        readers: roles that are to see no more than the tenant that their session names.
        workers: roles that work with the store, beside its owner.

    Raises:
        InvalidOption: the store is none on PostgreSQL, or a role can be none.
    """
    if not url.startswith(("postgresql://", "postgres://")):
        raise InvalidOption(
            f"{url.partition('://')[0]} knows no roles", hint="this is for stores on PostgreSQL"
        )
    from tidemill.engines.postgres.row_security import (  # noqa: PLC0415 - see `open_engine`
        row_security as script,
    )
    from tidemill.engines.postgres.server import read_address  # noqa: PLC0415 - see `open_engine`

    return script(read_address(url).schema, readers, workers)


def file_of(url: str) -> Path | None:
    """The file in which a URL keeps jobs; `None` if it keeps them otherwise.

    Raises:
        InvalidOption: the URL should name a file, and does not.

    Example:
        >>> file_of("sqlite:///jobs.db"), file_of("memory://")
        (PosixPath('jobs.db'), None)
    """
    scheme, _, rest = url.partition("://")
    return _file(url, rest)[0] if scheme.startswith("sqlite") else None


def _postgres(url: str, clock: Clock | None) -> Engine:
    if find_spec("psycopg") is None:
        raise InvalidOption(
            "the driver for PostgreSQL is not installed", hint="pip install 'tidemill[postgres]'"
        )
    from tidemill.engines.postgres.engine import PostgresEngine  # noqa: PLC0415 - see `open_engine`
    from tidemill.engines.postgres.server import read_address  # noqa: PLC0415 - see `open_engine`

    # Many machines share it, so it goes by its own clock rather than by that of one.
    theirs = None if isinstance(clock, SystemClock) else clock
    return PostgresEngine(read_address(url), theirs)


def _file(url: str, rest: str) -> tuple[Path, float]:
    """The file that `/relative` or `//absolute` behind the scheme means, and our patience in s."""
    path, _, query = rest.partition("?")
    name = unquote(path[1:]) if path.startswith("/") else ""
    if not name or ":memory:" in name or "\0" in name:
        raise InvalidOption(
            f"{url!r} names no file",
            hint="write sqlite:///jobs.db, or memory:// for jobs that need not be kept",
        )
    options = dict(parse_qsl(query, keep_blank_values=True))
    patience = millis(options.pop("patience", "10s")) / 1_000
    if options:
        raise InvalidOption(
            f"{url!r} has an option that is not known: {', '.join(options)}",
            hint="the only one is patience, such as ?patience=30s",
        )
    return Path(name), patience
