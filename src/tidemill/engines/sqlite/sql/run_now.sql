-- Make scheduled and retrying jobs due.
UPDATE job SET state = 'waiting', ready_at = ?1 WHERE seq IN (SELECT value FROM json_each(?2))
