-- Whether any job, live or finished, has one of these ids.
SELECT
    EXISTS (SELECT 1 FROM job WHERE id IN (SELECT value FROM json_each(?1)))
    OR EXISTS (SELECT 1 FROM done WHERE id IN (SELECT value FROM json_each(?1)))
