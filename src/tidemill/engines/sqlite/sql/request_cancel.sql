-- Ask running jobs to stop.
UPDATE job SET cancel_reason = ?1
WHERE state = 'running' AND seq IN (SELECT value FROM json_each(?2))
