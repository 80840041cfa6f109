-- Running jobs whose worker's lease has run out or was given back; the columns of a claim first.
-- Their workers are found by one index step each, however many jobs they hold.
WITH RECURSIVE holder (worker) AS (
    SELECT min(worker) FROM tidemill.job WHERE state = 'running'
    UNION ALL
    SELECT (
        SELECT min(worker) FROM tidemill.job WHERE state = 'running' AND worker > holder.worker
    )
    FROM holder WHERE holder.worker IS NOT NULL
)
SELECT
    id, seq, task, queue, tenant, args, attempt, crashes, -rank, timeout, convert_to(policy, 'UTF8'),
    created_at, ready_at, checkpoint, source, tags, headers, fence, worker, started_at
FROM (
    SELECT worker FROM holder
    WHERE worker IS NOT NULL AND worker NOT IN (SELECT fence FROM tidemill.lease WHERE until > $1)
) AS dead
JOIN tidemill.job USING (worker)
WHERE state = 'running'
ORDER BY seq LIMIT $2
