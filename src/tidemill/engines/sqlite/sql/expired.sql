-- Running jobs whose worker's lease has run out or was given back.
SELECT seq, id, fence, worker, task, queue, tenant, args, attempt, crashes, -rank, timeout,
    policy, created_at, ready_at, started_at, checkpoint, tags, source, headers
FROM job
WHERE state = 'running'
    AND worker NOT IN (SELECT fence FROM lease WHERE until > ?)
ORDER BY seq LIMIT ?
