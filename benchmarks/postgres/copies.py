"""Makes a long history of a short one."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, LiteralString

import psycopg

COPIED: Final[dict[str, LiteralString]] = {
    "seq": "seq + copy * 10000000",
    "id": "lpad(to_hex(copy), 8, '0') || substr(id, 9)",
    "created_at": "created_at + copy * 1000",
    "finished_at": "finished_at + copy * 1000",
}
"""What is different in a copy; numbers of jobs are far apart, for gaps are lawful."""

COLUMNS: Final = """
SELECT attname FROM pg_attribute
WHERE attrelid = 'tidemill.done'::regclass AND attnum > 0 AND NOT attisdropped
"""

INDEXES: Final = """
SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid)
FROM pg_index
WHERE indrelid = 'tidemill.done'::regclass
    AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid)
"""

Link = psycopg.Connection[tuple[Any, ...]]


def multiply(url: str, stored: int, jobs: int) -> None:
    """Copy what has ended, as it is stored, under later numbers, ids and times.

    Args:
        url: of the store.
        stored: how many have ended.
        jobs: how many shall have.
    """
    with psycopg.connect(url, autocommit=True) as link:
        link.execute("SET synchronous_commit = off")
        link.execute("SET maintenance_work_mem = '1GB'")
        link.execute("CREATE TEMP TABLE original AS SELECT * FROM tidemill.done")
        columns = [name for (name,) in link.execute(COLUMNS)]
        values = ", ".join(COPIED.get(name, name) for name in columns)
        statement = (
            f"INSERT INTO tidemill.done ({', '.join(columns)}) SELECT {values}"  # noqa: S608 - names of columns
            f" FROM original CROSS JOIN generate_series(1::bigint, {jobs // stored - 1}) AS copy"
        )
        with _indexed_anew(link):
            link.execute(statement.encode())
        link.execute(
            "INSERT INTO tidemill.tagged (tag, job) SELECT value, seq"
            " FROM tidemill.done, json_array_elements_text(tags::json) ON CONFLICT DO NOTHING"
        )


@contextmanager
def _indexed_anew(link: Link) -> Iterator[None]:
    """Take the indexes away and make them anew in the end, which is faster than to keep them."""
    indexes = link.execute(INDEXES).fetchall()
    for name, _ in indexes:
        link.execute(f"DROP INDEX {name}".encode())
    yield
    for _, definition in indexes:
        link.execute(definition.encode())
