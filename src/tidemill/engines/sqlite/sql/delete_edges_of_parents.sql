-- Nobody waits for these parents any more.
DELETE FROM edge WHERE parent IN (SELECT value FROM json_each(?))
