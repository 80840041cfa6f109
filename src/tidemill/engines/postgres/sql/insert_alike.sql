-- Store jobs as `insert_fresh` does that differ in nothing but their ids and arguments: what they have
-- in common is sent once. One statement, so it may stand alone.
INSERT INTO tidemill.job (
    id, args, task, queue, tenant, state, rank, ready_at, created_at, max_attempts, expires_at, timeout,
    tags, source, headers, policy
)
SELECT
    id, args, $3::text, $4::text, $5::text,
    CASE WHEN $7::bigint > now THEN 'scheduled' ELSE 'waiting' END, $6::bigint,
    greatest($7::bigint, now), now, $8::bigint, $9::bigint, $10::bigint, $11::text, $12::text,
    $13::text, $14::text
FROM (
    SELECT *, coalesce($15::bigint, (extract(epoch FROM statement_timestamp()) * 1000)::bigint) AS now
    FROM unnest($1::text[], $2::bytea[]) AS given (id, args)
) AS dated
