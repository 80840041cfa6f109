-- Finished jobs of a state that have been kept long enough, oldest first, but for some queues.
SELECT finished_at, seq, id FROM done INDEXED BY done_finished
WHERE state = ? AND finished_at <= ? AND queue NOT IN (SELECT value FROM json_each(?))
ORDER BY finished_at LIMIT ?
