-- How many jobs are in the line of a queue before a place, up to a number.
SELECT count(*) FROM (
    SELECT 1 FROM job
    WHERE queue = ? AND state = 'waiting' AND (rank, ready_at, seq) < (?, ?, ?)
    LIMIT ?
)
