-- The rules set for tasks or keys.
SELECT name, rules FROM rule WHERE kind = ? ORDER BY name
