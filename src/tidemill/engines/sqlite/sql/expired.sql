-- Running jobs whose worker's lease has run out or was given back; the columns of a claim first.
SELECT
    id, seq, task, queue, tenant, args, attempt, crashes, -rank, timeout, CAST(policy AS BLOB),
    created_at, ready_at, checkpoint, source, tags, headers, fence, worker, started_at
FROM job
WHERE state = 'running'
    AND worker NOT IN (SELECT fence FROM lease WHERE until > ?)
ORDER BY seq LIMIT ?
