"""What a worker does in the schema and its user may not."""

from collections.abc import Iterator
from itertools import groupby

from tidemill.engines.health import Finding
from tidemill.engines.postgres.link import PostgresLink


def missing_rights(link: PostgresLink, schema: str, user: str) -> Iterator[Finding]:
    """Rights that were not granted, one finding for each kind of thing."""
    for kind, rows in groupby(link.rows("check_rights", (schema,)), key=lambda row: row[0]):
        missing: dict[str, list[str]] = {}
        for _, right, name in rows:
            missing.setdefault(right, []).append(name)
        said = "; ".join(f"{right} on {', '.join(names)}" for right, names in missing.items())
        yield Finding(
            f"the user {user} has not all the rights that a worker needs: {said}",
            f"{_grant(kind, schema)} TO {quoted(user)}",
            grave=True,
        )


def quoted(name: str) -> str:
    """A name as it stands in a statement."""
    return '"' + name.replace('"', '""') + '"'


def _grant(kind: str, schema: str) -> str:
    match kind:
        case "SCHEMA":
            return f"GRANT USAGE ON SCHEMA {quoted(schema)}"
        case "TABLE":
            rights = "SELECT, INSERT, UPDATE, DELETE"
        case _:
            rights = "SELECT, USAGE"
    return f"GRANT {rights} ON ALL {kind}S IN SCHEMA {quoted(schema)}"
