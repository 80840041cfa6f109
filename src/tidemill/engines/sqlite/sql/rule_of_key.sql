-- The rule set for one key, if any.
SELECT rules FROM rule WHERE kind = 'key' AND name = ?
