-- Give a name to a holder.
INSERT INTO tidemill.lease (name, holder, fence, since, until, info) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (name) DO UPDATE
SET holder = excluded.holder, fence = excluded.fence, since = excluded.since,
    until = excluded.until, info = excluded.info
