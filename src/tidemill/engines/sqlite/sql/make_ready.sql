-- Put due jobs into the line.
UPDATE job SET state = 'waiting' WHERE seq IN (SELECT value FROM json_each(?))
