-- Make jobs due at another time.
UPDATE job SET state = 'scheduled', ready_at = ?1 WHERE seq IN (SELECT value FROM json_each(?2))
