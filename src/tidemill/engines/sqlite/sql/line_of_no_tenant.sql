-- The line of jobs without a tenant in one queue.
SELECT
    rank, ready_at, seq, id, task, queue, tenant, created_at, attempt, crashes, timeout, policy,
    args, checkpoint, tags, source, headers, expires_at, limit_key, limit_most, rate_key, rate
FROM job INDEXED BY job_line
WHERE queue = ? AND tenant = '' AND state = 'waiting'
ORDER BY rank, ready_at, seq
