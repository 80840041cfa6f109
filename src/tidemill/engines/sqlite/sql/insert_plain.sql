-- Store one job that claims no key and waits for nothing, in a row that has been drawn for it.
-- Changes one row, or none when a live job has its id. Only the columns that such a job can fill are
-- named: SQLite then knows which indexes have no entry for it before the row is there.
INSERT INTO job (
    seq, id, task, queue, tenant, state, rank, ready_at, created_at, max_attempts, expires_at, timeout,
    tags, source, headers, policy, args
)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO NOTHING
