-- The line of one queue, in the order in which jobs start: so many of it behind a place.
SELECT
    rank, ready_at, seq,
    id, seq, task, queue, tenant, args, attempt + 1, crashes, -rank, timeout,
    convert_to(policy, 'UTF8'), created_at, ready_at, checkpoint, source, tags, headers,
    expires_at, limit_key, limit_most, rate_key, rate
FROM tidemill.job
WHERE queue = $1 AND state = 'waiting'
    AND (rank, ready_at, seq) > ($2, $3, $4)
ORDER BY rank, ready_at, seq LIMIT $5
FOR UPDATE SKIP LOCKED
