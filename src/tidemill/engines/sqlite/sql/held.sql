-- Running jobs under one lease; the columns of a claim first, as in `expired`.
SELECT
    id, seq, task, queue, tenant, args, attempt, crashes, -rank, timeout, CAST(policy AS BLOB),
    created_at, ready_at, checkpoint, source, tags, headers, fence, worker, started_at
FROM job
WHERE state = 'running' AND worker = ?
ORDER BY seq
