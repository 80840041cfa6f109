-- How many jobs are in the line of a queue before a place, up to a number.
SELECT count(*) FROM (
    SELECT 1 FROM tidemill.job
    WHERE queue = $1 AND state = 'waiting' AND (rank, ready_at, seq) < ($2, $3, $4)
    LIMIT $5
) AS before
