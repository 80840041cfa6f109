-- Running jobs under one lease; the columns of a claim first, as in `expired`.
SELECT
    id, seq, task, queue, tenant, args, attempt, crashes, -rank, timeout, convert_to(policy, 'UTF8'),
    created_at, ready_at, checkpoint, source, tags, headers, fence, worker, started_at
FROM tidemill.job
WHERE state = 'running' AND worker = $1
ORDER BY seq
