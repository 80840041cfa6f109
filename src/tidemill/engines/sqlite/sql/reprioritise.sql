-- Give jobs another priority.
UPDATE job SET rank = ?1 WHERE seq IN (SELECT value FROM json_each(?2))
