-- The line of one task in one queue.
SELECT
    rank, ready_at, seq, id, task, queue, tenant, created_at, attempt, crashes, timeout, policy,
    args, checkpoint, tags, source, headers, expires_at, limit_key, limit_most, rate_key, rate
FROM job INDEXED BY job_task
WHERE queue = ? AND task = ? AND state = 'waiting'
ORDER BY rank, ready_at, seq
