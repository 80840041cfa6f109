-- Running jobs whose worker's lease has run out or was given back; the columns of a claim first.
-- They are looked for between the numbers of the workers whose leases hold: of what these have run
-- and ended, however much of it nobody has cleared away yet, nothing is read.
WITH gap AS MATERIALIZED (
    SELECT coalesce(lag(fence) OVER (ORDER BY fence), -1) AS low, fence AS high
    FROM (
        SELECT fence FROM tidemill.lease WHERE until > $1
        UNION ALL SELECT 9223372036854775807
    ) AS live
)
SELECT
    id, seq, task, queue, tenant, args, attempt, crashes, -rank, timeout, convert_to(policy, 'UTF8'),
    created_at, ready_at, checkpoint, source, tags, headers, fence, worker, started_at
FROM gap CROSS JOIN LATERAL (
    SELECT * FROM tidemill.job WHERE state = 'running' AND worker > low AND worker < high
    OFFSET 0 -- or all that run are read, and then compared with each gap
) AS dead
ORDER BY seq LIMIT $2
