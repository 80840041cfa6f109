-- The rules set for tasks or keys.
SELECT name, rules FROM tidemill.rule WHERE kind = $1 ORDER BY name
