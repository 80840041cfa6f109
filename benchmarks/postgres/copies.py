"""Makes a long history of a short one."""

from typing import LiteralString

import psycopg

COPIED: dict[str, LiteralString] = {
    "seq": "seq + copy * 10000000",
    "id": "lpad(to_hex(copy), 8, '0') || substr(id, 9)",
    "created_at": "created_at + copy * 1000",
    "finished_at": "finished_at + copy * 1000",
}
"""What is different in a copy; numbers of jobs are far apart, for gaps are lawful."""


def multiply(url: str, stored: int, jobs: int) -> None:
    """Copy what has ended, as it is stored, under later numbers, ids and times.

    Args:
        url: of the store.
        stored: how many have ended.
        jobs: how many shall have.
    """
    with psycopg.connect(url, autocommit=True) as link:
        columns = [
            name
            for (name,) in link.execute(
                "SELECT attname FROM pg_attribute"
                " WHERE attrelid = 'tidemill.done'::regclass AND attnum > 0 AND NOT attisdropped"
            )
        ]
        link.execute("SET synchronous_commit = off")
        link.execute("CREATE TEMP TABLE original AS SELECT * FROM tidemill.done")
        values = ", ".join(COPIED.get(name, name) for name in columns)
        statement = (
            f"INSERT INTO tidemill.done ({', '.join(columns)}) SELECT {values}"  # noqa: S608 - names of columns
            f" FROM original CROSS JOIN generate_series(1, {jobs // stored - 1}) AS copy"
        )
        link.execute(statement.encode())
        link.execute(
            "INSERT INTO tidemill.tagged (tag, job) SELECT value, seq"
            " FROM tidemill.done, json_array_elements_text(tags::json) ON CONFLICT DO NOTHING"
        )
        link.execute("VACUUM ANALYZE tidemill.done")
