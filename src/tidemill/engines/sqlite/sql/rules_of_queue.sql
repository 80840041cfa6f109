-- What is set for one queue, if it is known.
SELECT rules FROM queue WHERE name = ?
