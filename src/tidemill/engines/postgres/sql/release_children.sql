-- Let those of these jobs go that wait for no parent any more.
UPDATE tidemill.job
SET state = CASE WHEN ready_at > $1 THEN 'scheduled' ELSE 'waiting' END,
    ready_at = greatest(ready_at, $1), gate = ''
WHERE seq = ANY (ARRAY(SELECT value::bigint FROM json_array_elements_text($2::text::json)))
    AND state = 'blocked' AND gate = 'after' AND waits_for <= 0
RETURNING queue
