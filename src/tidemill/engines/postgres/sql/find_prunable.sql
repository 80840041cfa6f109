-- Finished jobs of a state that have been kept long enough, oldest first, but for some queues.
SELECT finished_at, seq, id FROM tidemill.done
WHERE state = $1 AND finished_at <= $2 AND queue NOT IN (SELECT value FROM json_array_elements_text($3::text::json))
ORDER BY finished_at LIMIT $4
