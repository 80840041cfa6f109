-- Store jobs that claim no key and wait for nothing, each unless its id is known, live or finished.
-- Answers the ids of those that are new.
INSERT INTO tidemill.job (
    id, task, queue, tenant, state, rank, ready_at, created_at, max_attempts, expires_at, timeout,
    tags, source, headers, policy, args
)
SELECT
    id, task, queue, tenant, state, rank, ready_at, $15, max_attempts, expires_at, timeout,
    tags, source, headers, policy, args
FROM unnest(
    $1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::integer[], $7::bigint[],
    $8::integer[], $9::bigint[], $10::bigint[], $11::text[], $12::text[], $13::text[], $14::text[],
    $16::bytea[]
) WITH ORDINALITY AS given (
    id, task, queue, tenant, state, rank, ready_at, max_attempts, expires_at, timeout, tags, source,
    headers, policy, args, place
)
WHERE NOT EXISTS (SELECT 1 FROM tidemill.done WHERE done.id = given.id)
ORDER BY place
ON CONFLICT DO NOTHING
RETURNING id
