-- Store one job unless its id is known already, live or finished, or its unique key is held.
-- Changes one row, or none when the job or the key's holder is there.
INSERT INTO tidemill.job (
    id, task, queue, tenant, state, rank, ready_at, created_at, max_attempts, expires_at, timeout,
    gate, unique_key, unique_until, limit_key, limit_most, rate_key, rate, batch, tags, source,
    headers, policy, args
)
SELECT
    $1, $2, $3, $4, $5, $6, $7, $8, $9, $10::bigint, $11::bigint,
    $12, $13, $14, $15, $16::integer, $17, $18, $19, $20, $21,
    $22, $23, $24
WHERE NOT EXISTS (SELECT 1 FROM tidemill.done WHERE id = $1)
    -- One that is being moved there just now is met by no index, once that is done.
    AND NOT EXISTS (SELECT 1 FROM tidemill.job AS live WHERE live.id = $1)
ON CONFLICT DO NOTHING
