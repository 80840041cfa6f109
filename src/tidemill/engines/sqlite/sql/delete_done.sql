-- Take jobs out of history.
DELETE FROM done WHERE seq IN (SELECT value FROM json_each(?))
