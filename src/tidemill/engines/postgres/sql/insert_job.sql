-- Store jobs, each unless its id is known already, live or finished, or its unique key is held.
-- One statement, so it may stand alone. A list for each column; changes a row for each that is new.
INSERT INTO tidemill.job (
    id, task, queue, tenant, state, rank, ready_at, created_at, max_attempts, expires_at, timeout,
    gate, unique_key, unique_until, limit_key, limit_most, rate_key, rate, batch, tags, source,
    headers, policy, args
)
SELECT
    id, task, queue, tenant, state, rank, ready_at, created_at, max_attempts, expires_at, timeout,
    gate, unique_key, unique_until, limit_key, limit_most, rate_key, rate, batch, tags, source,
    headers, policy, args
FROM unnest(
    $1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::bigint[],
    $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[], $12::text[], $13::text[], $14::text[],
    $15::text[], $16::integer[], $17::text[], $18::text[], $19::text[], $20::text[], $21::text[],
    $22::text[], $23::text[], $24::bytea[]
) WITH ORDINALITY AS given (
    id, task, queue, tenant, state, rank, ready_at, created_at, max_attempts, expires_at, timeout,
    gate, unique_key, unique_until, limit_key, limit_most, rate_key, rate, batch, tags, source,
    headers, policy, args, place
)
WHERE NOT EXISTS (SELECT 1 FROM tidemill.done WHERE done.id = given.id)
    -- One that is being moved there just now is met by no index, once that is done.
    AND NOT EXISTS (SELECT 1 FROM tidemill.job AS live WHERE live.id = given.id)
ORDER BY place
ON CONFLICT DO NOTHING
