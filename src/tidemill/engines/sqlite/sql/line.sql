-- The line of one queue, in the order in which jobs start; read lazily, as far as is needed.
SELECT
    rank, ready_at, seq,
    id, seq, task, queue, tenant, args, attempt + 1, crashes, -rank, timeout, CAST(policy AS BLOB),
    created_at, ready_at, checkpoint, source, tags, headers,
    expires_at, limit_key, limit_most, rate_key, rate
FROM job INDEXED BY job_line
WHERE queue = ? AND state = 'waiting'
ORDER BY rank, ready_at, seq
