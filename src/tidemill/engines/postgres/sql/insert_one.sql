-- Store one job as `insert_fresh` does. One statement, so it may stand alone.
INSERT INTO tidemill.job (
    id, args, task, queue, tenant, state, rank, ready_at, created_at, max_attempts, expires_at, timeout,
    tags, source, headers, policy
)
VALUES (
    $1, $2, $3, $4, $5,
    CASE WHEN $7::bigint > coalesce($15::bigint, (extract(epoch FROM statement_timestamp()) * 1000)::bigint)
        THEN 'scheduled' ELSE 'waiting' END,
    $6,
    greatest(
        $7::bigint, coalesce($15::bigint, (extract(epoch FROM statement_timestamp()) * 1000)::bigint)
    ),
    coalesce($15::bigint, (extract(epoch FROM statement_timestamp()) * 1000)::bigint),
    $8, $9, $10, $11, $12, $13, $14
)
