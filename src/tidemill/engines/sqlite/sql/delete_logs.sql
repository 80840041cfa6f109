-- Forget what jobs said.
DELETE FROM entry WHERE log IN (SELECT value FROM json_each(?))
