-- Under which fence jobs finished.
SELECT seq, fence FROM done WHERE seq IN (SELECT value FROM json_each(?))
