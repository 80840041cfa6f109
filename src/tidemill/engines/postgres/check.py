"""What the server is like: how far it can be trusted, and what goes wrong there."""

from collections.abc import Iterator
from typing import Final

from tidemill.core.errors import StoreError
from tidemill.core.instants import Millis, words
from tidemill.engines.health import Durability, Finding, Health
from tidemill.engines.postgres.cleaning import (
    forgotten_slots,
    leftovers,
    old_transactions,
    prepared_transactions,
)
from tidemill.engines.postgres.connections import OwnConnection
from tidemill.engines.postgres.lag import held_events, little_room, lost_hints
from tidemill.engines.postgres.link import Connection, PostgresLink
from tidemill.engines.postgres.migrate import schema_number
from tidemill.engines.postgres.rights import missing_rights, quoted
from tidemill.engines.postgres.server import Address, Server
from tidemill.loops.clock import Clock

OLDEST: Final = 16
"""Of PostgreSQL's versions, the first on which the whole conformance suite has passed."""

_SKEW: Final[Millis] = 1_000
_GRAVE_SKEW: Final[Millis] = 5_000

_AT_RISK: Final = {
    "fsync": "what was accepted last may be lost with the machine, and the rest damaged",
    "full_page_writes": "a loss of power in the middle of a write may damage what is stored",
    "synchronous_commit": "what was accepted last may be lost with the machine",
}


def refuse_old(connection: Connection, address: Address) -> None:
    """Refuse a server whose version is not known to do.

    Raises:
        StoreError: it is too old.
    """
    version = connection.info.server_version // 10_000
    if version < OLDEST:
        raise StoreError(
            f"{address.shown} is PostgreSQL {version}",
            hint=f"jobs need PostgreSQL {OLDEST} or newer",
        )


def look(connection: OwnConnection, server: Server, clock: Clock | None) -> Health:
    """Look at everything that the promises and the pace rest on; any user may.

    Args:
        connection: to the store.
        server: where another one can be had.
        clock: this machine's; `None`: it does not matter here.
    """
    schema = server.address.schema
    link = server.link(connection)
    rows = link.rows("check_settings")
    settings = {name: setting for name, setting, _ in rows}
    sources = {name: source for name, _, source in rows}
    ((login, user, database, is_superuser, is_replica),) = link.rows("check_session")
    at_risk = list(_at_risk(settings, sources, login, database))
    findings = [
        *at_risk,
        *_writes(settings, sources, login, database, is_replica=is_replica),
        *_user(user, database, is_superuser=is_superuser),
        *_letters(settings, database),
        *(missing := list(missing_rights(link, schema, user))),
    ]
    if clock is not None:
        findings += skew(link, clock)
    findings += old_transactions(link, schema)
    findings += prepared_transactions(link)
    findings += forgotten_slots(link)
    findings += leftovers(link, schema, settings)
    findings += little_room(link, login, database)
    if not missing:
        findings += held_events(link, _server_time(link))
    if not is_replica:
        findings += lost_hints(server, connection)
    return Health(
        Durability.DURABLE_EXCEPT_POWER_LOSS if at_risk else Durability.DURABLE,
        f"PostgreSQL {settings['server_version']} at {server.address.shown}",
        schema_number(connection, server.address),
        tuple(findings),
    )


def skew(link: PostgresLink, clock: Clock) -> Iterator[Finding]:
    """How far this machine's clock is from the server's, by whose clock everything is stored."""
    begun = clock.monotonic()
    theirs = _server_time(link)
    ours = clock.now() - round((clock.monotonic() - begun) * 500)
    apart = abs(ours - theirs)
    if apart > _SKEW:
        yield Finding(
            f"this machine's clock is {words(apart)} {'ahead of' if ours > theirs else 'behind'} "
            "the server's: delays and retries that are counted here end as much too "
            f"{'late' if ours > theirs else 'early'}",
            "set both by the network: timedatectl set-ntp true",
            grave=apart > _GRAVE_SKEW,
        )


def _server_time(link: PostgresLink) -> Millis:
    ((now, _),) = link.rows("moments", (None, None))
    return int(now)


def _at_risk(
    settings: dict[str, str], sources: dict[str, str], login: str, database: str
) -> Iterator[Finding]:
    """Settings under which an answered change may be lost, and where to mend each.

    Without a standby that is waited for, all other values of `synchronous_commit` are alike.
    """
    for name, harm in _AT_RISK.items():
        if settings[name] == "off":
            yield Finding(
                f"{name} is off ({sources[name]}): {harm}",
                _mend(name, "on", sources[name], login, database),
                grave=True,
            )


def _writes(
    settings: dict[str, str],
    sources: dict[str, str],
    login: str,
    database: str,
    *,
    is_replica: bool,
) -> Iterator[Finding]:
    """Why nothing can be stored here."""
    name = "default_transaction_read_only"
    if is_replica:
        yield Finding(
            "this server is a replica: jobs can be looked at, and not stored or run",
            "name the primary server; of several hosts, target_session_attrs=read-write finds it",
            grave=True,
        )
    elif settings[name] == "on":
        yield Finding(
            f"{name} is on ({sources[name]}): jobs can be looked at, and not stored or run",
            _mend(name, "off", sources[name], login, database),
            grave=True,
        )


def _mend(name: str, value: str, source: str, login: str, database: str) -> str:
    """What gives a setting this value, at the level at which it was given another."""
    match source:
        case "database":
            whose = f"ALTER DATABASE {quoted(database)}"
        case "user":
            whose = f"ALTER ROLE {quoted(login)}"
        case "database user":
            whose = f"ALTER ROLE {quoted(login)} IN DATABASE {quoted(database)}"
        case "global":
            whose = "ALTER ROLE ALL"
        case "client" | "session":
            return f"take {name} out of options= in the URL, and out of PGOPTIONS"
        case _:
            return f"ALTER SYSTEM SET {name} = {value}; SELECT pg_reload_conf()"
    return f"{whose} SET {name} = {value}, then restart the workers"


def _user(user: str, database: str, *, is_superuser: bool) -> Iterator[Finding]:
    """Rights that are more than enough."""
    if is_superuser:
        yield Finding(
            f"the user {user} is a superuser: whoever gets hold of the URL owns the server",
            f"CREATE ROLE one that is none, and GRANT CREATE ON DATABASE {quoted(database)} to it",
        )


def _letters(settings: dict[str, str], database: str) -> Iterator[Finding]:
    """Letters that the database does not know."""
    encoding = settings["server_encoding"]
    if encoding != "UTF8":
        yield Finding(
            f"the database {database} is kept in {encoding}: names with other letters are refused",
            "make one that knows them all: createdb --encoding UTF8 --template template0",
        )
