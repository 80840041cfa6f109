"""Makes a long history of a short one."""

import sqlite3


def multiply(url: str, stored: int, jobs: int) -> None:
    """Copy what has ended, as it is stored, under later numbers, ids and times.

    Args:
        url: of the store.
        stored: how many have ended.
        jobs: how many shall have.
    """
    link = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
    link.execute("PRAGMA synchronous = OFF")
    link.execute("PRAGMA cache_size = -1000000")
    columns = [row[1] for row in link.execute("PRAGMA table_info(done)")]
    copied = dict(zip(columns, columns, strict=True)) | {
        "seq": "seq + :copy * (SELECT count(*) FROM original)",
        "id": "printf('%08x', :copy) || substr(id, 9)",
        "created_at": "created_at + :copy * 1000",
        "finished_at": "finished_at + :copy * 1000",
    }
    link.execute("CREATE TEMP TABLE original AS SELECT * FROM done")
    for copy in range(1, jobs // stored):
        values = ", ".join(copied.values())
        # The names of columns, no value of anyone's.
        link.execute(f"INSERT INTO done SELECT {values} FROM original", {"copy": copy})  # noqa: S608 - see above
    # The index by tag is kept where jobs are stored, which these copies were not.
    link.execute("INSERT OR IGNORE INTO tagged SELECT value, seq FROM done, json_each(tags)")
    link.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    link.close()
