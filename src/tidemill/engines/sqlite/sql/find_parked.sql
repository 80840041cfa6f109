-- The first jobs in the line of a gate.
SELECT seq, queue, limit_most, rate FROM job INDEXED BY job_gate
WHERE gate = ? AND state = 'blocked'
ORDER BY rank, ready_at, seq LIMIT ?
