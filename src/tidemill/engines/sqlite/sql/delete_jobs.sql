-- Take finished or deleted jobs out of the hot table.
DELETE FROM job WHERE seq IN (SELECT value FROM json_each(?))
