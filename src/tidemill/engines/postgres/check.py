"""What the server is like, and how far what it has accepted can be trusted."""

from typing import Final

from tidemill.core.errors import StoreError
from tidemill.engines.health import Durability, Finding, Health
from tidemill.engines.postgres.link import Connection
from tidemill.engines.postgres.migrate import schema_number
from tidemill.engines.postgres.server import Address

OLDEST: Final = 16
"""Of PostgreSQL's versions, the first on which the whole conformance suite has passed."""


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


def look(connection: Connection, address: Address) -> Health:
    """Look at the server's settings."""
    settings: dict[str, str] = dict(
        connection.execute(
            "SELECT name, setting FROM pg_settings"
            " WHERE name IN ('fsync', 'full_page_writes', 'server_version', 'synchronous_commit')"
        ).fetchall()
    )
    findings = []
    durability = Durability.DURABLE
    for name in ("fsync", "full_page_writes", "synchronous_commit"):
        if settings[name] == "off":
            durability = Durability.DURABLE_EXCEPT_POWER_LOSS
            findings.append(
                Finding(
                    f"{name} is off: what was accepted last may be lost with the machine",
                    f"set {name} = on in postgresql.conf",
                    grave=True,
                )
            )
    return Health(
        durability,
        f"PostgreSQL {settings['server_version']} at {address.shown}",
        schema_number(connection, address),
        tuple(findings),
    )
