-- Forget the attempts of jobs.
DELETE FROM attempt WHERE job IN (SELECT value FROM json_each(?))
