-- Store jobs as `insert_plain` does of whose ids nobody can know, so that nobody looks for them.
-- One statement, so it may stand alone. A list is taken apart in its order, which is that of the rows.
INSERT INTO tidemill.job (
    id, args, task, queue, tenant, state, rank, ready_at, created_at, max_attempts, expires_at, timeout,
    tags, source, headers, policy
)
SELECT
    id, args, task, queue, tenant,
    CASE WHEN due_at > now THEN 'scheduled' ELSE 'waiting' END, rank, greatest(due_at, now), now,
    max_attempts, expires_at, timeout, tags, source, headers, policy
FROM (
    SELECT *, coalesce($15::bigint, (extract(epoch FROM statement_timestamp()) * 1000)::bigint) AS now
    FROM unnest(
        $1::text[], $2::bytea[], $3::text[], $4::text[], $5::text[], $6::integer[], $7::bigint[],
        $8::integer[], $9::bigint[], $10::bigint[], $11::text[], $12::text[], $13::text[],
        $14::text[]
    ) AS given (
        id, args, task, queue, tenant, rank, due_at, max_attempts, expires_at, timeout, tags, source,
        headers, policy
    )
) AS dated
