-- Running jobs whose worker's lease has run out or was given back; the columns of a line first.
SELECT
    rank, ready_at, seq, id, task, queue, tenant, created_at, attempt, crashes, timeout, policy,
    args, checkpoint, tags, source, headers, fence, worker, started_at
FROM job
WHERE state = 'running'
    AND worker NOT IN (SELECT fence FROM lease WHERE until > ?)
ORDER BY seq LIMIT ?
