-- The line of jobs without a tenant in one queue.
SELECT
    rank, ready_at, seq,
    id, seq, task, queue, tenant, args, attempt + 1, crashes, -rank, timeout, CAST(policy AS BLOB),
    created_at, ready_at, checkpoint, source, tags, headers,
    expires_at, limit_key, limit_most, rate_key, rate
FROM job INDEXED BY job_line
WHERE queue = ? AND tenant = '' AND state = 'waiting'
ORDER BY rank, ready_at, seq
