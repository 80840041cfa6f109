-- Store jobs that claim no key and wait for nothing, each unless its id is known, live or finished.
-- One statement, so it may stand alone. Answers the ids of those that are new.
INSERT INTO tidemill.job (
    id, args, task, queue, tenant, state, rank, ready_at, created_at, max_attempts, expires_at, timeout,
    tags, source, headers, policy
)
SELECT
    id, args, task, queue, tenant,
    CASE WHEN due_at > now THEN 'scheduled' ELSE 'waiting' END, rank, greatest(due_at, now), now,
    max_attempts, expires_at, timeout, tags, source, headers, policy
FROM unnest(
    $1::text[], $2::bytea[], $3::text[], $4::text[], $5::text[], $6::integer[], $7::bigint[],
    $8::integer[], $9::bigint[], $10::bigint[], $11::text[], $12::text[], $13::text[], $14::text[]
) WITH ORDINALITY AS given (
    id, args, task, queue, tenant, rank, due_at, max_attempts, expires_at, timeout, tags, source,
    headers, policy, place
)
CROSS JOIN (
    SELECT coalesce($15::bigint, (extract(epoch FROM clock_timestamp()) * 1000)::bigint) AS now
) AS clock
WHERE NOT EXISTS (SELECT 1 FROM tidemill.done WHERE done.id = given.id)
    -- One that is being moved there just now is met by no index, once that is done.
    AND NOT EXISTS (SELECT 1 FROM tidemill.job AS live WHERE live.id = given.id)
ORDER BY place
ON CONFLICT DO NOTHING
RETURNING id
