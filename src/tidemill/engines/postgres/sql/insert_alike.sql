-- Store jobs as `insert_plain` does that differ in nothing but their ids and arguments: what they
-- have in common is sent once. One statement, so it may stand alone. Answers the ids of those that
-- are new.
INSERT INTO tidemill.job (
    id, task, queue, tenant, state, rank, ready_at, created_at, max_attempts, expires_at, timeout,
    tags, source, headers, policy, args
)
SELECT
    id, $3::text, $4::text, $5::text,
    CASE WHEN $7::bigint > now THEN 'scheduled' ELSE 'waiting' END, $6::bigint,
    greatest($7::bigint, now), now, $8::bigint, $9::bigint, $10::bigint, $11::text, $12::text,
    $13::text, $14::text, args
FROM unnest($1::text[], $2::bytea[]) WITH ORDINALITY AS given (id, args, place)
CROSS JOIN (
    SELECT coalesce($15::bigint, (extract(epoch FROM clock_timestamp()) * 1000)::bigint) AS now
) AS clock
WHERE NOT EXISTS (SELECT 1 FROM tidemill.done WHERE done.id = given.id)
    -- One that is being moved there just now is met by no index, once that is done.
    AND NOT EXISTS (SELECT 1 FROM tidemill.job AS live WHERE live.id = given.id)
ORDER BY place
ON CONFLICT DO NOTHING
RETURNING id
