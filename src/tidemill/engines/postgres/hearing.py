"""Whether what is told on one connection is heard on another."""

import time
from typing import Final

import psycopg

from tidemill.core.identity import new_id
from tidemill.engines.postgres.link import Connection

WITHIN: Final = 1.0
"""Seconds for a notification to arrive; it takes milliseconds where it arrives at all."""


def hears(listener: Connection, teller: Connection, schema: str) -> bool:
    """Really listen, tell, and wait for it.

    Behind a pooler that hands each transaction another session, LISTEN is answered and forgotten:
    by us, not by the session.
    """
    channel, word = f"{schema}_check", new_id()
    try:
        session = _said(listener, f'LISTEN "{channel}"')
        teller.execute("SELECT pg_notify($1, $2)", (channel, word))
        arrived = any(each.payload == word for each in listener.notifies(timeout=WITHIN))
        _silence(listener, channel, session)
    except psycopg.Error:
        return False
    return arrived


def _silence(connection: Connection, channel: str, session: int) -> None:
    """Have a session listen no more, which a pooler may hand out only some time later."""
    ends_at = time.monotonic() + WITHIN
    while _said(connection, f'UNLISTEN "{channel}"') != session:
        if time.monotonic() > ends_at:
            return


def _said(connection: Connection, command: str) -> int:
    """Say something; the number of the process that was told, in one go: it is the same one."""
    ((pid,),) = connection.execute(f"SELECT pg_backend_pid(); {command}", prepare=False).fetchall()
    return int(pid)
