-- Give a worker the heads of the lines, if nothing but their order decides: no queue that has jobs
-- waiting has rules that hold back, no tenant has, nothing is due, unless that has been seen to ($7), and none of
-- these jobs has a limit, a rate, an expiry, a paused task or a death to be careful of.
-- One statement that passes over what others have locked, so it stands alone. It looks four times as
-- far ahead as it needs, for what others may be taking at this moment. Of a rank it begins at the floor
-- of its queue ($8 to $10), if nothing has come back to an old place since ($11): what is dead before
-- it is not read again.
-- Answers one row at least: time, whether the lease holds, whether anything is due, when to ask again
-- though nothing happens (if others have locked jobs that they may not take, at once, and soon if it got
-- none), whether all the above is so, what has come back to old places, then the fence and the columns
-- of a claim, if there are any jobs.
WITH moment AS MATERIALIZED (
    SELECT coalesce($3::bigint, clock) AS now, coalesce($4::bigint, clock) AS steady
    FROM (SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS clock) AS server
),
open AS MATERIALIZED (
    SELECT name, coalesce(
        rules::json ->> 'most', rules::json ->> 'tenant_most', rules::json ->> 'rate',
        rules::json ->> 'fair'
    ) IS NULL AND NOT EXISTS (
        SELECT FROM tidemill.rule WHERE kind = 'quota' AND rule.rules::json ->> 'most' IS NOT NULL
    ) AS is_free,
    coalesce(floor.rank, -2147483648) AS low_rank, coalesce(floor.ready_at, 0) AS low_ready_at
    FROM tidemill.queue LEFT JOIN unnest($8::text[], $9::bigint[], $10::bigint[])
        AS floor (queue, rank, ready_at)
        ON floor.queue = name AND $11::bigint = (SELECT last_value FROM tidemill.rewind)
    WHERE ($5::text[] IS NULL OR name = ANY ($5)) AND rules::json ->> 'paused' IS NULL
),
facts AS MATERIALIZED (
    SELECT now,
        EXISTS (
            SELECT FROM tidemill.lease WHERE name = $1 AND fence = $2 AND until > steady
        ) AS is_live,
        next_due, $7 OR coalesce(next_due > now, true) AS is_on_time
    FROM moment CROSS JOIN (
        SELECT min(ready_at) AS next_due FROM tidemill.job WHERE state IN ('scheduled', 'retrying')
    ) AS due
),
heads AS MATERIALIZED (
    SELECT head.*, is_free FROM open CROSS JOIN LATERAL (
        (
            SELECT rank, ready_at, seq FROM tidemill.job
            WHERE queue = name AND state = 'waiting' AND rank < low_rank
            ORDER BY rank, ready_at, seq LIMIT CASE WHEN is_free THEN 4 * $6::bigint ELSE 1 END
        )
        UNION ALL
        (
            SELECT rank, ready_at, seq FROM tidemill.job
            WHERE queue = name AND state = 'waiting' AND (rank, ready_at) >= (low_rank, low_ready_at)
            ORDER BY rank, ready_at, seq LIMIT CASE WHEN is_free THEN 4 * $6::bigint ELSE 1 END
        )
    ) AS head
    WHERE (SELECT is_live AND is_on_time FROM facts)
    ORDER BY rank, ready_at, seq LIMIT 4 * $6::bigint
),
line AS MATERIALIZED (
    SELECT free.seq,
        expires_at IS NOT NULL OR limit_key IS NOT NULL OR rate_key IS NOT NULL
        -- As `core.caution` has it, where a policy is silent on what is as usual, and more than one
        -- crash is usual.
        OR crashes > 0 OR attempt + 1 >= max_attempts
        OR coalesce((policy::json ->> 'crashes')::int <= 1, false)
        OR task IN (
            SELECT name FROM tidemill.rule WHERE kind = 'task' AND rules::json ->> 'paused' IS NOT NULL
        ) AS is_special
    FROM heads CROSS JOIN LATERAL (
        -- By its number alone: said plainly, the state would have an index of those that wait be read
        -- instead, from end to end, which is planned while hardly any wait.
        SELECT job.* FROM tidemill.job WHERE job.seq = heads.seq AND state || '' = 'waiting'
        FOR UPDATE SKIP LOCKED
    ) AS free
    WHERE NOT EXISTS (SELECT FROM heads WHERE NOT is_free)
    LIMIT $6
),
drawn AS MATERIALIZED (
    SELECT nextval('tidemill.fence') AS fence
    WHERE EXISTS (SELECT FROM line) AND NOT EXISTS (SELECT FROM line WHERE is_special)
),
taken AS (
    UPDATE tidemill.job
    SET state = 'running', fence = drawn.fence, worker = $2, started_at = now,
        attempt = attempt + 1, unique_until = nullif(unique_until, 'started')
    FROM drawn CROSS JOIN moment
    -- Drawn before it waited its turn, a fence could be smaller than the last one of a job.
    WHERE seq = ANY (ARRAY(SELECT seq FROM line)) AND job.fence < drawn.fence
    RETURNING job.*
)
SELECT
    now, is_live, coalesce(next_due <= now, false),
    CASE
        WHEN next_due <= now
            OR (SELECT count(*) FROM line) < least($6::bigint, (SELECT count(*) FROM heads))
            THEN CASE WHEN fence IS NULL THEN now + 10 ELSE now END
        ELSE next_due
    END,
    is_on_time AND NOT EXISTS (SELECT FROM heads WHERE NOT is_free)
        AND NOT EXISTS (SELECT FROM line WHERE is_special),
    (SELECT last_value FROM tidemill.rewind),
    fence, id, seq, task, queue, tenant, args, attempt, crashes, -rank, timeout,
    convert_to(policy, 'UTF8'), created_at, ready_at, checkpoint, source, tags, headers
FROM facts LEFT JOIN taken ON true
ORDER BY rank, ready_at, seq
