-- The first jobs in the line of a gate.
SELECT seq, queue, limit_most, rate FROM tidemill.job
WHERE gate = $1 AND state = 'blocked'
ORDER BY rank, ready_at, seq LIMIT $2
