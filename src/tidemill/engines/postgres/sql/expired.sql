-- Running jobs whose worker's lease has run out or was given back; the columns of a claim first.
SELECT
    id, seq, task, queue, tenant, args, attempt, crashes, -rank, timeout, convert_to(policy, 'UTF8'),
    created_at, ready_at, checkpoint, source, tags, headers, fence, worker, started_at
FROM tidemill.job
WHERE state = 'running'
    AND worker NOT IN (SELECT fence FROM tidemill.lease WHERE until > $1)
ORDER BY seq LIMIT $2
