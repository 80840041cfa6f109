-- Let those of these jobs go that wait for no parent any more.
UPDATE job
SET state = CASE WHEN ready_at > ?1 THEN 'scheduled' ELSE 'waiting' END,
    ready_at = max(ready_at, ?1), gate = ''
WHERE seq IN (SELECT value FROM json_each(?2))
    AND state = 'blocked' AND gate = 'after' AND waits_for <= 0
RETURNING queue
