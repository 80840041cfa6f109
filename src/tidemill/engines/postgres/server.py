"""The server: how it is reached, and what its errors mean for whoever uses the store."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from urllib.parse import quote, unquote, urlencode

import psycopg
from msgspec import Struct

from tidemill.core.errors import InvalidOption, StoreUnavailable, TidemillError
from tidemill.core.instants import Millis, millis, words
from tidemill.engines.postgres.connections import Connections, Loan, OwnConnection
from tidemill.engines.postgres.link import PostgresLink
from tidemill.engines.postgres.manners import SetSession, to_write
from tidemill.engines.postgres.meanings import explained
from tidemill.engines.postgres.session import PsycopgSession
from tidemill.engines.postgres.statements import statement
from tidemill.engines.unstorable import UNSENT, unstorable

_NAME: Final = re.compile(r"[a-z_][a-z0-9_]{0,40}")
MOST_CONNECTIONS: Final = 8
"""Connections to work on; whoever renews a lease has one more, which nobody else ever has."""

FAILS: Final = (psycopg.Error, *UNSENT)
"""What a statement raises, see `Server.explain`."""

_PATIENCE: Final[tuple[Millis, Millis]] = (100, 86_400_000)
"""The least and the most: a server takes 0 for without end, and no more than 24 days."""

_PREPARE_AFTER: Final = 2
"""How often a statement is sent in full before the session is to remember it."""

_FOR_ANSWERS: Final = 0.9
"""Share of our patience after which a server that says nothing is given up."""

_LONGEST_GREETING: Final = 4
"""Seconds to wait for a connection: what is sent into the void while a network is cut must not keep
one from trying again when it is mended."""


class Address(Struct, frozen=True):
    """Where a store is.

    Attributes:
        conninfo: as libpq reads it, our own options taken out.
        shown: the same without its password, for messages.
        schema: the schema that holds the tables.
        patience: seconds to wait for a connection, a lock, or an answer.
        listens: where hints are listened for, as libpq reads it; `None`: nowhere.
        prepares: whether sessions are to remember statements; `None`: unless they are a pooler's.
        wake_window: seconds for which hints are gathered after some were sent.
    """

    conninfo: str
    shown: str
    schema: str
    patience: float
    listens: str | None
    prepares: bool | None
    wake_window: float


def read_address(url: str) -> Address:
    """Take a URL apart: `postgresql://user@host/database?schema=jobs&patience=10s`.

    Raises:
        InvalidOption: libpq could not read it, or one of our own options is wrong.
    """
    base, _, query = url.partition("?")
    options = _options(query)
    schema = options.pop("schema", "tidemill")
    if not _NAME.fullmatch(schema):
        raise InvalidOption(
            f"schema={schema!r} is no name for a schema of ours",
            hint="small letters, digits and _, at most 41 of them, not a digit first",
        )
    patience = _patience(options.pop("patience", "10s"))
    window = options.pop("wake_window", "4ms")
    listens = options.pop("listen", "")
    prepares = options.pop("prepare", None)
    if prepares not in ("on", "off", None):
        raise InvalidOption(f"prepare={prepares} is neither on nor off", hint="leave it out")
    conninfo = _readable(base + (f"?{urlencode(options, quote_via=quote)}" if options else ""))
    if listens and listens != "off":
        if not listens.startswith(("postgresql://", "postgres://")):
            raise InvalidOption(
                "listen= names no server",
                hint="write ?listen=postgresql://user:password@host:5432/database, or ?listen=off",
            )
        _readable(listens)
    return Address(
        conninfo,
        _without_password(base),
        schema,
        patience,
        None if listens == "off" else listens or conninfo,
        None if prepares is None else prepares == "on",
        0 if window == "0" else millis(window) / 1_000,
    )


def _patience(written: str) -> float:
    """Our patience in seconds.

    Raises:
        InvalidOption: it cannot be read, or is so short or long that a server would not keep to it.
    """
    least, most = _PATIENCE
    if not least <= (length := millis(written)) <= most:
        raise InvalidOption(
            f"patience={written} is not possible",
            hint=f"write a time from {words(least)} to {words(most)}, such as ?patience=10s",
        )
    return length / 1_000


def _readable(url: str) -> str:
    """The URL, if libpq can read it.

    Raises:
        InvalidOption: it cannot; said without a password that may stand in it.
    """
    base, _, query = url.partition("?")
    shown = _without_password(base)
    try:
        psycopg.conninfo.conninfo_to_dict(url)
    except psycopg.ProgrammingError as error:
        # What libpq says of a URL may quote the whole of it.
        is_secret = shown != base or "password" in query
        raise InvalidOption(
            f"{shown} cannot be read" + ("" if is_secret else f": {str(error).strip()}"),
            hint="write postgresql://user:password@host:5432/database",
        ) from None
    return url


def _without_password(base: str) -> str:
    return re.sub(r"(://[^:/@]*):[^@]*@", r"\1@", base)


def _options(query: str) -> dict[str, str]:
    """What stands behind the question mark, read as libpq does: there a `+` is a `+`."""
    pairs = (pair.partition("=") for pair in query.split("&") if pair)
    return {unquote(name): unquote(value) for name, _, value in pairs}


class Server:
    """One server: connections to it, and what its errors mean."""

    def __init__(self, address: Address) -> None:
        """Connect to nothing yet."""
        self.address = address
        self._connections: Connections | None = None
        self._renewing: Connections | None = None
        self._is_replica = False

    def open(self) -> None:
        """Keep connections from now on."""
        self._connections = Connections(self.connect, self.link, MOST_CONNECTIONS, self._forget)
        self._renewing = Connections(self.connect, self.link, 1, self._forget)

    def close(self) -> None:
        """Take every connection back and end it."""
        lots = self._connections, self._renewing
        self._connections = self._renewing = None
        for connections in lots:
            if connections is not None:
                connections.close()

    def _forget(self) -> None:
        """A connection was lost, and so are the idle ones, whoever is to have them."""
        for connections in (self._connections, self._renewing):
            if connections is not None:
                connections.forget_idle()

    def connect(self) -> OwnConnection:
        """A connection of one's own, to work with.

        Raises:
            StoreError: the one that names what is wrong.
        """
        connection = self._connect(self.address.conninfo, self.address.patience * _FOR_ANSWERS)
        # A pooler may have us hear what others listen for; psycopg would keep it all.
        connection.add_notify_handler(lambda _: None)
        return connection

    def connect_to_listen(self) -> OwnConnection:
        """A connection of one's own, on which notifications arrive.

        Raises:
            StoreError: the one that names what is wrong.
        """
        where = self.address.listens or self.address.conninfo
        return self._connect(where, self.address.patience * _FOR_ANSWERS)

    @contextmanager
    def connected(self) -> Iterator[OwnConnection]:
        """A patient connection, closed in the end, whose errors are said in our words."""
        with self._connect(self.address.conninfo, None) as connection:
            try:
                yield connection
            except FAILS as error:
                raise self.explain(error) from error

    def lent(self, *, renews: bool = False) -> "Lent":
        """A connection for a while, and the link that runs statements on it.

        Args:
            renews: whether it is to renew a lease, and must not wait for those who do other work.

        Raises:
            StoreUnavailable: the store is not open, or no connection was free in time.
            StoreError: another one, that names why the server does not let us in.
        """
        connections = self._renewing if renews else self._connections
        if connections is None:
            raise StoreUnavailable(
                f"{self.address.shown} is not open", hint="open the engine first"
            )
        return Lent(connections, self.address.patience)

    def link(self, connection: OwnConnection) -> PostgresLink:
        """What runs statements on a connection, whatever the defaults of its session are."""
        if connection.suits:
            session = PsycopgSession(connection)
        else:
            session = SetSession(connection, to_write(connection.patience))
        return PostgresLink(session, self.address.schema)

    def explain(self, error: psycopg.Error | UnicodeEncodeError | OverflowError) -> TidemillError:
        """Say an error of the driver in our own words, with what to do about it."""
        if not isinstance(error, psycopg.Error):
            return unstorable(error)
        return explained(error, self.address.shown, is_replica=self._is_replica)

    def _connect(self, conninfo: str, patience: float | None) -> OwnConnection:
        try:
            connection = OwnConnection.connect(
                conninfo,
                autocommit=True,
                cursor_factory=psycopg.RawCursor,
                prepare_threshold=_PREPARE_AFTER,
                connect_timeout=min(max(int(self.address.patience), 2), _LONGEST_GREETING),
                client_encoding="utf8",
                fallback_application_name="tidemill",
            )
        except psycopg.Error as error:
            raise self.explain(error) from error
        try:
            self._meet(connection, patience)
        except BaseException as error:
            connection.close()
            if isinstance(error, psycopg.Error):
                raise self.explain(error) from error
            raise
        return connection

    def _meet(self, connection: OwnConnection, patience: float | None) -> None:
        """Learn what the session is like, and behave accordingly."""
        connection.patience = patience
        connection.greet(statement("greet", self.address.schema))
        prepares = self.address.prepares
        if prepares is False or (prepares is None and connection.is_pooled):
            # What one session was told to remember, the next one has never heard of.
            connection.prepare_threshold = None
        self._is_replica = connection.info.parameter_status("in_hot_standby") == "on"


class Lent:
    """A connection for as long as the block runs; a class, for every statement passes here."""

    __slots__ = ("_connections", "_loan", "_patience")

    def __init__(self, connections: Connections, patience: float) -> None:
        """Take one when the block begins."""
        self._connections = connections
        self._patience = patience

    def __enter__(self) -> Loan:
        self._loan = loan = self._connections.take(self._patience)
        return loan

    def __exit__(self, *_: object) -> None:
        self._connections.give_back(self._loan)
