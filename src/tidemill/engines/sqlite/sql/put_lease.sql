-- Give a name to a holder.
INSERT INTO lease (name, holder, fence, since, until, info) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (name) DO UPDATE
SET holder = excluded.holder, fence = excluded.fence, since = excluded.since,
    until = excluded.until, info = excluded.info
