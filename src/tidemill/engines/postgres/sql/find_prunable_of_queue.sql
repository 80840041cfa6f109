-- Finished jobs of a state in one queue that have been kept long enough, oldest first.
SELECT finished_at, seq, id FROM tidemill.done
WHERE state = $1 AND finished_at <= $2 AND queue = $3
ORDER BY finished_at LIMIT $4
