"""What keeps the server from cleaning up after jobs: old transactions, forgotten slots, itself.

A job that ends leaves dead rows behind. They are cleaned away when nobody can see them any more;
until then claims read past them.
"""

from collections.abc import Iterator
from typing import Final

from tidemill.core.instants import Millis, words
from tidemill.engines.health import Finding
from tidemill.engines.postgres.link import PostgresLink

LONG: Final[Millis] = 300_000
"""A transaction that is open for longer has most likely been forgotten."""

RESTING: Final[Millis] = 15_000
"""One that holds what jobs need and does nothing for longer, too: ours are ended before that."""

MUCH_LOG: Final = 1 << 30
"""Bytes of write-ahead log that a slot may keep before anyone needs to know."""

MANY_DEAD: Final = 50_000
"""Fewer dead rows than these do not matter, however few live."""

_SHARE_DEAD: Final = 5
"""So many dead rows for each that lives are far more than is usual."""

_TOO_MANY_DEAD: Final = 1_000_000
"""More than these matter even if they were tidied a moment ago."""

_REST_OF_CLEANING: Final[Millis] = 600_000
"""A busy table is cleaned about every minute; for longer than this, and nobody does it."""

_SEE_ALL: Final = "GRANT pg_read_all_stats lets this user see them"


def old_transactions(
    link: PostgresLink, schema: str, *, long: Millis = LONG, resting: Millis = RESTING
) -> Iterator[Finding]:
    """Sessions that have a transaction open for long, as far as this user may see them."""
    for pid, user, program, state, length, rested, keeps, changes in link.rows(
        "check_transactions", (schema, min(long, resting))
    ):
        if changes and rested is not None and rested >= resting:
            harm = (
                f"has rested in it for {words(rested)}: it holds locks on jobs meanwhile, which "
                "nobody else can claim or change"
            )
        elif keeps and length >= long:
            harm = "keeps the server from cleaning up what jobs leave behind"
        else:
            continue
        yield Finding(
            f"{session(pid, user, program, state)} has had a transaction open for {words(length)}, "
            f"and {harm}",
            f"commit it, or end the session: SELECT pg_terminate_backend({pid}); "
            "idle_in_transaction_session_timeout does it by itself",
        )


def prepared_transactions(link: PostgresLink, *, long: Millis = LONG) -> Iterator[Finding]:
    """Transactions that were prepared and then forgotten: they outlive even the server."""
    for gid, user, length in link.rows("check_prepared", (long,)):
        literal = "'" + gid.replace("'", "''") + "'"
        yield Finding(
            f"the transaction {literal} of {user} was prepared {words(length)} ago and not ended: "
            "it keeps its locks, and the server from cleaning up",
            f"COMMIT PREPARED {literal}, or ROLLBACK PREPARED {literal}",
        )


def forgotten_slots(link: PostgresLink, *, much: int = MUCH_LOG) -> Iterator[Finding]:
    """Replication slots that keep what nobody fetches."""
    for name, active, kept, keeps_rows in link.rows("check_slots", (much,)):
        harms = []
        if kept > much:
            harms.append(f"{kept / (1 << 20):,.0f} MiB of write-ahead log, which fills the disk")
        if keeps_rows and not active:
            harms.append("dead rows that can be cleaned away nowhere")
        yield Finding(
            f"the replication slot {name} {'lags' if active else 'is not in use'}, and keeps "
            + " and ".join(harms),
            "see to its receiver, or "
            f"SELECT pg_drop_replication_slot('{name}'); max_slot_wal_keep_size limits the log",
        )


def leftovers(
    link: PostgresLink, schema: str, settings: dict[str, str], *, many: int = MANY_DEAD
) -> Iterator[Finding]:
    """Dead rows of the hot table far beyond those that live, and cleaning that is off."""
    for live, dead, rested, table_is_off, hidden in link.rows("check_leftovers", (schema,)):
        if settings["track_counts"] == "off" or settings["autovacuum"] == "off":
            name = "track_counts" if settings["track_counts"] == "off" else "autovacuum"
            yield Finding(
                f"{name} is off: what jobs leave behind is not cleaned away by itself",
                f"ALTER SYSTEM SET {name} = on; SELECT pg_reload_conf()",
            )
        elif table_is_off:
            yield Finding(
                f"autovacuum is off for {schema}.job: what jobs leave behind is not cleaned away",
                f'ALTER TABLE "{schema}".job RESET (autovacuum_enabled)',
            )
        is_rested = rested is None or rested > _REST_OF_CLEANING or dead > _TOO_MANY_DEAD
        if dead > many and dead > _SHARE_DEAD * live and is_rested:
            when = "never yet" if rested is None else f"{words(rested)} ago"
            unseen = f"; {hidden} sessions cannot be looked into: {_SEE_ALL}" if hidden else ""
            yield Finding(
                f"{schema}.job has {dead:,} dead rows beside {live:,} that live, and was last "
                f"cleaned {when}: claims read past them",
                f'VACUUM "{schema}".job, once no old transaction keeps them{unseen}',
            )


def session(pid: int, user: str | None, program: str | None, state: str | None) -> str:
    """A session in words, as far as it can be seen."""
    known = [f"of {user}" if user else "", f"({program})" if program else "", state or ""]
    return " ".join([f"process {pid}", *(each for each in known if each)])
