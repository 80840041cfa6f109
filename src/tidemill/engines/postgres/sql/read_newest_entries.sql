-- The newest lines of a log behind a position and up to another, newest first.
SELECT position, at, topic, tenant, source, data FROM tidemill.entry
WHERE log = $1 AND position > $2 AND position <= $4 ORDER BY position DESC LIMIT $3
