-- These jobs wait for nobody any more.
DELETE FROM edge WHERE child IN (SELECT value FROM json_each(?))
