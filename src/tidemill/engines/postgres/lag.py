"""What makes workers and handlers wait: connections that run out, events and hints held back."""

from collections.abc import Iterator
from typing import Final

from tidemill.core.errors import StoreError
from tidemill.core.instants import Instant, Millis, words
from tidemill.engines.health import Finding
from tidemill.engines.postgres.cleaning import session
from tidemill.engines.postgres.hearing import hears
from tidemill.engines.postgres.link import Connection, PostgresLink
from tidemill.engines.postgres.rights import quoted
from tidemill.engines.postgres.server import Server

LONG: Final[Millis] = 10_000
"""Handlers that wait for longer have not merely met a transaction at work."""

_FULL: Final = 0.9
"""The share of the connections from which on the next process may find none."""


def little_room(link: PostgresLink, user: str, database: str) -> Iterator[Finding]:
    """Limits on connections that are nearly reached."""
    for used, most, of_user, most_of_user, of_database, most_of_database in link.rows("check_room"):
        for count, limit, what, remedy in (
            (used, most, "the server", "raise max_connections, or put a pooler in front"),
            (
                of_user,
                most_of_user,
                f"the user {user}",
                f"ALTER ROLE {quoted(user)} CONNECTION LIMIT -1",
            ),
            (
                of_database,
                most_of_database,
                f"the database {database}",
                f"ALTER DATABASE {quoted(database)} CONNECTION LIMIT -1",
            ),
        ):
            if limit >= 0 and count >= limit * _FULL:
                yield Finding(
                    f"{count} of the {limit} connections that {what} may have are taken; each "
                    "process of ours takes up to ten",
                    remedy,
                )


def held_events(link: PostgresLink, now: Instant, *, long: Millis = LONG) -> Iterator[Finding]:
    """Events that are stored and not heard yet, because of an open transaction before them."""
    ((whole,),) = link.rows("last_whole_position")
    ((count, first_at),) = link.rows("check_held_entries", (whole,))
    holders = link.rows("check_emitters", (whole,))
    if not count or not holders or now - first_at < long:
        return
    pid = holders[0][0]
    yield Finding(
        f"{count:,} events are stored that no handler hears yet, the first for "
        f"{words(now - first_at)}: {session(*holders[0])} emitted one before them in a transaction "
        "that is still open",
        f"commit it, or end the session: SELECT pg_terminate_backend({pid})",
    )


def lost_hints(server: Server, teller: Connection) -> Iterator[Finding]:
    """Really listen on a connection, and tell it something on another one."""
    if server.address.listens is None:
        return
    try:
        with server.connect_to_listen() as listener:
            arrive = hears(listener, teller, server.address.schema)
    except StoreError as error:
        yield Finding(
            f"hints cannot be listened for: {error.message}",
            f"{error.hint}; until then workers find jobs by looking, every `poll`",
        )
        return
    if not arrive:
        yield Finding(
            "hints do not arrive: a pooler hands each transaction another session, so LISTEN is "
            "forgotten; workers find jobs by looking, every `poll`",
            "name the server itself: ?listen=postgresql://user:password@host:5432/database; or "
            "say ?listen=off, and set `poll` as you can bear it",
        )
