"""Whether what is told on one connection is heard on another."""

from typing import Final

import psycopg

from tidemill.core.identity import new_id
from tidemill.engines.postgres.link import Connection

WITHIN: Final = 1.0
"""Seconds for a notification to arrive; it takes milliseconds where it arrives at all."""


def hears(listener: Connection, teller: Connection, schema: str) -> bool:
    """Really listen, tell, and wait for it.

    Behind a pooler that hands each transaction another session, LISTEN is answered and forgotten.
    """
    channel, word = f"{schema}_check", new_id()
    try:
        listener.execute(f'LISTEN "{channel}"')
        teller.execute("SELECT pg_notify($1, $2)", (channel, word))
        arrived = any(each.payload == word for each in listener.notifies(timeout=WITHIN))
        listener.execute(f'UNLISTEN "{channel}"')
    except psycopg.Error:
        return False
    return arrived
