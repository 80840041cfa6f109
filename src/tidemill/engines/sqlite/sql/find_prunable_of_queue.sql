-- Finished jobs of a state in one queue that have been kept long enough, oldest first.
SELECT finished_at, seq, id FROM done INDEXED BY done_finished
WHERE state = ? AND finished_at <= ? AND queue = ?
ORDER BY finished_at LIMIT ?
