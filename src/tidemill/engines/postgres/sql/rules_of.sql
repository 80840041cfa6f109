-- What is set for one task or key, if anything.
SELECT rules FROM tidemill.rule WHERE kind = $1 AND name = $2
