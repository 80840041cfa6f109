-- What is set for one task or key, if anything.
SELECT rules FROM rule WHERE kind = ? AND name = ?
