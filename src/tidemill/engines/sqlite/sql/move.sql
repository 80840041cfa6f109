-- Put jobs into another queue.
UPDATE job SET queue = ?1 WHERE seq IN (SELECT value FROM json_each(?2))
