-- What is set for one queue, if it is known.
SELECT rules FROM tidemill.queue WHERE name = $1
