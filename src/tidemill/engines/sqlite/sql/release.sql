-- Let parked jobs back into the line, at the place they had; or, debounced, until they are due.
UPDATE job SET state = CASE WHEN ready_at > ?1 THEN 'scheduled' ELSE 'waiting' END, gate = ''
WHERE seq IN (SELECT value FROM json_each(?2))
